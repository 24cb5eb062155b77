"""Ctrl-C (or a notebook's stop button) ends a long call within 100 ms, and what it worked on stays valid."""
import contextlib
import os
import signal
import threading
import time

import numpy as np
import pytest

import loquor

# The promise is 100 ms of an otherwise idle machine: what the computing threads may still do after the signal. Wall-clock
# time says little on a busy one.
PROMISE = 0.1
LATEST = 20.0


@contextlib.contextmanager
def interrupted(after):
    """Sends SIGINT after some seconds; the body must raise KeyboardInterrupt soon after."""
    sent = []

    def send():
        time.sleep(after)
        sent.append((time.process_time(), time.monotonic()))
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        yield
        thread.join()  # a body that ended too early is hit here, and the next assertion tells
        sent.append(None)
    computed, ended = time.process_time(), time.monotonic()
    thread.join()
    assert len(sent) == 1, "the call ended before the signal"
    assert computed - sent[0][0] < PROMISE * loquor.Runtime.shared().threads
    assert ended - sent[0][1] < LATEST


def test_prefill(endless):
    session = endless.session()
    session.append([1, 2])
    with interrupted(0.1):
        session.append([1] * 500_000)
    assert session.ids == [1, 2]
    assert np.array_equal(session.append([3]), endless.logits([1, 2, 3], last=1)[0])


def test_a_batch_of_long_prompts(endless):
    sessions = [endless.session() for _ in range(3)]
    batch = loquor.Batch(endless)
    for session in sessions:
        session.append([1, 2])
        batch.add(session, [1] * 300_000)
    with interrupted(0.1):
        batch.step()
    for session in sessions:
        assert session.ids == [1, 2]
        assert np.array_equal(session.append([3]), endless.logits([1, 2, 3], last=1)[0])


def test_logits(endless):
    with interrupted(0.1):
        endless.logits([1] * 500_000, last=1)
    assert endless.logits([1]).shape == (1, 79)


def test_generate(endless):
    with interrupted(0.1):
        endless.generate([1, 2, 3], eos_token_id=[])
    assert len(endless.generate([1, 2, 3], max_new_tokens=3).ids) == 3


def test_generate_a_list(endless):
    with interrupted(0.1):
        endless.generate([[1, 2, 3]] * 20, eos_token_id=[])
    assert len(endless.generate([[1, 2, 3]] * 2, max_new_tokens=3)) == 2


def test_a_stream_ends_where_it_is(endless):
    generation = endless.generation([1, 2, 3], eos_token_id=[])
    with interrupted(0.1):
        for _ in generation:
            pass
    assert len(generation.output.ids) > 0


def test_a_cancel_of_the_callers_own_stays_unset(endless):
    cancel = loquor.Cancel()
    with interrupted(0.1):
        endless.logits([1] * 500_000, last=1, cancel=cancel)
    assert not cancel.cancelled


def test_a_handler_that_returns_lets_the_call_go_on(llama, endless):
    calls = []
    before = signal.signal(signal.SIGINT, lambda *_: calls.append(1))
    try:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        output = endless.generate([1, 2, 3], eos_token_id=[], max_time=0.3)
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls == [1] and output.finish_reason == "time"


def test_load_prefill_and_generation_of_a_real_model(smollm2_path):
    with interrupted(0.05):
        loquor.Model(smollm2_path)
    model = loquor.Model(smollm2_path)
    session = model.session()
    with interrupted(0.2):
        session.append([5] * 8000)
    assert session.position == 0
    chat = model.chat()
    with interrupted(0.5):
        chat.send("Tell me a long story.", do_sample=False, eos_token_id=[])
    assert chat.send("What is the capital of France?", max_new_tokens=3).ids
