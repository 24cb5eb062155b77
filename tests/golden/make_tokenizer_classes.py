#!/usr/bin/env python3
"""Records what transformers' tokenizer classes make of SentencePiece models and of Marian's pair of them.

Run by hand: python make_tokenizer_classes.py. Made with transformers 5.23.0, sentencepiece 0.2.3.
Classes other than Marian's convert the model to the other library's; strings where that changes ids are left out.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from transformers import AutoTokenizer

from make_encoder_tokenizers import ENCODER_STRINGS, HERE, STRINGS, train_sentencepiece
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


def main():
    transformers.logging.set_verbosity_error()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    write_json(FOLDER / "expected.json", [record_class(*item) for item in OFFSETS.items()])
    marian()


if __name__ == "__main__":
    main()
