"""The tasks of encoders from Python, against what transformers' pipelines gave (tests/golden/make_tasks.py)."""
import json

import numpy as np
import pytest

import loquor
from conftest import GOLDEN


def opened(name):
    folder = GOLDEN / f"tasks_{name}"
    return loquor.Model(folder, compute_type="f32"), json.loads((folder / "expected.json").read_text())


def close(found, expected):
    return found == pytest.approx(expected, abs=2e-5)


def test_embed_gives_rows():
    model, expected = opened("embed")
    rows = model.embed(expected["texts"], role="query")
    assert rows.dtype == np.float32 and np.allclose(rows, expected["query"], atol=2e-5)
    one = model.embed(expected["texts"][0])
    assert one.shape == (24,) and np.allclose(one, expected["document"][0], atol=2e-5)
    assert np.array_equal(one, model.embed(np.array(model.tokenizer.encode(expected["texts"][0]))))
    alike = model.similarity(expected["texts"], rows)
    assert alike.shape == (4, 4) and np.allclose(alike, np.array(expected["document"]) @ rows.T, atol=1e-4)


def test_labels_of_texts_and_pairs():
    model, expected = opened("entail")
    found = model.classify(expected["texts"])
    for labels, wanted in zip(found, expected["default"], strict=True):
        assert [entry["label"] for entry in labels] == [label for label, _ in wanted]
        assert close([entry["score"] for entry in labels], [score for _, score in wanted])
    pair = model.classify(tuple(expected["pairs"][0]), top_k=1)
    assert pair[0]["label"] == expected["default_pairs"][0][0][0]
    scores = model.zero_shot(expected["texts"][0], expected["candidates"])
    assert [[entry["label"], pytest.approx(entry["score"], abs=2e-5)] for entry in scores] == expected["zero_shot"][0]


def test_tag_counts_characters():
    model, expected = opened("tag")
    found = model.tag(expected["texts"], aggregation_strategy="first")
    for entities, wanted in zip(found, expected["first"], strict=True):
        places = [[e["label"], pytest.approx(e["score"], abs=2e-5), e["word"], e["start"], e["end"]] for e in entities]
        assert places == wanted


def test_tag_reads_long_texts_in_windows():
    model, _ = opened("tag_bytes")
    recorded = json.loads((GOLDEN / "tasks_tag_bytes" / "stride.json").read_text())
    for call in recorded["calls"]:
        for text, wanted in zip(recorded["texts"], call["entities"], strict=True):
            found = model.tag(text, **call["options"])
            assert [[e["label"], pytest.approx(e["score"], abs=2e-5), e["word"], e["start"], e["end"]] for e in found] == wanted


def test_fill_mask_and_score():
    model, expected = opened("mask")
    fills = model.fill_mask(expected["texts"][0])
    assert [fill["token"] for fill in fills[0]] == [token for _, token, _, _ in expected["default"][0][0]]
    score = model.score(expected["scored"][0])
    assert close(score["log_probabilities"].tolist(), expected["scores"][0])
    assert [len(one["ids"]) for one in model.score([tuple(p) for p in expected["pairs"]])] == [
        len(scores) for scores in expected["pair_scores"]]


def test_rerank_and_answer():
    model, expected = opened("rerank")
    ranked = model.rerank(expected["query"], expected["texts"])
    for entry in ranked:
        assert close(entry["score"], expected["sigmoid"][entry["index"]])
    model, expected = opened("answer")
    question, context = expected["questions"][0]
    text, score, start, end = expected["calls"][0]["answers"][0][0]
    (answer,) = model.answer(question, context)
    assert answer == {"text": text, "score": pytest.approx(score, abs=2e-5), "start": start, "end": end}
    assert model.answer([question], [context]) == [[answer]]


def test_progress_and_what_is_refused():
    model, expected = opened("embed")
    seen = []
    model.embed(["the night"] * 20, batch_tokens=10, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (20, 20) and seen == sorted(seen)
    with pytest.raises(loquor.Unsupported, match="no classification head: its class is BertModel"):
        model.classify("a")
    with pytest.raises(loquor.InvalidArgument, match="no inputs were given"):
        model.embed([])
    with pytest.raises(loquor.ContextFull, match="set truncation to head or tail"):
        model.embed("the " * 100)
    cancel = loquor.Cancel()
    with pytest.raises(loquor.Cancelled):
        model.embed(["the night"] * 20, batch_tokens=10, cancel=cancel, progress=lambda *_: cancel.cancel())
