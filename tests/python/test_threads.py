"""Python's threads: the GIL is free during a call, and an object that serves one thread says so."""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import loquor


def test_threads_share_a_model(llama, llama_expected):
    ids = llama_expected["ids"]
    expected = llama.logits(ids)
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(row, expected) for row in pool.map(lambda _: llama.logits(ids), range(40)))


def test_other_threads_run_while_a_call_computes(endless):
    cancel = loquor.Cancel()
    thread = threading.Thread(target=lambda: pytest.raises(loquor.Cancelled, endless.logits,
                                                           [1] * 200_000, last=1, cancel=cancel))
    thread.start()
    began = time.monotonic()
    turns = 0
    while time.monotonic() - began < 0.2:
        turns += 1
    assert thread.is_alive() and turns > 1000
    cancel.cancel()
    thread.join(5)
    assert not thread.is_alive()


def test_a_second_thread_in_a_session_is_refused(endless):
    session = endless.session(cancel=(cancel := loquor.Cancel()))
    thread = threading.Thread(target=lambda: pytest.raises(loquor.Cancelled, session.append, [1] * 200_000))
    thread.start()
    deadline = time.monotonic() + 5
    found = None
    while found is None and time.monotonic() < deadline:
        try:
            session.position
        except loquor.Busy as error:
            found = error
    cancel.cancel()
    thread.join(5)
    cancel.reset()
    assert isinstance(found, RuntimeError) and "session" in str(found)
    assert session.position == 0 and session.append([1]).shape == (79,)
