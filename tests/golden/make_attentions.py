#!/usr/bin/env python3
"""Makes attentions.safetensors: the attention probabilities of every tiny model, as transformers gives them.

Run by hand, after make_golden.py and make_families.py: python make_attentions.py. Made with torch 2.13.0,
transformers 5.23.0, safetensors 0.8.0 and numpy 2.4.6.

A layer's tensor is MODEL.KIND.LAYER, (H, rows, positions): KIND is `attentions` (of a decoder, or of an encoder),
`decoder_attentions` or `cross_attentions`. The ids are the first of those in the model's expected.safetensors, as
many as the tensor has rows or positions: more than any window and than the original context of a scaled rotation.

Of LONG, also single rows of a long sequence, which loquor reads in several chunks: MODEL.KIND.row_ROW.LAYER,
(H, positions); there id i of the decoder is (7 i^2 + 13 i) modulo the vocabulary's size.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
import transformers
from make_families import MODELS as FAMILIES
from make_golden import MODELS as DECODERS
from make_golden import attention, to_double
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
LENGTH = 11
# The original context of the first is 16; float is too coarse for what 11 ids make of the second.
LENGTHS = {"llama_dynamic": 19, "t5_gated": 13}
DECODER_LENGTH = 7
LONG = {"qwen2_window": [512, 599], "t5": [599]}
LONG_LENGTH = 600
EAGER = {"dtype": torch.float32, "attn_implementation": "eager"}


def opened(name):
    """In float, as transformers has it."""
    if name in DECODERS:
        return AutoModelForCausalLM.from_pretrained(HERE / name, **{**attention(HERE / name), **EAGER}).eval()
    kind, _ = FAMILIES[name]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / name, folder, dirs_exist_ok=True)
        path = Path(folder) / "config.json"
        config = json.loads(path.read_text())
        if config["model_type"] == "vaswani":  # which transformers calls Marian
            path.write_text(json.dumps({**config, "model_type": "marian", "architectures": ["MarianMTModel"]}))
        return kind.from_pretrained(folder, **EAGER).eval()


def attentions(model, ids, decoder_ids=None):
    """The layers of each kind, without the batch."""
    inputs = {"input_ids": ids[None].long()}
    if decoder_ids is not None:
        inputs["decoder_input_ids"] = decoder_ids[None].long()
    if type(model).__name__ == "BartForSequenceClassification":
        model = model.model  # which asks for no end of sequence in ids
    with torch.no_grad():
        output = model(**inputs, output_attentions=True)
    kinds = {"attentions": "attentions" if decoder_ids is None else "encoder_attentions"}
    if decoder_ids is not None:
        kinds |= {"decoder_attentions": "decoder_attentions", "cross_attentions": "cross_attentions"}
    found = {kind: [layer[0] for layer in output[name]] for kind, name in kinds.items()}
    for layer in sum(found.values(), []):
        assert (layer.sum(dim=-1) - 1).abs().max() < 1e-6  # softmax may be in float
    return found


def expected_values(name):
    model = opened(name)
    values = load_file(HERE / name / "expected.safetensors")
    ids, decoder_ids = values["ids"][: LENGTHS.get(name, LENGTH)], values.get("decoder_ids")
    if decoder_ids is not None:
        decoder_ids = decoder_ids[:DECODER_LENGTH]
    single = attentions(model, ids, decoder_ids)  # which also sets rotations that follow the length
    plain = name in FAMILIES or name == "llama_dynamic"
    model = model.double() if plain else to_double(model)
    tensors = {}
    for kind, layers in attentions(model, ids, decoder_ids).items():
        for index, layer in enumerate(layers):
            assert (layer - single[kind][index]).abs().max() < 1e-5, (name, kind, index)
            tensors[f"{name}.{kind}.{index}"] = layer
    if name in LONG:
        at = torch.arange(LONG_LENGTH)
        long_ids = (7 * at * at + 13 * at) % model.config.vocab_size
        found = attentions(model, long_ids) if decoder_ids is None else attentions(model, ids, long_ids)
        for kind, layers in found.items():
            if decoder_ids is not None and kind == "attentions":
                continue  # the encoder's
            for row in LONG[name]:
                tensors |= {f"{name}.{kind}.row_{row}.{index}": layer[:, row] for index, layer in enumerate(layers)}
    return {key: value.float().contiguous() for key, value in tensors.items()}


def main():
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    tensors = {}
    for name in [*DECODERS, *FAMILIES]:
        print(name)
        tensors |= expected_values(name)
    save_file(tensors, HERE / "attentions.safetensors")
    (HERE / "attentions.safetensors").chmod(0o644)


if __name__ == "__main__":
    main()
