"""Encoders and encoder-decoders on ids, against the golden values of tests/golden/make_families.py."""

import numpy as np
import pytest
from conftest import GOLDEN, read_safetensors

import loquor


def close(found, wanted):
    return np.abs(found - wanted).max() <= 2e-5 * np.abs(wanted).max()


def test_an_encoder_gives_logits_and_hidden_states():
    values = read_safetensors(GOLDEN / "roberta" / "expected.safetensors")
    model = loquor.Model(GOLDEN / "roberta", compute_type="f32")
    assert close(model.logits(values["ids"]), values["logits"])
    assert close(model.logits(values["ids"], last=2), values["logits"][-2:])
    for found, index in zip(model.hidden_states(values["ids"]), range(3), strict=True):
        assert close(found, values[f"hidden_states.{index}"])


def test_a_pooled_head_gives_one_row():
    values = read_safetensors(GOLDEN / "roberta_sequence" / "expected.safetensors")
    model = loquor.Model(GOLDEN / "roberta_sequence", compute_type="f32")
    assert close(model.logits(values["ids"]), values["logits"][None])


def test_an_encoder_decoder_reads_its_source_once():
    values = read_safetensors(GOLDEN / "bart" / "expected.safetensors")
    model = loquor.Model(GOLDEN / "bart", compute_type="f32")
    ids, decoder_ids = values["ids"], values["decoder_ids"]
    assert close(model.logits(ids, decoder_ids), values["logits"])
    assert close(model.logits(ids, decoder_ids, last=2), values["logits"][-2:])
    assert close(model.hidden_states(ids)[-1], values["encoder_hidden_states.2"])
    assert close(model.hidden_states(ids, decoder_ids)[-1], values["hidden_states.2"])
    with model.session() as session:
        session.encode(ids)
        assert session.source_ids == list(ids)
        session.append(decoder_ids[:3])
        with session.fork() as fork, model.session() as restored:
            restored.restore(fork.save())
            assert restored.source_ids == list(ids)
            for other in (session, fork, restored):
                assert close(other.append(decoder_ids[3:]), values["logits"][-1])


def test_what_a_model_lacks_is_named():
    encoder = loquor.Model(GOLDEN / "bert", compute_type="f32")
    with pytest.raises(loquor.Unsupported, match="encoder-only"):
        encoder.session()
    with pytest.raises(loquor.Unsupported, match="encoder-only"):
        encoder.generate([1, 2, 3])
    with pytest.raises(loquor.Unsupported, match="no head"):
        loquor.Model(GOLDEN / "bert_model", compute_type="f32").logits([1, 2, 3])
    with pytest.raises(loquor.ContextFull, match="41 tokens do not fit: the model has 40"):
        encoder.logits([1] * 41)
    with loquor.Model(GOLDEN / "bart", compute_type="f32").session() as session:
        with pytest.raises(ValueError, match="encode"):
            session.append([3])
    with loquor.Model(GOLDEN / "llama", compute_type="f32").session() as session:
        with pytest.raises(loquor.Unsupported, match="decoder-only"):
            session.encode([3])
