#!/usr/bin/env python3
"""Records, in sampler.json, the probabilities that transformers samples from, for many options.

Run by hand: python make_sampler.py. Made with transformers 5.23.0, torch 2.13.0.
The processors are the list that generate() itself builds from a GenerationConfig, run in double; a
case is kept only if the same tokens survive in float and with thresholds moved a little, so that
no rounding decides it.
"""

import json
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

ORDER = [
    "logit_bias (transformers: sequence_bias on single tokens)", "repetition_penalty (prompt and output)",
    "min_new_tokens", "temperature", "top_k", "top_p", "min_p", "typical_p",
]  # fmt: skip
THRESHOLDS = ("top_p", "min_p", "typical_p")

OPTIONS = [
    {},
    {"temperature": 0.7}, {"temperature": 1.8}, {"temperature": 0.05},
    {"top_k": 1}, {"top_k": 5}, {"top_k": 40}, {"top_k": 10000},
    {"top_p": 0.1}, {"top_p": 0.5}, {"top_p": 0.9}, {"top_p": 0.99}, {"top_p": 0.0},
    {"min_p": 0.02}, {"min_p": 0.2}, {"min_p": 1.0}, {"min_p": 0.0},
    {"typical_p": 0.1}, {"typical_p": 0.5}, {"typical_p": 0.95},
    {"repetition_penalty": 1.3}, {"repetition_penalty": 0.8}, {"repetition_penalty": 2.5},
    {"logit_bias": {"3": 4.0, "7": -2.5}}, {"logit_bias": {"0": -100.0, "11": 1.25, "12": 100.0}},
    {"min_new_tokens": 6, "eos_token_id": [2]}, {"min_new_tokens": 6, "eos_token_id": [2, 5]},
    {"min_new_tokens": 3, "eos_token_id": [2, 5]}, {"min_new_tokens": 4, "eos_token_id": [2]},
    {"temperature": 0.6, "top_p": 0.9}, {"temperature": 0.8, "top_k": 20, "top_p": 0.95},
    {"temperature": 1.5, "min_p": 0.1}, {"temperature": 0.9, "top_k": 30, "min_p": 0.05},
    {"top_k": 12, "typical_p": 0.7}, {"top_p": 0.8, "typical_p": 0.6, "temperature": 1.2},
    {"repetition_penalty": 1.2, "temperature": 0.7, "top_k": 40, "top_p": 0.9},
    {"repetition_penalty": 1.1, "logit_bias": {"4": 3.0, "9": -3.0}, "top_p": 0.7},
    {"repetition_penalty": 1.3, "min_new_tokens": 8, "eos_token_id": [1, 2], "top_k": 8},
    {"temperature": 0.5, "top_k": 25, "top_p": 0.98, "min_p": 0.01, "typical_p": 0.9},
    {"logit_bias": {"2": 8.0}, "min_new_tokens": 9, "eos_token_id": [2], "temperature": 1.3, "min_p": 0.03},
    {"repetition_penalty": 1.4, "temperature": 1.1, "top_k": 50, "top_p": 0.85, "min_p": 0.02,
     "typical_p": 0.95, "logit_bias": {"1": 2.0}, "min_new_tokens": 7, "eos_token_id": [3, 4]},
]  # fmt: skip


def processed(model, options, history, prompt_length, logits):
    options = dict(options)
    bias = options.pop("logit_bias", None)
    if bias:
        options["sequence_bias"] = {(int(token),): value for token, value in bias.items()}
    config = GenerationConfig(do_sample=True, **options)
    model._prepare_special_tokens(config, kwargs_has_attention_mask=True, device="cpu")
    processors = model._get_logits_processor(config, input_ids_seq_length=prompt_length, device="cpu")
    return processors(torch.tensor([history]), logits[None].clone())[0]


def is_decided(model, options, history, prompt_length, logits, kept):
    """Whether the surviving tokens stay the same in float and with thresholds moved by 1e-4."""
    variants = [(options, logits.float())]
    for name in THRESHOLDS:
        if 0 < options.get(name, 0) < 1:
            for factor in (1 - 1e-4, 1 + 1e-4):
                variants.append(({**options, name: options[name] * factor}, logits))
    return all(
        torch.equal(processed(model, changed, history, prompt_length, values).isfinite(), kept)
        for changed, values in variants
    )


def make_case(model, options, generator):
    while True:
        vocabulary = int(torch.randint(50, 201, (1,), generator=generator))
        spread = 0.5 + 3 * torch.rand(1, generator=generator).item()
        logits = (spread * torch.randn(vocabulary, generator=generator)).mul(1e4).round().div(1e4).double()
        history = torch.randint(0, vocabulary, (12,), generator=generator).tolist()
        prompt_length = 8
        scores = processed(model, options, history, prompt_length, logits)
        kept = scores.isfinite()
        if is_decided(model, options, history, prompt_length, logits, kept):
            break
    return {
        "options": options,
        "prompt_length": prompt_length,
        "history": history,
        "logits": [round(value, 4) for value in logits.tolist()],
        "kept": int(kept.sum()),
        "probabilities": [float(f"{value:.9g}") for value in scores.softmax(-1).tolist()],
    }


def main():
    torch.set_num_threads(1)
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                    num_attention_heads=1, eos_token_id=None)
    )  # fmt: skip
    generator = torch.Generator().manual_seed(3)
    cases = [make_case(model, options, generator) for options in OPTIONS]
    lines = ",\n".join(json.dumps(case) for case in cases)
    path = Path(__file__).with_name("sampler.json")
    path.write_text(f'{{"order": {json.dumps(ORDER)},\n"cases": [\n{lines}\n]}}\n')
    for case in cases:
        print(case["options"], "keeps", case["kept"], "of", len(case["logits"]))


if __name__ == "__main__":
    main()
