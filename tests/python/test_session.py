"""Session and Batch."""
import numpy as np
import pytest

import loquor


def test_ids_in_parts_give_the_bits_of_the_whole(llama, llama_expected):
    ids = llama_expected["ids"]
    whole = llama.logits(ids)
    session = llama.session()
    assert np.array_equal(session.append(ids[:5]), whole[4])
    assert np.array_equal(session.append(ids[5:], last=3), whole[-3:])
    assert session.position == len(ids) and session.ids == ids.tolist()


def test_rewind_and_fork_go_on_alone(llama, llama_expected):
    ids = llama_expected["ids"].tolist()
    session = llama.session()
    session.append(ids[:6])
    fork = session.fork()
    expected = session.append(ids[6:])
    assert fork.position == 6 and fork.model is llama
    assert np.array_equal(fork.append(ids[6:]), expected)
    session.rewind(6)
    assert np.array_equal(session.append(ids[6:]), expected)


def test_a_saved_session_goes_on_in_another(llama, llama_expected):
    ids = llama_expected["ids"]
    session = llama.session()
    session.append(ids[:6])
    state = session.save()
    other = llama.session()
    other.restore(state)
    assert isinstance(state, bytes)
    assert np.array_equal(other.append(ids[6:]), session.append(ids[6:]))


def test_a_damaged_state_is_refused_and_changes_nothing(llama):
    session = llama.session()
    session.append([1, 2, 3])
    state = bytearray(session.save())
    state[-1] ^= 1
    for bad in (state, state[:20], b""):
        with pytest.raises(loquor.InvalidFile):
            session.restore(bad)
    assert session.ids == [1, 2, 3]


def test_a_batch_gives_each_session_the_bits_that_it_has_alone(llama, llama_expected):
    ids = llama_expected["ids"]
    sessions = [llama.session() for _ in range(3)]
    parts = [ids[:4], ids[:9], ids[:1]]
    batch = loquor.Batch(llama)
    for session, part in zip(sessions, parts):
        batch.add(session, part)
    rows = batch.step()
    assert rows.shape == (3, 79)
    for session, part, row in zip(sessions, parts, rows):
        assert np.array_equal(row, llama.logits(part, last=1)[0])
        assert session.ids == part.tolist()


def test_a_batch_keeps_its_sessions_alive(llama):
    batch = loquor.Batch(llama).add(llama.session(), [1]).add(llama.session(), [2])
    assert batch.step().shape == (2, 79)
    with pytest.raises(loquor.InvalidArgument, match="empty"):
        batch.step()


def test_a_cancelled_batch_leaves_its_sessions_as_they_were(llama):
    cancel = loquor.Cancel()
    sessions = [llama.session(), llama.session(cancel=cancel)]
    batch = loquor.Batch(llama).add(sessions[0], [1]).add(sessions[1], [2])
    cancel.cancel()
    with pytest.raises(loquor.Cancelled):
        batch.step()
    assert [session.position for session in sessions] == [0, 0]
    batch.add(sessions[0], [1])
    assert batch.step().shape == (1, 79)


def test_a_generation_continues_a_session(llama):
    session = llama.session()
    session.append([1, 2])
    output = loquor.Generation(session, [3], max_new_tokens=4).finish()
    assert output.ids == llama.generate([1, 2, 3], max_new_tokens=4).ids
    assert output.timings.cached_tokens == 2
    assert session.ids[:3] == [1, 2, 3]


def test_a_generation_keeps_its_session_alive(llama):
    generation = loquor.Generation(llama.session(), [1, 2, 3], max_new_tokens=4)
    assert len(list(generation)) == 4


def test_a_closed_session_says_so(llama):
    with llama.session() as session:
        session.append([1])
    with pytest.raises(loquor.InvalidArgument, match="the session is closed"):
        session.append([1])


def test_a_full_session_says_so_and_stays_as_it_was(llama):
    session = llama.session(context_length=4)
    session.append([1, 2, 3])
    with pytest.raises(loquor.ContextFull, match="4"):
        session.append([4, 5])
    assert session.ids == [1, 2, 3]
    session.append([4])
