#!/usr/bin/env python3
"""Records, in beams.json, what transformers' generate() gives for three golden decoders and all
encoder-decoders: beam search with each option, and greedy decoding with those that greedy takes.

Run by hand, after make_golden.py and make_families.py: python make_beams.py [MODEL ...]. Made with torch 2.13.0, transformers 5.23.0.

A prompt is taken where the model in double precision gives the same sequences, so that no rounding
decides them, where the options matter (without them something else comes) and, mostly, where a beam ends early. Ids that end the text are chosen among those that beams come upon, so that beams finish at
different lengths; the model's own are not used.
"""

import copy
import json
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, MarianConfig, MarianMTModel

from make_golden import to_double

HERE = Path(__file__).parent
DECODERS = ["gpt2", "llama", "qwen2"]
MODELS = [*DECODERS, "t5", "bart", "marian", "mbart", "pegasus", "m2m_100", "vaswani"]
RENORMALIZED = ["gpt2", "t5", "marian"]
BEAMS = {"num_beams": 4, "num_return_sequences": 4, "max_new_tokens": 12}


def divisible_rule(modulus):
    """The ids that prefix_allowed_tokens allows: those of which id + length leaves a remainder."""
    return lambda ids, vocabulary: [i for i in range(vocabulary) if (i + len(ids)) % modulus]


def cases(common, ends, repeats):
    """(options, what they are added to, length of the prompt).

    `common` are ids that beams come upon, `ends` those that end the text. Some random models say one id over and over
    unless repetition costs something.
    """
    a, b, c, d = common
    eos = {"eos_token_id": ends[:1], **({"repetition_penalty": 1.2} if repeats else {})}
    beams = {**BEAMS, **eos}
    for options in (
        {}, {"length_penalty": 2.0}, {"length_penalty": 0.0}, {"length_penalty": -1.0},
        {"early_stopping": True}, {"early_stopping": "never"},
        {"early_stopping": "never", "length_penalty": 0.0}, {"early_stopping": True, "length_penalty": 2.0},
        {"eos_token_id": ends}, {"eos_token_id": ends, "early_stopping": True}, {"eos_token_id": []},
        {"num_beams": 2, "num_return_sequences": 1}, {"num_beams": 7, "num_return_sequences": 3},
        {"num_beams": 50, "num_return_sequences": 5}, {"max_new_tokens": 1},
        {"repetition_penalty": 1.7}, {"repetition_penalty": 0.6}, {"no_repeat_ngram_size": 1},
        {"no_repeat_ngram_size": 2}, {"encoder_no_repeat_ngram_size": 1}, {"encoder_no_repeat_ngram_size": 2},
        {"min_length": 14}, {"min_new_tokens": 7}, {"bad_words_ids": [[a], [b, c], [c, d, a], ends[:1]]},
        {"suppress_tokens": [a, b]}, {"begin_suppress_tokens": [a, c, d]}, {"forced_eos_token_id": d},
        {"forced_eos_token_id": [c], "length_penalty": 0.5}, {"prefix_allowed_modulus": 3},
        {"prefix_allowed_modulus": 2, "suppress_tokens": [a]},
        {"sequence_bias": [[[a], 1.5], [[b, c], -3.0], [[c], 2.5], [[d, a, b], 4.0]]},
        {"eos_token_id": ends, "early_stopping": "never", "length_penalty": 1.3, "repetition_penalty": 1.2,
         "no_repeat_ngram_size": 2, "min_new_tokens": 4, "bad_words_ids": [[b, c]], "suppress_tokens": [d],
         "begin_suppress_tokens": [a], "sequence_bias": [[[c], 1.0]], "forced_eos_token_id": ends[0]},
    ):  # fmt: skip
        yield options, beams, 8
    for options in ({"forced_bos_token_id": c}, {"forced_bos_token_id": c, "begin_suppress_tokens": [a, b]},
                    {"begin_suppress_tokens": [a, b]}):  # fmt: skip
        yield options, beams, 1
    greedy = {"max_new_tokens": 12, **eos}
    for options in (
        {}, {"repetition_penalty": 1.7}, {"no_repeat_ngram_size": 2}, {"encoder_no_repeat_ngram_size": 2},
        {"min_length": 14}, {"bad_words_ids": [[a], [b, c]]}, {"suppress_tokens": [a, b]},
        {"begin_suppress_tokens": [a, c, d]}, {"forced_eos_token_id": [c, d]}, {"prefix_allowed_modulus": 3},
        {"sequence_bias": [[[a], 1.5], [[b, c], -3.0], [[c], 2.5]]},
    ):  # fmt: skip
        yield options, greedy, 8
    yield {"forced_bos_token_id": c}, greedy, 1


def run(model, options, prompt):
    options = dict(options)
    modulus = options.pop("prefix_allowed_modulus", None)
    if modulus:
        rule = divisible_rule(modulus)
        options["prefix_allowed_tokens_fn"] = lambda batch, ids: rule(ids.tolist(), model.config.vocab_size)
    options["eos_token_id"] = options.get("eos_token_id") or None
    model.generation_config.eos_token_id = None
    output = model.generate(
        torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
        pad_token_id=model.config.vocab_size - 1, return_dict_in_generate=True, output_scores=True, **options,
    )  # fmt: skip
    ends = options["eos_token_id"] or []
    beams = getattr(output, "beam_indices", None)
    chosen = model.compute_transition_scores(output.sequences, output.scores, beams)
    scores = getattr(output, "sequences_scores", None)
    sequences = []
    start = 1 if model.config.is_encoder_decoder else len(prompt)
    for i, ids in enumerate(output.sequences[:, start:].tolist()):
        end = next((at + 1 for at, id in enumerate(ids) if id in ends), len(ids))
        if beams is not None:  # what follows the end is padding
            end = min(end, int((beams[i] >= 0).sum()))
        sequences.append({"ids": ids[:end], "chosen": chosen[i, :end].tolist()})
        if scores is not None:
            sequences[-1]["score"] = scores[i].item()
    return sequences


def agree(single, double):
    def close(a, b):
        return a == b or abs(a - b) < 2e-5 * max(1, abs(b))

    return all(
        a["ids"] == b["ids"] and close(a.get("score", 0), b.get("score", 0))
        and all(close(x, y) for x, y in zip(a["chosen"], b["chosen"]))
        for a, b in zip(single, double)
    )  # fmt: skip


def common_ids(model, prompt):
    """Ids that beams come upon, by how often; and two, not too frequent, that end the text."""
    counts = {}
    varied = {"no_repeat_ngram_size": 1} if model.config.is_encoder_decoder else {}
    if model.config.model_type == "m2m_100":  # which gives the id of padding no position, wherever it stands
        varied["suppress_tokens"] = [model.config.pad_token_id]
    for sequence in run(model, {**BEAMS, "num_beams": 12, "num_return_sequences": 12, **varied}, prompt):
        for id in sequence["ids"][1:]:
            counts[id] = counts.get(id, 0) + 1
    ordered = sorted(counts, key=lambda id: (-counts[id], id))
    return ordered[:2] + ordered[4:6], ordered[2:4]


def rounded(sequence):
    out = {"ids": sequence["ids"]}
    if "score" in sequence:
        out["score"] = float(f"{sequence['score']:.8g}")
    out["chosen"] = [None if math.isinf(x) else float(f"{x:.8g}") for x in sequence["chosen"]]
    return out


def load(name):
    """In f32. The Transformer of 2017 is Marian with ReLU, and no bias of the logits."""
    as_is = {"dtype": torch.float32, "attn_implementation": "eager"}
    if name != "vaswani":
        kind = AutoModelForCausalLM if name in DECODERS else AutoModelForSeq2SeqLM
        return kind.from_pretrained(HERE / name, **as_is).eval()
    config = json.loads((HERE / name / "config.json").read_text())
    model = MarianMTModel._from_config(MarianConfig(**{**config, "model_type": "marian"}), **as_is).eval()
    missing, unexpected = model.load_state_dict(load_file(HERE / name / "model.safetensors"), strict=False)
    assert not unexpected and not any("layers" in part for part in missing)
    model.tie_weights()
    return model


def record(name, seed):
    encodes = name not in DECODERS
    single = load(name)
    double = copy.deepcopy(single).double() if encodes else to_double(copy.deepcopy(single))
    generator = torch.Generator().manual_seed(seed)
    draw = lambda length: torch.randint(4, single.config.vocab_size - 1, (length,), generator=generator).tolist()
    common, ends = common_ids(single, draw(8))
    for changes, base, length in cases(common, ends, encodes and name != "t5"):
        if name == "m2m_100":
            base = {**base, "suppress_tokens": [single.config.pad_token_id]}
        options = {**base, **changes}
        if options.get("suppress_tokens") != base.get("suppress_tokens"):
            options["suppress_tokens"] = changes["suppress_tokens"] + base.get("suppress_tokens", [])
        for attempt in range(60 if encodes else 400):
            prompt = draw(length)
            found = run(single, options, prompt)
            lengths = [len(sequence["ids"]) for sequence in found]
            matters = not changes or found != run(single, base, prompt)
            longest = options["max_new_tokens"]
            has_ends = "num_beams" in base and options["eos_token_id"]
            ends_early = not has_ends or longest == 1 or min(lengths) < longest or attempt >= (20 if encodes else 200)
            if matters and ends_early and agree(found, run(double, options, prompt)):
                break
        else:
            if not encodes:
                raise SystemExit(f"{name}: no prompt for {options}")
            print(f"{name}: no prompt for {options}")
            continue
        print(name, changes, lengths)
        yield {"model": name, "options": options, "prompt": prompt, "sequences": [rounded(s) for s in found]}


def record_min_length(name):
    """With ids that end the text early, for the models that end none before min_length by themselves."""
    single = load(name)
    double = copy.deepcopy(single).double()
    generator = torch.Generator().manual_seed(99)
    for _ in range(400):
        prompt = torch.randint(4, single.config.vocab_size - 1, (8,), generator=generator).tolist()
        base = {**BEAMS, "repetition_penalty": 1.2, "eos_token_id": common_ids(single, prompt)[0]}
        options = {**base, "min_length": 6}
        found = run(single, options, prompt)
        if found != run(single, base, prompt) and agree(found, run(double, options, prompt)):
            return {"model": name, "options": options, "prompt": prompt, "sequences": [rounded(s) for s in found]}
    raise SystemExit(f"{name}: no prompt for min_length")


def record_renormalized(name):
    """Searches that go otherwise where what the options leave adds up to 1 again, and the greedy scores of such."""
    single = load(name)
    double = copy.deepcopy(single).double() if name not in DECODERS else to_double(copy.deepcopy(single))
    generator = torch.Generator().manual_seed(123)
    found = []
    for base in ({**BEAMS, "length_penalty": 0.8}, {"max_new_tokens": 12}):
        for _ in range(400):
            prompt = torch.randint(4, single.config.vocab_size - 1, (8,), generator=generator).tolist()
            common, ends = common_ids(single, prompt)
            options = {**base, "eos_token_id": ends, "bad_words_ids": [[common[0]], common[1:3]], "renormalize_logits": True}
            sequences = run(single, options, prompt)
            plain = run(single, {**options, "renormalize_logits": False}, prompt)
            matters = [s["ids"] for s in sequences] != [s["ids"] for s in plain] or "num_beams" not in base
            if matters and agree(sequences, run(double, options, prompt)):
                break
        else:
            raise SystemExit(f"{name}: no prompt for renormalize_logits")
        found.append({"model": name, "options": options, "prompt": prompt, "sequences": [rounded(s) for s in sequences]})
    return found


def main():
    torch.set_num_threads(1)
    path = HERE / "beams.json"
    known = json.loads(path.read_text()) if path.exists() else []
    wanted = sys.argv[1:] or MODELS
    cases = []
    for i, name in enumerate(MODELS):
        kept = [case for case in known if case["model"] == name]
        cases += record(name, 7 + i) if name in wanted else kept
        if not any("min_length" in case["options"] and "num_beams" in case["options"] for case in cases if case["model"] == name):
            cases.append(record_min_length(name))
        if name in RENORMALIZED and not any("renormalize_logits" in case["options"] for case in cases if case["model"] == name):
            cases += record_renormalized(name)
    path.write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")


if __name__ == "__main__":
    main()
