#!/usr/bin/env python3
"""Records how transformers translates, summarises and fills in what files leave unsaid, run by hand:

    python3 tests/golden/make_translate.py model       the folder translate, with torch 2.13.0, transformers 5.23.0
    python3 tests/golden/make_translate.py generate    generate.json, with the same
    python3 tests/golden/make_translate.py pipelines   pipelines.json, with transformers 4.57.1 (huggingface-hub below 1),
                                                       the last that had these pipelines

translate/ holds a small M2M-100 of random weights, which reads the ids of every tokenizer here, and a vocab.json for the
SentencePiece model of tokenizer_classes. A case says which files of which folder make the model, what of them is changed,
the call, its options, and the ids that come. Where beams decide, the model in double precision gives the same.
"""

import copy
import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
import transformers as T

HERE = Path(__file__).parent
FOLDER = HERE / "translate"
PIECES = HERE / "tokenizer_classes" / "sentencepiece.bpe.model"
TEXTS = ["The quick brown fox jumps over the lazy dog.", "What is the capital of France?", "Hello, world!"]
VOCABULARY = 640


def write(path, cases):
    path.write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
    print(path.name, len(cases), "cases")


def make_model():
    from make_families import randomise

    FOLDER.mkdir(exist_ok=True)
    config = T.M2M100Config(
        vocab_size=VOCABULARY, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=80,
        pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip
    model = T.M2M100ForConditionalGeneration(config).eval()
    randomise(model, torch.Generator().manual_seed(11))
    model.save_pretrained(FOLDER)
    (FOLDER / "generation_config.json").unlink()
    processor = sentencepiece.SentencePieceProcessor(model_file=str(PIECES))
    pieces = [processor.id_to_piece(i) for i in range(processor.vocab_size()) if i % 11 != 5]
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += [piece for piece in pieces if piece not in names]
    (FOLDER / "m2m_100.vocab.json").write_text(json.dumps({n: i for i, n in enumerate(names)}, ensure_ascii=False) + "\n")
    for path in FOLDER.iterdir():
        path.chmod(0o644)


def folder_with(base, changes, generation_config, target):
    """A folder with a model's weights, its config changed (null takes a key out), and a generation_config.json."""
    shutil.copy(HERE / base / "model.safetensors", target)
    config = {**json.loads((HERE / base / "config.json").read_text()), **changes}
    for key in [key for key, value in changes.items() if value is None]:
        del config[key]
    (target / "config.json").write_text(json.dumps(config))
    if generation_config is not None:
        (target / "generation_config.json").write_text(json.dumps(generation_config))


def load(base, changes, generation_config):
    with tempfile.TemporaryDirectory() as folder:
        folder_with(base, changes, generation_config, Path(folder))
        return T.AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation="eager").float().eval()


def ids_of(output, ends, start=1):
    """Without what the decoder began with, and the padding behind the end."""
    ids = output[start:].tolist()
    end = next((i + 1 for i, id in enumerate(ids) if id in ends), len(ids))
    return ids[:end]


def agreed(single, call):
    """What the call gives with the model in single and in double precision."""
    found, exact = call(single), call(copy.deepcopy(single).double())
    assert found == exact, (found, exact)
    return found


def generate_case(base, prompt, changes=None, generation_config=None, ends=None, **options):
    changes = changes or {}
    model = load(base, changes, generation_config)
    given = dict(options)
    if "decoder_input_ids" in given:
        given["decoder_input_ids"] = torch.tensor([given["decoder_input_ids"]])
    start = 1
    if "decoder_input_ids" in options:
        first = options.get("decoder_start_token_id", model.generation_config.decoder_start_token_id)
        start = len(options["decoder_input_ids"]) + (options["decoder_input_ids"][0] != first)
    ends = model.generation_config.eos_token_id if ends is None else ends
    ends = [ends] if isinstance(ends, int) else ends or []
    ids = torch.tensor([prompt])

    def run(one):
        # Padding would hide an end of beams; none of these models gives its last id.
        output = one.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, **given)
        return [ids_of(row, ends, start) for row in output]

    found = agreed(model, run)
    return {
        "model": base, "config": changes, "generation_config": generation_config, "prompt": prompt, "options": options,
        "sequences": found,
    }  # fmt: skip


def generate_cases():
    prompt = [11, 24, 7, 39, 52, 18, 30, 2]
    for base, start in (("t5", 0), ("bart", 2), ("marian", 2)):
        for form in ({"num_beams": 1}, {"num_beams": 4, "num_return_sequences": 2}):
            for decoder_ids, more in (
                ([start, 9, 33], {}), ([9, 33], {}), ([start], {}), ([17, 17, 40], {"no_repeat_ngram_size": 2}),
                ([9, 33], {"max_length": 9}), ([9, 33], {"min_length": 8}), ([9, 33], {"forced_bos_token_id": 21}),
                ([start], {"forced_bos_token_id": 21}), ([9, 33], {"forced_eos_token_id": 12, "max_length": 10}),
                ([9, 33], {"begin_suppress_tokens": [13, 35, 53]}), ([9, 33], {"min_new_tokens": 5}),
                ([9, 33], {"decoder_start_token_id": 9}),
            ):  # fmt: skip
                options = {"max_new_tokens": 10, "repetition_penalty": 1.3, **form, **more}
                if "max_length" in more:
                    del options["max_new_tokens"]
                yield generate_case(base, prompt, decoder_input_ids=decoder_ids, **options)
    # What the files say, and what a caller says instead.
    beams = {"num_beams": 3, "length_penalty": 2.0, "early_stopping": True, "no_repeat_ngram_size": 2, "max_length": 15,
             "min_length": 6, "forced_eos_token_id": 2, "bad_words_ids": [[13], [35, 20]]}  # fmt: skip
    own = {"bos_token_id": 5, "eos_token_id": 2, "pad_token_id": 1}
    yield generate_case("bart", prompt, beams)
    yield generate_case("bart", prompt, beams, num_beams=1, max_length=9)
    yield generate_case("bart", prompt, beams, max_new_tokens=20)
    yield generate_case("bart", prompt, {**beams, "forced_bos_token_id": 30})
    # A generation_config.json counts alone.
    yield generate_case("bart", prompt, beams, {**own, "decoder_start_token_id": 7, "max_length": 12})
    yield generate_case("bart", prompt, {}, {**own, "decoder_start_token_id": 2, "max_length": 20})
    yield generate_case("bart", prompt, {}, {**own, "decoder_start_token_id": 2, "max_length": 12}, max_new_tokens=15)
    yield generate_case("bart", prompt, {}, {**own, "decoder_start_token_id": 2, "max_length": 12}, max_length=6)
    # Where decoder_start_token_id is missing, bos_token_id.
    yield generate_case("bart", prompt, {}, {**own, "max_length": 11})
    yield generate_case("t5", prompt, {"decoder_start_token_id": None, "bos_token_id": 4, "max_length": 11})
    # A decoder's max_length counts its prompt. (generate_case takes encoder-decoders; these are plain.)
    for options in ({"max_length": 14}, {"max_length": 14, "num_beams": 3}, {"max_length": 14, "max_new_tokens": 3}):
        model = T.AutoModelForCausalLM.from_pretrained(HERE / "gpt2", attn_implementation="eager").eval()
        ids = torch.tensor([prompt])
        output = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, **options)
        yield {
            "model": "gpt2", "config": {}, "generation_config": None, "prompt": prompt, "options": options,
            "sequences": [output[0, len(prompt) :].tolist()],
        }  # fmt: skip


# ---- with transformers 4.57.1 ----


def wordpiece():
    roles = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    return T.PreTrainedTokenizerFast(tokenizer_file=str(HERE / "tasks_translate" / "tokenizer.json"), **roles)


TASKS = {
    "summarization": {
        "prefix": "in short: ", "max_length": 18, "min_length": 9, "no_repeat_ngram_size": 2, "num_beams": 5,
        "length_penalty": 2.0, "early_stopping": True,
    },
    "translation_en_to_de": {"prefix": "from English into German: ", "max_length": 14, "num_beams": 3, "early_stopping": True},
    "translation_en_to_fr": {"prefix": "from English into French: ", "max_length": 12, "num_beams": 2},
    "translation_en_to_ro": {"max_length": 10, "repetition_penalty": 1.8},
}  # fmt: skip


def pipe_ids(task, model, tokenizer, text, options):
    # The pipelines' own 256 new tokens would go before the files' max_length, which older ones kept.
    options = {"max_new_tokens": None, **options}
    beams = model.generation_config.num_beams
    pipe = T.pipeline(task, model=model, tokenizer=tokenizer)
    # Against their documentation, their own 4 beams go before those of generation_config.json.
    if beams > 1 and pipe.generation_config.num_beams == 4:
        pipe.generation_config.num_beams = beams
    output = pipe(text, return_tensors=True, **options)[0]
    name = "summary_token_ids" if task == "summarization" else "translation_token_ids"
    return ids_of(output[name], [model.generation_config.eos_token_id])


def pipeline_case(task, changes, call, options, pipe_options=None, generation_config=None):
    tokenizer = wordpiece()
    found = []
    for text in TEXTS:
        def run(model, text=text):
            model = copy.deepcopy(model)
            return pipe_ids(task, model, tokenizer, text, options if pipe_options is None else pipe_options)

        found.append(agreed(load("tasks_translate", changes, generation_config), run))
    return {
        "model": "tasks_translate", "tokenizer": "tasks_translate", "config": changes, "generation_config": generation_config,
        "call": call, "options": options, "texts": TEXTS, "ids": found,
    }  # fmt: skip


def task_cases():
    base = {"eos_token_id": 3, "repetition_penalty": 1.2}
    tasks = {**base, "task_specific_params": TASKS}
    german = {"src_lang": "en", "tgt_lang": "de"}
    yield pipeline_case("translation_en_to_de", tasks, "translate", german, {})
    yield pipeline_case("translation_en_to_fr", tasks, "translate", {"src_lang": "en", "tgt_lang": "fr"}, {})
    yield pipeline_case("translation_en_to_ro", tasks, "translate", {"src_lang": "en", "tgt_lang": "ro"}, {})
    yield pipeline_case("translation", tasks, "translate", {})
    yield pipeline_case("summarization", tasks, "summarize", {})
    yield pipeline_case("summarization", tasks, "summarize", {"num_beams": 1, "min_length": 3, "max_length": 11})
    few = {"num_beams": 1, "max_new_tokens": 7}
    yield pipeline_case("translation_en_to_de", tasks, "translate", {**german, **few}, few)
    # The prefix of the config itself, which a task's goes before.
    prefixed = {**tasks, "prefix": "say: "}
    yield pipeline_case("translation_en_to_ro", prefixed, "translate", {"src_lang": "en", "tgt_lang": "ro"}, {})
    yield pipeline_case("summarization", {**base, "prefix": "say: ", "max_length": 13}, "summarize", {})
    yield pipeline_case("translation", {**base, "max_length": 13}, "translate", {})
    # A task's parameters go before generation_config.json.
    own = {"decoder_start_token_id": 3, "eos_token_id": 3, "pad_token_id": 0, "max_length": 9, "num_beams": 2,
           "length_penalty": 0.5}  # fmt: skip
    yield pipeline_case("summarization", tasks, "summarize", {}, generation_config=own)
    yield pipeline_case("translation", {**base}, "translate", {}, generation_config=own)


def tokenizers():
    """(files, tokenizer_config, how transformers makes it)."""
    spm, vocab = str(PIECES), str(FOLDER / "m2m_100.vocab.json")
    one = {"sentencepiece.bpe.model": "tokenizer_classes/sentencepiece.bpe.model"}
    three = {"sentencepiece.bpe.model": "tokenizer_classes/nllb.model"}
    two = {**one, "vocab.json": "translate/m2m_100.vocab.json"}
    yield one, {"tokenizer_class": "MBartTokenizer"}, lambda: T.MBartTokenizer(spm)
    yield one, {"tokenizer_class": "MBart50Tokenizer"}, lambda: T.MBart50Tokenizer(spm)
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    # As the published files list them, behind the pieces; without such a list the mask would come first.
    bpe = str(HERE / "tokenizer_classes" / "nllb.model")
    first = sentencepiece.SentencePieceProcessor(model_file=bpe).vocab_size() + 1
    added = {first + i: T.AddedToken(name, special=True) for i, name in enumerate([*FAIRSEQ_LANGUAGE_CODES, "<mask>"])}
    yield three, {"tokenizer_class": "NllbTokenizer"}, lambda: T.NllbTokenizer(bpe, added_tokens_decoder=added)
    legacy = {"legacy_behaviour": True}
    yield three, {"tokenizer_class": "NllbTokenizer", **legacy}, lambda: T.NllbTokenizer(bpe, added_tokens_decoder=added, **legacy)
    yield two, {"tokenizer_class": "M2M100Tokenizer"}, lambda: T.M2M100Tokenizer(vocab, spm)
    wmt = {"language_codes": "wmt21", "src_lang": "de"}
    yield two, {"tokenizer_class": "M2M100Tokenizer", **wmt}, lambda: T.M2M100Tokenizer(vocab, spm, **wmt)


def size(tokenizer):
    return max(len(tokenizer), *(id + 1 for id in getattr(tokenizer, "lang_code_to_id", {"": 0}).values()))


def language_cases():
    languages = {
        "MBartTokenizer": ("fr_XX", "ro_RO"), "MBart50Tokenizer": ("sl_SI", "gl_ES"), "NllbTokenizer": ("fra_Latn", "zul_Latn"),
        "M2M100Tokenizer": ("is", "ha"),
    }  # fmt: skip
    for files, config, make in tokenizers():
        # No id over and over, as random weights have it, and none that the tokenizer lacks.
        options = {"max_new_tokens": 8, "no_repeat_ngram_size": 1, "suppress_tokens": list(range(size(make()), VOCABULARY))}
        name = config["tokenizer_class"]
        source, target = languages[name]
        encoded, ids = [], []
        for text in TEXTS:
            tokenizer = make()
            usual = tokenizer(text).input_ids
            tokenizer.src_lang = source
            encoded.append({"usual": usual, "ids": tokenizer(text).input_ids, "pair": tokenizer(text, "a b").input_ids})

            def run(model, text=text, make=make, name=name, source=source, target=target):
                tokenizer = make()
                if name == "MBartTokenizer":  # as its documentation has it: the target starts the decoder
                    tokenizer.src_lang = source
                    inputs = tokenizer(text, return_tensors="pt")
                    start = tokenizer.convert_tokens_to_ids(target)
                    output = model.generate(**inputs, decoder_start_token_id=start, num_beams=4, **options)[0]
                    return ids_of(output, [2])
                return pipe_ids("translation", model, tokenizer, text, {**options, "src_lang": source, "tgt_lang": target})

            ids.append(agreed(load("translate", {}, None), run))
        yield {
            "model": "translate", "files": files, "tokenizer_config": config, "config": {}, "generation_config": None,
            "call": "translate", "options": {**options, "src_lang": source, "tgt_lang": target}, "source": source,
            "texts": TEXTS, "encoded": encoded, "ids": ids,
        }  # fmt: skip


def marian_case():
    folder = HERE / "tokenizer_marian_pair"
    paths = [str(folder / file) for file in ("source.spm", "target.spm", "vocab.json")]
    known = len(T.MarianTokenizer(*paths))
    options = {"max_new_tokens": 8, "no_repeat_ngram_size": 1, "eos_token_id": 0}
    options["suppress_tokens"] = list(range(known, VOCABULARY))
    ids = []
    # Its unknown token has the id that pads this model, and takes no position there.
    texts = [text for text in TEXTS if 1 not in T.MarianTokenizer(*paths)(text).input_ids]
    for text in texts:

        def run(model, text=text):
            tokenizer = T.MarianTokenizer(*paths)
            return pipe_ids("translation", model, tokenizer, ">>de<< " + text, options)

        ids.append(agreed(load("translate", {"eos_token_id": 0}, None), run))
    files = {file: f"tokenizer_marian_pair/{file}" for file in ("source.spm", "target.spm", "vocab.json")}
    return {
        "model": "translate", "files": files, "tokenizer_config": {"tokenizer_class": "MarianTokenizer"},
        "config": {"eos_token_id": 0}, "generation_config": None, "call": "translate", "options": {**options, "tgt_lang": "de"},
        "texts": texts, "ids": ids,
    }  # fmt: skip


def main():
    torch.set_num_threads(1)
    T.logging.set_verbosity_error()
    if sys.argv[1:] == ["model"]:
        make_model()
    elif sys.argv[1:] == ["generate"]:
        write(FOLDER / "generate.json", list(generate_cases()))
    elif sys.argv[1:] == ["pipelines"]:
        write(FOLDER / "pipelines.json", [*task_cases(), *language_cases(), marian_case()])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
