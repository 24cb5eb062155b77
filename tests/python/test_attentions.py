"""Attentions as arrays, against transformers' (tests/golden/make_attentions.py), and what is refused."""

import numpy as np
import pytest
from conftest import GOLDEN, read_safetensors

import loquor

EXPECTED = read_safetensors(GOLDEN / "attentions.safetensors")


def opened(name):
    ids = read_safetensors(GOLDEN / name / "expected.safetensors")
    return loquor.Model(GOLDEN / name, compute_type="f32"), ids["ids"][:11], ids.get("decoder_ids", [])[:7]


def check(found, name, layers):
    assert isinstance(found, list)
    for index, (layer, _) in enumerate(zip(found, range(layers), strict=True)):
        wanted = EXPECTED[f"{name}.{index}"]
        assert layer.shape == wanted.shape and layer.dtype == np.float32
        assert np.abs(layer - wanted).max() <= 2e-5
        assert not layer[wanted == 0].any()
        np.testing.assert_allclose(layer.sum(axis=-1), 1, atol=1e-6)


@pytest.mark.parametrize(("name", "layers"), [("mistral", 2), ("gemma2", 3), ("albert", 3), ("t5_encoder", 3)])
def test_attentions_are_those_of_transformers(name, layers):
    model, ids, _ = opened(name)
    check(model.attentions(ids), f"{name}.attentions", layers)


@pytest.mark.parametrize("name", ["bart", "t5"])
def test_an_encoder_decoder_has_three_kinds(name):
    model, ids, decoder_ids = opened(name)
    check(model.attentions(ids), f"{name}.attentions", 2 if name == "bart" else 3)
    check(model.attentions(ids, decoder_ids), f"{name}.decoder_attentions", 2)
    check(model.cross_attentions(ids, decoder_ids), f"{name}.cross_attentions", 2)


def test_what_does_not_fit_the_model_is_refused():
    bart, ids, decoder_ids = opened("bart")
    bert, llama = opened("bert")[0], opened("llama")[0]
    with pytest.raises(TypeError, match="cross_attentions"):
        bart.cross_attentions(ids)
    with pytest.raises(loquor.InvalidArgument, match="no token ids were given"):
        bart.cross_attentions(ids, [])
    with pytest.raises(loquor.Unsupported, match="encoder-only"):
        bert.attentions(ids, decoder_ids)
    with pytest.raises(loquor.Unsupported, match="decoder-only"):
        llama.cross_attentions(ids, decoder_ids)
    with pytest.raises(loquor.ContextFull, match="41 tokens do not fit"):
        bert.attentions([1] * 41)
    with pytest.raises(loquor.ContextFull, match="65 tokens do not fit"):
        llama.attentions([1] * 65)
    with pytest.raises(loquor.InvalidArgument, match="1000"):
        bart.attentions([3, 1000])


def test_what_would_fill_the_memory_is_refused():
    runtime = loquor.Runtime(memory_limit=64 << 20)
    model = loquor.Model(GOLDEN / "t5_encoder", compute_type="f32", runtime=runtime)
    with pytest.raises(MemoryError, match="attentions needs 324000000 bytes"):
        model.attentions([7] * 3000)
    with pytest.raises(MemoryError, match="too large"):
        loquor.Model(GOLDEN / "t5_encoder", compute_type="f32").attentions([7] * 20000)
    assert len(model.attentions([7] * 30)) == 3


def test_a_set_cancel_ends_it():
    model, ids, decoder_ids = opened("bart")
    cancel = loquor.Cancel()
    cancel.cancel()
    for call in (model.attentions, model.cross_attentions):
        with pytest.raises(loquor.Cancelled):
            call(ids, decoder_ids, cancel=cancel)
