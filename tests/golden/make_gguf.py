#!/usr/bin/env python3
"""Converts golden models to GGUF with llama.cpp's own converter, into gguf/.

Run by hand: python make_gguf.py LLAMA_CPP, a checkout of https://github.com/ggml-org/llama.cpp (here: the one in
llama-cpp-python 0.3.36). Made with torch 2.13.0, transformers 5.23.0, gguf of the checkout.

Where the format has no place for what a config says, the config is changed first, and transformers gives the
expected values of that. The tiny models have no tokenizers: their vocabulary is left out, but for tasks_embed.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file

LLAMA_CPP = Path(sys.argv[1])
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py")]  # its own gguf goes before an installed one

import gguf  # noqa: E402
from conversion import ModelBase, get_model_class  # noqa: E402

import make_families  # noqa: E402
import make_golden  # noqa: E402
from make_golden import HERE  # noqa: E402

FOLDER = HERE / "gguf"

# Changes of a config that leave the model as it is: converters look for these keys.
ADDED = {
    "deepseek_v3": {"scoring_func": "sigmoid"},
    "modernbert_sequence": {"layer_norm_eps": 1e-5},
}
# Changes that make another model: no windows in "llama", one distance in all T5, one mscale, not two; of YaRN no ends
# between dimensions, and no attention_factor, since what a file says of it is not clear.
CHANGED = {
    "llama_yarn": {"rope_parameters.attention_factor": None, "rope_parameters.truncate": True},
    "mistral": {"sliding_window": None},
    "mixtral": {"sliding_window": None},
    "deepseek_v3": {"rope_parameters.mscale": 1.5},
    "t5": {"relative_attention_max_distance": 128},
    "t5_gated": {"relative_attention_max_distance": 128},
    "t5_encoder": {"relative_attention_max_distance": 128},
}
UNCHANGED = ["glm", "glm4", "bert_model", "roberta_sequence", "distilbert_sequence", "modernbert_sequence"]


def copy_of(name, folder):
    for path in (HERE / name).iterdir():
        if path.name in ("config.json", "model.safetensors") or name == "tasks_embed":
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    for key, value in {**ADDED.get(name, {}), **CHANGED.get(name, {})}.items():
        *sections, last = key.split(".")
        place = config
        for section in sections:
            place = place[section]
        place[last] = value
    path.write_text(json.dumps(config))
    if name == "glm":
        rename_to_chatglm(folder, config)


def rename_to_chatglm(folder, glm):
    """GLM-4 as first published, which is what the converter reads in full."""
    config = {
        "architectures": ["ChatGLMModel"], "model_type": "chatglm", "num_layers": glm["num_hidden_layers"],
        "padded_vocab_size": glm["vocab_size"], "vocab_size": glm["vocab_size"], "hidden_size": glm["hidden_size"],
        "ffn_hidden_size": glm["intermediate_size"], "num_attention_heads": glm["num_attention_heads"],
        "multi_query_group_num": glm["num_key_value_heads"], "seq_length": glm["max_position_embeddings"],
        "layernorm_epsilon": glm["rms_norm_eps"], "attention_dim": glm["head_dim"],
        "rope_ratio": glm["rope_parameters"]["rope_theta"] / 10000,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    tensors = load_file(folder / "model.safetensors")
    renamed = {
        "transformer.embedding.word_embeddings.weight": tensors["model.embed_tokens.weight"],
        "transformer.encoder.final_layernorm.weight": tensors["model.norm.weight"],
        "transformer.output_layer.weight": tensors["lm_head.weight"],
    }
    for layer in range(glm["num_hidden_layers"]):
        old, new = f"model.layers.{layer}", f"transformer.encoder.layers.{layer}"
        for kind in ("weight", "bias"):
            parts = [tensors[f"{old}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            renamed[f"{new}.self_attention.query_key_value.{kind}"] = torch.cat(parts)
        for theirs, ours in {
            "input_layernorm": "input_layernorm", "post_attention_layernorm": "post_attention_layernorm",
            "self_attention.dense": "self_attn.o_proj", "mlp.dense_h_to_4h": "mlp.gate_up_proj",
            "mlp.dense_4h_to_h": "mlp.down_proj",
        }.items():  # fmt: skip
            renamed[f"{new}.{theirs}.weight"] = tensors[f"{old}.{ours}.weight"]
    save_file(renamed, folder / "model.safetensors", {"format": "pt"})


def write_older_experts(model):
    """Mixtral as files before April 2024 have it: each expert a tensor."""
    add = model.gguf_writer.add_tensor

    def add_apart(name, tensor, *arguments, **options):
        if "_exps" not in name:
            return add(name, tensor, *arguments, **options)
        for index, expert in enumerate(numpy.asarray(tensor)):
            add(name.replace("_exps.", f".{index}."), expert, *arguments, **options)

    model.gguf_writer.add_tensor = add_apart


def write_older_latents(model):
    """DeepSeek-V3 as files before April 2025 have it: kv_b whole, the heads' own widths."""
    config, writer = model.hparams, model.gguf_writer
    add = writer.add_tensor
    stored = load_file(model.dir_model / "model.safetensors")

    def add_whole(name, tensor, *arguments, **options):
        if "attn_v_b" in name:
            return
        if "attn_k_b" in name:
            tensor = stored[f"model.layers.{name.split('.')[1]}.self_attn.kv_b_proj.weight"].numpy()
        add(name.replace("attn_k_b", "attn_kv_b"), tensor, *arguments, **options)

    heads, key, value = config["num_attention_heads"], config["qk_head_dim"], config["v_head_dim"]
    for method, number in {"head_count_kv": heads, "key_length": key, "value_length": value}.items():
        setattr(writer, f"add_{method}", lambda _, m=method, n=number: getattr(type(writer), f"add_{m}")(writer, n))
    for method in ("key_length_mla", "value_length_mla"):
        setattr(writer, f"add_{method}", lambda _: None)
    writer.add_tensor = add_whole


def write_head_width(model):
    """ChatGLM's is width / heads; the golden model's is not. A key of the tokenizer goes with it."""
    model.gguf_writer.add_key_length(model.hparams["attention_dim"])
    model.gguf_writer.add_value_length(model.hparams["attention_dim"])
    model.gguf_writer.add_add_bos_token = lambda _: None


def convert(name, file=None, change=lambda model: None):
    print(file or name)
    with tempfile.TemporaryDirectory() as temporary, torch.inference_mode():
        folder = Path(temporary)
        copy_of(name, folder)
        kind = get_model_class(ModelBase.load_hparams(folder, False)["architectures"][0])
        members = {"model_arch": kind.model_arch, "set_vocab": kind._set_vocab_none}
        if name == "tasks_embed":
            members["set_vocab"] = kind.set_vocab
            members["get_vocab_base_pre"] = lambda self, tokenizer: "default"  # of an unknown tokenizer
        kind = type(kind.__name__, (kind,), members)
        out = FOLDER / f"{file or name}.gguf"
        model = kind(folder, gguf.LlamaFileType.ALL_F32, out, eager=True, model_name=name)
        change(model)
        model.write()
        out.chmod(0o644)


def convert_vocabulary(name, kind, file, config, tokenizer_config):
    """The vocabulary alone, of a SentencePiece model in tokenizer_classes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(HERE / "tokenizer_classes" / file, folder)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
        kind = get_model_class(kind)
        model = kind.__new__(kind)  # without the weights that it would look for
        model.dir_model, model.hparams = folder, config
        out = FOLDER / f"{name}.gguf"
        model.gguf_writer = gguf.GGUFWriter(out, gguf.MODEL_ARCH_NAMES[kind.model_arch])
        model.set_vocab()
        model.gguf_writer.write_header_to_file()
        model.gguf_writer.write_kv_data_to_file()
        model.gguf_writer.close()
        out.chmod(0o644)


def expect(name):
    """What transformers computes with the changed config."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy_of(name, folder)
        if name in make_golden.MODELS:
            values = make_golden.expected_values(folder, make_golden.MODELS[name][1], False, 3000)
            values = {key: value for key, value in values.items() if not key.startswith("grad.")}
        else:
            kind = make_families.MODELS[name][0]
            model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
            for module in model.modules():
                if type(module).__name__ == "T5LayerNorm":
                    module.forward = make_golden.rms_norm_in_double.__get__(module)
            values = make_families.expected_values(model, torch.Generator().manual_seed(3002))  # others need more than float
        save_file(values, FOLDER / f"{name}.safetensors")
        (FOLDER / f"{name}.safetensors").chmod(0o644)


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name in CHANGED:
        expect(name)
    for name in [*CHANGED, *UNCHANGED, "tasks_embed"]:
        convert(name, change=write_head_width if name == "glm" else lambda model: None)
    config = {"vocab_size": 300, "pad_token_id": 0, "eos_token_id": 1}
    convert_vocabulary("t5_vocabulary", "T5ForConditionalGeneration", "spiece.model", config, {})
    config = {"vocab_size": 302, "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
    ends = {"add_bos_token": True, "add_eos_token": True}
    convert_vocabulary("xlm_roberta_vocabulary", "XLMRobertaModel", "sentencepiece.bpe.model", config, ends)
    convert("mixtral", "mixtral_older", write_older_experts)
    convert("deepseek_v3", "deepseek_v3_older", write_older_latents)


if __name__ == "__main__":
    main()
