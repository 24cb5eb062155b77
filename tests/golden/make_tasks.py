#!/usr/bin/env python3
"""Makes the tiny models with tokenizers that tests of the tasks compare with, run by hand:

    python3 tests/golden/make_tasks.py
    python3 tests/golden/make_tasks.py bart       (only the classifier that is an encoder-decoder)
    python3 tests/golden/make_tasks.py answer     (with transformers 4.57.1, which had that pipeline last)
    python3 tests/golden/make_tasks.py stride     (stride.json of the folders for tag that are there)

with torch 2.13.0, transformers 5.23.0, tokenizers 0.23.3 and numpy. A folder tasks_NAME holds a model with random
weights and its tokenizer as transformers saves them, and expected.json: calls of transformers' pipelines with what they
gave. Embeddings and scores are computed here from the model's outputs, one input at a time and in the formulas that
sentence-transformers and the papers give.
"""

import json
import sys
from pathlib import Path

import torch
import transformers as T
from make_families import randomise

HERE = Path(__file__).parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "In Berlin, Anna Müller met two of her oldest friends; they spoke for hours!",
    "unaffable strawberries don't grow in winter",
    "Привет 漢字 and a 😀 in between",
]
PAIRS = [
    ("Who met her friends?", "In Berlin, Anna Müller met two of her oldest friends; they spoke for hours!"),
    ("What jumps?", "The quick brown fox jumps over the lazy dog."),
]  # fmt: skip
LONG = " ".join(f"In the year {1900 + i}, the town number {i} had a well and the people were glad of it." for i in range(9))
SIZES = dict(
    hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=96,
)  # fmt: skip
NLI = {0: "CONTRADICTION", 1: "neutral", 2: "Entailment"}
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"]


def train_wordpiece(tokenizer):
    from tokenizers import decoders, normalizers, pre_tokenizers, processors, trainers

    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=330, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train([str(HERE / "corpus.txt")], trainer)
    ids = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=ids
    )


def wordpiece():
    from tokenizers import Tokenizer, models

    made = HERE / "tasks_embed" / "tokenizer.json"
    if made.exists():  # training gives another one each time
        tokenizer = Tokenizer.from_file(str(made))
    else:
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        train_wordpiece(tokenizer)
    roles = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    return T.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=96, model_input_names=["input_ids", "token_type_ids", "attention_mask"], **roles
    )  # fmt: skip


def byte_level():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    made = HERE / "tasks_tag_bytes" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(made)) if made.exists() else Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )  # fmt: skip
    if not made.exists():
        tokenizer.train([str(HERE / "corpus.txt")], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return T.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=90, model_input_names=["input_ids", "attention_mask"],
        bos_token="<s>", cls_token="<s>", pad_token="<pad>", eos_token="</s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>",
    )  # fmt: skip


def labels(names):
    return dict(id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})


def make(name, cls, config, tokenizer, seed):
    generator = torch.Generator().manual_seed(seed)
    model = cls(config)
    randomise(model, generator)
    model.eval().float()
    folder = HERE / f"tasks_{name}"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return model, folder


def write(folder, expected):
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, default=float)}" for k, v in expected.items())
    (folder / "expected.json").write_text("{\n" + lines + "\n}\n")


def last_states(model, tokenizer, text):
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].double()


def make_embed(tokenizer):
    config = T.BertConfig(vocab_size=len(tokenizer), **SIZES)
    model, folder = make("embed", T.BertModel, config, tokenizer, 1)
    modules = ["", "1_Pooling", "2_Normalize"]
    kinds = ["Transformer", "Pooling", "Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(zip(modules, kinds, strict=True))
    ]
    prompts = {"query": "search for: ", "document": "", "passage": "read: "}
    files = {
        "modules.json": modules,
        "1_Pooling/config.json": {
            "word_embedding_dimension": 24, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
            "pooling_mode_weightedmean_tokens": False, "pooling_mode_lasttoken": False, "include_prompt": False,
        },
        "config_sentence_transformers.json": {
            "__version__": {"sentence_transformers": "3.0.0"}, "prompts": prompts, "default_prompt_name": "document",
            "similarity_fn_name": "dot",
        },
        "sentence_bert_config.json": {"max_seq_length": 64, "do_lower_case": False},
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")

    def pooled(text, mode, prompt="", skip=True):
        states = last_states(model, tokenizer, prompt + text)
        if prompt and skip:  # those of the prompt and in front of it
            states = states[len(tokenizer(prompt)["input_ids"]) - 1 :]
        return {"mean": lambda: states.mean(0), "cls": lambda: states[0], "last": lambda: states[-1], "max": lambda: states.max(0).values}[mode]()  # fmt: skip

    def unit(row):
        return row / row.norm()

    def rows(*args, **options):
        return [unit(pooled(text, *args, **options)).tolist() for text in TEXTS]

    expected = {
        "texts": TEXTS,
        "document": rows("mean"),
        "query": rows("mean", prompts["query"]),
        "prompt": rows("mean", "in short: "),
        "cls": rows("cls"),
        "last": rows("last"),
        "max": rows("max"),
        "raw": [pooled(text, "mean").tolist() for text in TEXTS],
        "dimensions_7": [unit(pooled(text, "mean")[:7]).tolist() for text in TEXTS],
    }
    write(folder, expected)


def make_sequence(tokenizer):
    config = T.BertConfig(vocab_size=len(tokenizer), **SIZES, **labels(NLI.values()))
    model, folder = make("entail", T.BertForSequenceClassification, config, tokenizer, 2)
    pipe = T.pipeline("text-classification", model=model, tokenizer=tokenizer)
    pairs = [{"text": a, "text_pair": b} for a, b in PAIRS]
    zero_shot = T.pipeline("zero-shot-classification", model=model, tokenizer=tokenizer)

    def zero(**options):
        return [[[label, score] for label, score in zip(one["labels"], one["scores"], strict=True)] for one in zero_shot(TEXTS, **options)]  # fmt: skip

    def plain(results):
        return [[[entry["label"], entry["score"]] for entry in one] for one in results]

    candidates = ["animals", "a journey", "food"]
    expected = {"texts": TEXTS, "pairs": PAIRS, "candidates": candidates}
    for function in ("softmax", "sigmoid", "none"):
        expected[function] = plain(pipe(TEXTS, top_k=None, function_to_apply=function))
    expected["default"] = plain(pipe(TEXTS, top_k=None))
    expected["default_pairs"] = plain(pipe(pairs, top_k=None))
    model.config.problem_type = "multi_label_classification"
    expected["multi_label_classification"] = plain(pipe(TEXTS, top_k=None))
    model.config.problem_type = "regression"
    expected["regression"] = plain(pipe(TEXTS, top_k=None))
    expected["zero_shot"] = zero(candidate_labels=candidates)
    expected["zero_shot_multi"] = zero(candidate_labels=candidates, multi_label=True)
    expected["zero_shot_template"] = zero(candidate_labels=candidates, hypothesis_template="It is of {}!")
    expected["zero_shot_one"] = zero(candidate_labels=candidates[:1])
    write(folder, expected)

    config = T.BertConfig(vocab_size=len(tokenizer), **SIZES, num_labels=1)
    model, folder = make("rerank", T.BertForSequenceClassification, config, tokenizer, 3)
    pipe = T.pipeline("text-classification", model=model, tokenizer=tokenizer)
    query = "Who met her friends?"
    both = [{"text": query, "text_pair": text} for text in TEXTS]
    expected = {"query": query, "texts": TEXTS}
    for function in ("sigmoid", "none"):
        expected[function] = [one[0]["score"] for one in pipe(both, top_k=None, function_to_apply=function)]
    write(folder, expected)


def make_bart_sequence(tokenizer):
    config = T.BartConfig(
        vocab_size=len(tokenizer), d_model=24, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3,
        decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=28, max_position_embeddings=96, bos_token_id=0,
        pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None, **labels(NLI.values()),
    )  # fmt: skip
    model, folder = make("entail_bart", T.BartForSequenceClassification, config, tokenizer, 10)
    pipe = T.pipeline("text-classification", model=model, tokenizer=tokenizer)
    zero_shot = T.pipeline("zero-shot-classification", model=model, tokenizer=tokenizer)
    candidates = ["animals", "a journey", "food"]

    def zero(**options):
        return [[[label, score] for label, score in zip(one["labels"], one["scores"], strict=True)] for one in zero_shot(TEXTS, candidate_labels=candidates, **options)]  # fmt: skip

    def plain(results):
        return [[[entry["label"], entry["score"]] for entry in one] for one in results]

    write(folder, {
        "texts": TEXTS, "pairs": PAIRS, "candidates": candidates, "default": plain(pipe(TEXTS, top_k=None)),
        "default_pairs": plain(pipe([{"text": a, "text_pair": b} for a, b in PAIRS], top_k=None)),
        "zero_shot": zero(), "zero_shot_multi": zero(multi_label=True),
    })  # fmt: skip


def tag_calls(model, tokenizer):
    pipe = T.pipeline("token-classification", model=model, tokenizer=tokenizer)
    expected = {"texts": TEXTS}
    for strategy in ("none", "simple", "first", "average", "max"):
        for ignored in ([], ["O"]):
            found = pipe(TEXTS, aggregation_strategy=strategy, ignore_labels=ignored)
            expected[strategy + ("" if ignored else "_all")] = [
                [[e.get("entity", e.get("entity_group")), e["score"], e["word"], e["start"], e["end"]] for e in one]
                for one in found
            ]
    return expected


def make_stride():
    """Long texts in windows that overlap, by the folders' models."""
    texts = [*TEXTS[1::2], " ".join(LONG.split()[:60]) + " in Kraków, łódź and 漢字漢字"]
    calls = [(length, stride, strategy) for length, stride in ((12, 0), (12, 5), (40, 9)) for strategy in ("simple", "average")]
    calls += [(12, 9, "first"), (12, 1, "max"), (90, 30, "first")]
    for name in ("tag", "tag_bytes"):
        folder = HERE / f"tasks_{name}"
        tokenizer = T.PreTrainedTokenizerFast.from_pretrained(folder)
        pipe = T.pipeline("token-classification", model=T.AutoModelForTokenClassification.from_pretrained(folder), tokenizer=tokenizer)
        recorded = []
        for length, stride, strategy in calls:
            tokenizer.model_max_length = length
            found = [
                [[e["entity_group"], round(float(e["score"]), 7), e["word"], e["start"], e["end"]] for e in one]
                for one in pipe(texts, stride=stride, aggregation_strategy=strategy)
            ]
            options = {"max_length": length, "stride": stride, "aggregation_strategy": strategy}
            recorded.append({"options": options, "entities": found})
        lines = ",\n".join(json.dumps(call, ensure_ascii=False) for call in recorded)
        texts_line = json.dumps(texts, ensure_ascii=False)
        (folder / "stride.json").write_text(f'{{"texts": {texts_line},\n"calls": [\n{lines}]}}\n')


def make_tag(tokenizer, other):
    config = T.BertConfig(vocab_size=len(tokenizer), **SIZES, **labels(TAGS))
    model, folder = make("tag", T.BertForTokenClassification, config, tokenizer, 4)
    write(folder, tag_calls(model, tokenizer))
    config = T.RobertaConfig(vocab_size=len(other), **SIZES, pad_token_id=1, type_vocab_size=1, **labels(TAGS))
    model, folder = make("tag_bytes", T.RobertaForTokenClassification, config, other, 5)
    write(folder, tag_calls(model, other))


def pseudo_log_likelihood(model, tokenizer, encoding, sequence):
    ids = encoding["input_ids"][0]
    scores = []
    for i, place in enumerate(encoding.sequence_ids(0)):
        if place != sequence:
            continue
        masked = {**encoding, "input_ids": encoding["input_ids"].clone()}
        masked["input_ids"][0, i] = tokenizer.mask_token_id
        with torch.no_grad():
            logits = model(**masked).logits[0, i].double()
        scores.append(logits.log_softmax(-1)[ids[i]].item())
    return scores


def make_mask(tokenizer):
    config = T.BertConfig(vocab_size=len(tokenizer), **SIZES)
    model, folder = make("mask", T.BertForMaskedLM, config, tokenizer, 6)
    pipe = T.pipeline("fill-mask", model=model, tokenizer=tokenizer)
    texts = ["The [MASK] fox jumps.", "[MASK] met two [MASK] friends in [MASK] , they spoke"]
    targets = ["the", "and", "to"]

    def plain(results):
        one_mask = isinstance(results[0], dict)
        return [[[e["token"], e["token_str"], e["score"], e["sequence"]] for e in mask] for mask in ([results] if one_mask else results)]  # fmt: skip

    expected = {
        "texts": texts,
        "targets": targets,
        "default": [plain(pipe(text)) for text in texts],
        "top_2": [plain(pipe(text, top_k=2)) for text in texts],
        "with_targets": [plain(pipe(text, targets=targets)) for text in texts],
        "scored": TEXTS,
        "scores": [pseudo_log_likelihood(model, tokenizer, tokenizer(text, return_tensors="pt"), 0) for text in TEXTS],
        "pairs": PAIRS,
        "pair_scores": [pseudo_log_likelihood(model, tokenizer, tokenizer(*pair, return_tensors="pt"), 1) for pair in PAIRS],
    }
    write(folder, expected)


def make_translate(tokenizer):
    config = T.BartConfig(
        vocab_size=len(tokenizer), d_model=24, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3,
        decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=28, max_position_embeddings=96, pad_token_id=0,
        bos_token_id=2, eos_token_id=3, decoder_start_token_id=3, forced_eos_token_id=None,
    )  # fmt: skip
    model, folder = make("translate", T.BartForConditionalGeneration, config, tokenizer, 7)

    def score(source, target):
        ids = tokenizer(target, return_tensors="pt")["input_ids"]
        encoding = tokenizer(source, return_tensors="pt")
        with torch.no_grad():
            logits = model(input_ids=encoding["input_ids"], attention_mask=encoding["attention_mask"], labels=ids).logits[0]
        return logits.double().log_softmax(-1).gather(1, ids[0, :, None])[:, 0].tolist()

    write(folder, {"pairs": PAIRS, "pair_scores": [score(*pair) for pair in PAIRS]})


def make_continue(tokenizer):
    config = T.GPT2Config(vocab_size=len(tokenizer), n_embd=24, n_layer=2, n_head=3, n_positions=96, bos_token_id=2, eos_token_id=3)
    model, folder = make("continue", T.GPT2LMHeadModel, config, tokenizer, 8)

    def score(ids, given):
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
        return [logits[i - 1, ids[i]].item() for i in range(given, len(ids))]

    def pair(first, second):
        ids = tokenizer(first)["input_ids"]
        return score(ids + tokenizer(second, add_special_tokens=False)["input_ids"], len(ids))

    write(
        folder,
        {
            "scored": TEXTS,
            "scores": [score(tokenizer(text)["input_ids"], 1) for text in TEXTS],
            "pairs": PAIRS,
            "pair_scores": [pair(*both) for both in PAIRS],
        },
    )


def make_answer():
    """Of the folder's model, with a transformers that has the pipeline."""
    folder = HERE / "tasks_answer"
    tokenizer = T.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), model_max_length=96, unk_token="[UNK]", pad_token="[PAD]",
        cls_token="[CLS]", sep_token="[SEP]", model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip
    pipe = T.pipeline("question-answering", model=T.BertForQuestionAnswering.from_pretrained(folder), tokenizer=tokenizer)
    questions = [*PAIRS, ("Which town had a well?", LONG)]
    calls = [
        {},
        {"top_k": 3},
        {"top_k": 4, "max_answer_len": 3},
        {"top_k": 3, "align_to_words": False},
        {"top_k": 2, "handle_impossible_answer": True},
        {"top_k": 5, "max_seq_len": 40, "doc_stride": 8},
    ]
    expected = {"questions": questions, "calls": []}
    for options in calls:
        answers = []
        for question, context in questions:
            found = pipe(question=question, context=context, **options)
            found = found if isinstance(found, list) else [found]
            answers.append([[a["answer"], a["score"], a["start"], a["end"]] for a in found])
        named = {("max_length" if key == "max_seq_len" else key): value for key, value in options.items()}
        expected["calls"].append({"options": named, "answers": answers})
    write(folder, expected)


def main():
    if sys.argv[1:] == ["answer"]:
        return make_answer()
    if sys.argv[1:] == ["stride"]:
        return make_stride()
    tokenizer, other = wordpiece(), byte_level()
    make_bart_sequence(other)
    if sys.argv[1:] == ["bart"]:
        return None
    make_embed(tokenizer)
    make_sequence(tokenizer)
    make_tag(tokenizer, other)
    make_mask(tokenizer)
    make_translate(tokenizer)
    make_continue(tokenizer)
    make("answer", T.BertForQuestionAnswering, T.BertConfig(vocab_size=len(tokenizer), **SIZES), tokenizer, 9)


if __name__ == "__main__":
    main()
