#!/usr/bin/env python3
"""Makes mapped.model: a small SentencePiece BPE model with a map of characters, user-defined symbols, and no byte pieces.

Run by hand, in tests/text: python make_mapped_model.py. Made with sentencepiece 0.2.3.
"""
import os
import pathlib
import shutil
import tempfile

import sentencepiece

RULES = {
    "\ufb01": "fi", "\ufb02": "fl", "\u2460": "1", "\u2461": "2", "\u33a5": "m3", "\u3000": " ", "\u00a0": " ",
    "\t": " ", "\u200b": "", "e\u0301": "\u00e9", "...": "\u2026", "..": "\u2025", "\uff21": "a", "A": "a",
}  # fmt: skip

# The trainer writes the names of its files into the model, so they are names without folders.
here = pathlib.Path(__file__).resolve().parent
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    shutil.copy(here.parent / "golden" / "corpus.txt", "corpus.txt")
    code_points = [(" ".join(f"{ord(c):X}" for c in part) for part in rule) for rule in RULES.items()]
    pathlib.Path("rules.tsv").write_text("".join("\t".join(rule) + "\n" for rule in code_points))
    sentencepiece.SentencePieceTrainer.train(
        input="corpus.txt", model_prefix="mapped", model_type="bpe",
        vocab_size=400, hard_vocab_limit=False, normalization_rule_tsv="rules.tsv", minloglevel=2,
        user_defined_symbols=["<sep>", " tool", "ab"], control_symbols=["<c>"])  # fmt: skip
    shutil.copy("mapped.model", here / "mapped.model")
    os.chdir(here)
