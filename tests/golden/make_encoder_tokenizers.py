#!/usr/bin/env python3
"""Trains the tiny tokenizers of encoders and encoder-decoders on corpus.txt and records what they do.

Run by hand: python make_encoder_tokenizers.py. Made with tokenizers 0.23.3, sentencepiece 0.2.3.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "oracle"))
from make_tokenizers import write_json  # noqa: E402
from tokenizer_cases import (  # noqa: E402
    ENCODER_STRINGS,
    STRINGS,
    hugging_face_case,
    pair_cases,
    sentencepiece_case,
)

CORPUS = HERE / "corpus.txt"
MAP_RULES = {
    "\ufb01": "fi", "\u2460": "1", "\u3000": " ", "\u00a0": " ", "\t": " ", "\u200b": "", "e\u0301": "\u00e9",
    "o": "0", "o\u0301": "\u00f3", "\u00b2": "2", "A": "a", "..": "\u2025",
}  # fmt: skip


def train_sentencepiece(**options):
    """A SentencePiece model; it holds the names of its files, so they have no folders."""
    with tempfile.TemporaryDirectory() as folder:
        back = os.getcwd()
        os.chdir(folder)
        shutil.copy(CORPUS, "corpus.txt")
        rules = ((" ".join(f"{ord(c):X}" for c in part) for part in rule) for rule in MAP_RULES.items())
        Path("rules.tsv").write_text("".join("\t".join(rule) + "\n" for rule in rules))
        sentencepiece.SentencePieceTrainer.train(
            input="corpus.txt", model_prefix="m", hard_vocab_limit=False, minloglevel=2, num_threads=1,
            **options)  # fmt: skip
        model = Path("m.model").read_bytes()
        os.chdir(back)
    return model


def parsed(model):
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    return proto


def unigram(model, special, byte_fallback=False):
    """The normal pieces of a SentencePiece model behind special tokens, and its character map."""
    proto = parsed(model)
    vocabulary = [(name, 0.0) for name in special]
    vocabulary += [(piece.piece, piece.score) for piece in proto.pieces if piece.type in (1, 6)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, special.index("<unk>"), byte_fallback))
    tokenizer.add_special_tokens(special)
    return tokenizer, proto.normalizer_spec.precompiled_charsmap


def bert_template(tokenizer):
    return processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")])  # fmt: skip


def word_piece(normalizer, **options):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", **options))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=320, special_tokens=special, show_progress=False)
    tokenizer.train([str(CORPUS)], trainer)
    return tokenizer


def bert():
    """BERT's, uncased: accents go where case does."""
    tokenizer = word_piece(normalizers.BertNormalizer())
    tokenizer.post_processor = bert_template(tokenizer)
    return tokenizer


def bert_cased():
    """The opposite of every option; another prefix, short words only, a decoder that keeps spaces."""
    tokenizer = word_piece(
        normalizers.BertNormalizer(
            clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False
        )
    )
    vocabulary = {name.replace("##", "@@", 1): i for name, i in tokenizer.get_vocab().items()}
    tokenizer.model = models.WordPiece(
        vocabulary, unk_token="[UNK]", continuing_subword_prefix="@@", max_input_chars_per_word=8
    )
    tokenizer.decoder = decoders.WordPiece(prefix="@@", cleanup=False)
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]"))
    )
    return tokenizer


def t5():
    """T5's, with the whole of SentencePiece's usual map of characters."""
    model = train_sentencepiece(model_type="unigram", vocab_size=260, normalization_rule_name="nmt_nfkc")
    tokenizer, characters = unigram(model, ["<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = normalizers.Precompiled(characters)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.add_special_tokens([AddedToken("<extra_id_0>"), AddedToken("<mask>", lstrip=True)])
    return tokenizer


def albert():
    """ALBERT's chain of normalizers, byte fallback, a map with rules that begin alike."""
    model = train_sentencepiece(
        model_type="unigram", vocab_size=480, normalization_rule_tsv="rules.tsv", byte_fallback=True,
        character_coverage=0.98)  # fmt: skip
    tokenizer, characters = unigram(model, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], True)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
            normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Precompiled(characters),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    tokenizer.post_processor = bert_template(tokenizer)
    return tokenizer


def marian():
    """The normalizers of converted SentencePiece models, with the same map before other rules act."""
    model = train_sentencepiece(model_type="unigram", vocab_size=300, normalization_rule_tsv="rules.tsv")
    tokenizer, characters = unigram(model, ["</s>", "<unk>"])
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(characters), normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), "\u2581"),
        ]
    )  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A $B </s>", special_tokens=[("</s>", 0)]
    )
    return tokenizer


def xlnet():
    """A template that ends with its marks, three types; a space in front of the whole text only."""
    model = train_sentencepiece(model_type="unigram", vocab_size=300, normalization_rule_name="identity")
    tokenizer, _ = unigram(model, ["<unk>", "<s>", "</s>", "<cls>", "<sep>"])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(True), pre_tokenizers.Metaspace(prepend_scheme="first", split=False)]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first", split=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 <sep>:0 <cls>:2", pair="$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2",
        special_tokens=[("<sep>", 4), ("<cls>", 3)])  # fmt: skip
    return tokenizer


def roberta():
    """RoBERTa's post-processor, which trims offsets and parts texts by two tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])  # fmt: skip
    tokenizer.train([str(CORPUS)], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


HUGGING_FACE = {
    "bert": bert, "bert_cased": bert_cased, "t5": t5, "albert": albert, "marian": marian, "xlnet": xlnet,
    "roberta": roberta,
}  # fmt: skip

SENTENCEPIECE = {
    "unigram": dict(
        vocab_size=500, normalization_rule_name="nmt_nfkc_cf", byte_fallback=True, character_coverage=0.98,
        user_defined_symbols=["<tool>", "ab"], control_symbols=["<mask>"],
    ),
    "unigram_plain": dict(
        vocab_size=300, normalization_rule_name="identity", add_dummy_prefix=False,
        remove_extra_whitespaces=False, bos_id=-1, pad_id=0, eos_id=1, unk_id=2,
    ),
}  # fmt: skip


def main():
    strings = STRINGS + ENCODER_STRINGS
    for name, make in HUGGING_FACE.items():
        folder = HERE / f"tokenizer_{name}"
        folder.mkdir(exist_ok=True)
        make().save(str(folder / "tokenizer.json"), pretty=False)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        cases = [{"text": text, **hugging_face_case(tokenizer, text, offsets=True)} for text in strings]
        write_json(folder / "expected.json", {"cases": cases, "pairs": pair_cases(tokenizer, strings)})
        print(name, tokenizer.get_vocab_size(), "tokens")
    folder = HERE / "tokenizer_bert"
    vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    names = "".join(name + "\n" for name in sorted(vocabulary, key=vocabulary.get))
    (folder / "vocab.txt").write_text(names, encoding="utf-8")
    for name, options in SENTENCEPIECE.items():
        folder = HERE / f"tokenizer_{name}"
        folder.mkdir(exist_ok=True)
        model = train_sentencepiece(model_type="unigram", **options)
        (folder / "tokenizer.model").write_bytes(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        cases = [{"text": text, **sentencepiece_case(processor, text, offsets=True)} for text in strings]
        write_json(folder / "expected.json", {"cases": cases})
        print(name, processor.vocab_size(), "pieces")


if __name__ == "__main__":
    main()
