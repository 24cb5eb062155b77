#!/usr/bin/env python3
"""Records what transformers' tokenizer classes make of SentencePiece models and of Marian's pair of them.

Run by hand: python make_tokenizer_classes.py. Made with transformers 5.23.0, sentencepiece 0.2.3.
expected.json leaves out strings where the other library's steps change ids; folders.json has all strings.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from tokenizers import AddedToken, normalizers
from transformers import AutoTokenizer, convert_slow_tokenizer
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES as M2M_100_LANGUAGES
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB_LANGUAGES

from make_encoder_tokenizers import ENCODER_STRINGS, HERE, STRINGS, parsed, train_sentencepiece
from make_tokenizers import write_json

MODEL = dict(model_type="unigram", vocab_size=300, normalization_rule_name="identity")
FOLDER = HERE / "tokenizer_classes"
OFFSETS = {"XLMRobertaTokenizer": 1, "CamembertTokenizer": 4, "MBartTokenizer": 1, "T5Tokenizer": 0}


def record_class(name, offset):
    is_t5 = name == "T5Tokenizer"
    file = "spiece.model" if is_t5 else "sentencepiece.bpe.model"
    ids = dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1) if is_t5 else {}
    if not (FOLDER / file).exists():
        (FOLDER / file).write_bytes(train_sentencepiece(**MODEL, **ids))
    processor = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / file))
    unknown = processor.unk_id()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(FOLDER / file, folder)
        (Path(folder) / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
        tokenizer = AutoTokenizer.from_pretrained(folder)
    mapped_unknown = tokenizer.unk_token_id
    cases = []
    for text in STRINGS + ENCODER_STRINGS:
        encoded = tokenizer(text, add_special_tokens=False).input_ids
        pieces = [mapped_unknown if i == unknown else i + offset for i in processor.encode(text)]
        has_special = any(token in text for token in tokenizer.all_special_tokens)
        if encoded == pieces or (has_special and "<mask>" in text):
            case = {"text": text, "ids": tokenizer(text).input_ids}
            cases.append({**case, "pair": tokenizer(text, "a model").input_ids})
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "ar_AR", "zh_CN", "<extra_id_0>", "<extra_id_99>"]
    known = tokenizer.get_vocab()
    vocabulary = {token: known[token] for token in names if token in known}
    print(name, len(cases), "cases")
    return {"class": name, "file": file, "size": len(tokenizer), "tokens": vocabulary, "cases": cases}


def marian():
    """One vocabulary for both languages, with codes; the target model lower-cases."""
    folder = HERE / "tokenizer_marian_pair"
    folder.mkdir(exist_ok=True)
    source = train_sentencepiece(**MODEL)
    target = train_sentencepiece(model_type="bpe", vocab_size=330, normalization_rule_tsv="rules.tsv")
    (folder / "source.spm").write_bytes(source)
    (folder / "target.spm").write_bytes(target)
    names = ["</s>", "<unk>", ">>fr<<", ">>de<<"]
    for model in (source, target):
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        pieces = (processor.id_to_piece(i) for i in range(processor.vocab_size()) if i % 11 != 5)
        names += [piece for piece in pieces if piece not in names and piece != "<s>"]
    names += ["\u4f60", "<pad>"]  # a character that neither model has
    vocabulary = json.dumps({name: i for i, name in enumerate(names)}, ensure_ascii=False)
    (folder / "vocab.json").write_text(vocabulary + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "fr"}\n'
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert type(tokenizer).__name__ == "MarianTokenizer" and "sacremoses" not in sys.modules
    cases = []
    codes = [">>fr<< Hello world", ">>fr<<", ">>xx<< a", ">>fr", " >>fr<< a", "a >>fr<< b", ">>fr<<>>de<< a",
             "</s>>>de<<a", "\u4f60", "a\u4f60 \u4f60\u4f60"]  # fmt: skip
    for text in codes + STRINGS + ENCODER_STRINGS:
        ids = tokenizer(text).input_ids
        case = {"text": text, "ids": ids, "target": tokenizer(text_target=text).input_ids}
        case["pair"] = tokenizer(text, "a model").input_ids
        case["decoded"] = tokenizer.decode(ids, skip_special_tokens=True)
        cases.append(case)
    write_json(folder / "expected.json", {"cases": cases})
    print("marian", len(cases), "cases", len(names), "tokens")


MORE_STRINGS = [
    "in 12, 3,4, and 1,000,000, 7 ,8,", "``so'' it`s ''", "a\nb\n\nc  \n", "en_XX fra_Latn __fr__ a", "<mask_1><mask_2> <unk_7>",
    "<cls> a <sep> <eod><eop>", "<start_of_turn>user\n hi<end_of_turn>", " a <tool> b ", "x <|im_start|>  y", "\uff1cs\uff1e\uff0e",
]  # fmt: skip
TEXTS = [text for text in STRINGS + ENCODER_STRINGS + MORE_STRINGS if len(text) <= 64]
FAIRSEQ = dict(unk_id=0, bos_id=1, eos_id=2)
GOOGLE = dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
MAPPED = dict(normalization_rule_tsv="rules.tsv")
USER_DEFINED = '(,),",-,.,\u2013,\u00a3,\u20ac'


# XLNet's normalizer makes the name of a special token of these, and transformers its id.
FORGED = ["\uff1cs\uff1e\uff0e", "<S>"]


def added(name, special=True, **flags):
    return {"content": name, "special": special, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, **flags}  # fmt: skip


def with_commas(model):
    """Pieces that end in a number and a comma, which a trainer of today does not make."""
    proto = parsed(model)
    for name, score in (("2,", -3.0), ("\u25813,4,", -4.0), (",4,", -5.0)):
        proto.pieces.add(piece=name, score=score)
    return proto.SerializeToString()


def train_models():
    unigram = dict(model_type="unigram", vocab_size=300)
    llama = dict(model_type="bpe", vocab_size=540, byte_fallback=True, normalization_rule_name="identity",
                 remove_extra_whitespaces=False)  # fmt: skip
    models = {
        "fairseq": train_sentencepiece(**unigram, **MAPPED, **FAIRSEQ),
        "google": train_sentencepiece(**unigram, **MAPPED, **GOOGLE),
        "nllb": train_sentencepiece(model_type="bpe", vocab_size=330, **MAPPED, **FAIRSEQ),
        "albert": train_sentencepiece(
            **unigram, **MAPPED, pad_id=0, unk_id=1, bos_id=2, eos_id=3, bos_piece="[CLS]", eos_piece="[SEP]",
            control_symbols="[MASK]", user_defined_symbols=USER_DEFINED),
        "xlnet": train_sentencepiece(
            **unigram, **MAPPED, **FAIRSEQ, control_symbols="<cls>,<sep>,<pad>,<mask>,<eod>,<eop>",
            user_defined_symbols=USER_DEFINED),
        "llama": train_sentencepiece(**llama, **FAIRSEQ),
        "gemma": train_sentencepiece(
            **llama, add_dummy_prefix=False, pad_id=0, eos_id=1, bos_id=2, unk_id=3, bos_piece="<bos>", eos_piece="<eos>",
            user_defined_symbols="<mask>,<start_of_turn>,<end_of_turn>,\n\n,\t"),
    }  # fmt: skip
    for name, model in models.items():
        if name in ("albert", "xlnet"):
            model = with_commas(model)
        (FOLDER / f"{name}.model").write_bytes(model)


def m2m_100_vocabulary():
    """As the published one: the pieces' order with a few of them missing, a made-up word at the end."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / "fairseq.model"))
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += [processor.id_to_piece(i) for i in range(3, processor.vocab_size()) if i % 13 != 5]
    write_vocabulary("m2m_100", names + ["madeupword0000"])


def write_vocabulary(name, names):
    text = json.dumps({name: i for i, name in enumerate(names)}, ensure_ascii=False)
    (FOLDER / f"{name}.vocab.json").write_text(text + "\n", encoding="utf-8")


def byte_level_files(name, special):
    """The model of a tokenizer.json of this folder as the two files of older checkpoints."""
    model = json.loads((HERE / f"tokenizer_{name}" / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    write_vocabulary(name, [*model["vocab"], *special])
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    (FOLDER / f"{name}.merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    return len(model["vocab"])


# What transformers 5.23 leaves out or does otherwise than when the published models were made: 4.57.1 and the
# tokenizer.json beside those models have it.


def map_of_mbart(tokenizer):
    """5.23's class drops the map of characters."""
    proto = parsed((FOLDER / "fairseq.model").read_bytes())
    tokenizer._tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)


def steps_of_old_llama(tokenizer):
    """5.23's class has no legacy steps, LlamaConverter still does."""
    tokenizer._tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer._tokenizer.pre_tokenizer = None


def discourage_commas():
    """5.23 does not call vocab() of these converters, whose scores keep numbers and commas apart."""

    def convert_from_spm(cls, vocab=None, **options):
        fits = convert_slow_tokenizer.check_number_comma
        return {**options, "vocab": [(name, score if fits(name) else score - 100) for name, score in vocab]}

    for converter in (convert_slow_tokenizer.AlbertConverter, convert_slow_tokenizer.XLNetConverter):
        converter.convert_from_spm = classmethod(convert_from_spm)


def swapped_masks(ids):
    """5.23 gives PEGASUS's masks each other's id."""
    return [{2: 3, 3: 2}.get(i, i) for i in ids]


def folders():
    """What each is called, its files (here, there), tokenizer_config.json, what transformers is told beside, repair."""
    byte_level = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    byte_level_files("gpt2", [*byte_level, "<|endoftext|>"])
    qwen2 = byte_level_files("qwen2", [])
    nllb_languages = {str(330 + 1 + i): added(code) for i, code in enumerate([*NLLB_LANGUAGES, "<mask>"])}
    nllb_languages[str(331 + len(NLLB_LANGUAGES))].update(lstrip=True, normalized=True)
    m2m_100 = [f"__{code}__" for code in M2M_100_LANGUAGES["m2m100"]]
    gemma_added = {str(i): added(name, special=i != 7 and i != 8)
                   for i, name in enumerate(("<mask>", "<start_of_turn>", "<end_of_turn>", "\n\n", "\t"), 4)}  # fmt: skip
    masks = {"mask_token": "<mask_2>", "mask_token_sent": "<mask_1>", "offset": 103}
    llama_added = {str(i): added(name) for i, name in enumerate(("<unk>", "<s>", "</s>"))}
    llama_added |= {"540": added("<tool>", special=False), "541": added("<|im_start|>", rstrip=True),
                    "542": added("<word>", special=False, single_word=True)}  # fmt: skip
    qwen2_added = {str(qwen2 + i): added(name, special=name != "<tool>")
                   for i, name in enumerate(("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool>"))}  # fmt: skip
    roberta_mask = {"mask_token": AddedToken("<mask>", lstrip=True)}  # 5.23's class does not strip
    spiece = lambda name: {f"{name}.model": "spiece.model"}  # noqa: E731
    bpe = lambda name: {f"{name}.model": "sentencepiece.bpe.model"}  # noqa: E731
    model = lambda name: {f"{name}.model": "tokenizer.model"}  # noqa: E731
    files = lambda name: {f"{name}.vocab.json": "vocab.json", f"{name}.merges.txt": "merges.txt"}  # noqa: E731
    return [
        ("XLMRobertaTokenizer", bpe("fairseq"), {}),
        ("XLMRobertaTokenizer", bpe("fairseq"), {"add_prefix_space": False}),
        ("CamembertTokenizer", bpe("fairseq"), {}),
        ("MBartTokenizer", bpe("fairseq"), {"src_lang": "fr_XX", "tgt_lang": "de_DE"}, {}, map_of_mbart),
        ("MBart50Tokenizer", bpe("fairseq"), {}),
        ("MBart50Tokenizer", {"sentencepiece.bpe.model": "sentencepiece.bpe.model"}, {"src_lang": "sl_SI"}),
        ("NllbTokenizer", bpe("nllb"), {"src_lang": "fra_Latn"}, {"added_tokens_decoder": nllb_languages}),
        ("NllbTokenizer", bpe("nllb"), {"legacy_behaviour": True}, {"added_tokens_decoder": nllb_languages}),
        ("T5Tokenizer", spiece("google"), {"extra_ids": 3}),
        ("PegasusTokenizer", spiece("google"), {}, masks, swapped_masks),
        ("PegasusTokenizer", {"spiece.model": "spiece.model"}, masks, {}, swapped_masks),
        ("AlbertTokenizer", spiece("albert"), {}),
        ("AlbertTokenizer", spiece("albert"), {"do_lower_case": False, "keep_accents": True}),
        ("XLNetTokenizer", spiece("xlnet"), {}),
        ("XLNetTokenizer", spiece("xlnet"), {"do_lower_case": True}),
        ("M2M100Tokenizer", {**bpe("fairseq"), "m2m_100.vocab.json": "vocab.json"},
         {"src_lang": "fr", "additional_special_tokens": m2m_100}),
        ("LlamaTokenizer", model("llama"), {"added_tokens_decoder": llama_added}, {"add_bos_token": True}, steps_of_old_llama),
        ("LlamaTokenizer", model("llama"), {"legacy": True, "add_bos_token": False, "add_eos_token": True}, {}, steps_of_old_llama),
        ("LlamaTokenizer", model("llama"), {"legacy": False, "added_tokens_decoder": llama_added, "add_bos_token": True}),
        ("LlamaTokenizer", model("llama"), {"add_prefix_space": False, "add_bos_token": True}),
        ("GemmaTokenizer", model("gemma"), {"add_bos_token": True, "added_tokens_decoder": gemma_added}),
        ("GPT2Tokenizer", files("gpt2"), {}),
        ("GPT2Tokenizer", files("gpt2"), {"add_prefix_space": True, "add_bos_token": True, "pad_token": "<pad>",
                                          "extra_special_tokens": ["<tool>"]}),
        ("RobertaTokenizer", files("gpt2"), {}, roberta_mask),
        ("BartTokenizer", files("gpt2"), {"add_prefix_space": True, "mask_token": {"__type": "AddedToken", **added("<mask>", lstrip=True)}}),
        ("Qwen2Tokenizer", files("qwen2"), {"added_tokens_decoder": qwen2_added, "bos_token": None, "unk_token": None,
                                            "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
        ("Qwen2Tokenizer", files("qwen2"), {}),
    ]  # fmt: skip


def record_folder(known, name, files, config, beside=None, repair=None):
    """Of a class that is among those known, every third text."""
    step = 3 if name in known else 1
    known.add(name)
    config = {"tokenizer_class": name, **config}
    options = {key: value for key, value in (beside or {}).items() if isinstance(value, AddedToken)}
    with tempfile.TemporaryDirectory() as folder:
        for here, there in files.items():
            shutil.copy(FOLDER / here, Path(folder) / there)
        text = json.dumps({**config, **{key: value for key, value in (beside or {}).items() if key not in options}})
        (Path(folder) / "tokenizer_config.json").write_text(text)
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    mapped = lambda ids: ids  # noqa: E731
    if repair is swapped_masks:
        mapped = swapped_masks
    elif repair:
        repair(tokenizer)
    texts = TEXTS[::step]
    ids = [tokenizer(text).input_ids for text in texts]
    forged = FORGED if name == "XLNetTokenizer" else []
    pairs = [tokenizer(text, "a model", return_token_type_ids=True) for text in texts[::6]]
    print(name, config, len(tokenizer), "tokens")
    return {
        "class": name, "files": {there: here for here, there in files.items()}, "config": config, "size": len(tokenizer), "step": step,
        "ids": [None if text in forged else mapped(row) for text, row in zip(texts, ids)],
        "pairs": [mapped(pair.input_ids) for pair in pairs],
        "types": [None if name == "M2M100Tokenizer" else pair.token_type_ids for pair in pairs],
        "decoded": [tokenizer.decode(row) for row in ids[::4]],
        "decoded_skipping_special": [tokenizer.decode(row, skip_special_tokens=True) for row in ids[1::4]],
    }  # fmt: skip


def write_folders():
    train_models()
    m2m_100_vocabulary()
    discourage_commas()
    known = set()
    entries = [record_folder(known, *folder) for folder in folders()]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    texts = json.dumps(TEXTS, separators=(",", ":"))
    text = f'{{"texts": {texts},\n"folders": [\n{lines}\n]}}\n'
    (FOLDER / "folders.json").write_text(text, encoding="utf-8")


def main():
    transformers.logging.set_verbosity_error()
    FOLDER.mkdir(exist_ok=True)
    write_json(FOLDER / "expected.json", [record_class(*item) for item in OFFSETS.items()])
    write_folders()
    marian()


if __name__ == "__main__":
    main()
