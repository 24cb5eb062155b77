#!/usr/bin/env python3
"""Records which characters the tokens of pairs stand for, by Hugging Face tokenizers, in pair_offsets.json.

Run by hand: python make_pair_offsets.py. Made with tokenizers 0.23.3.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
PAIRS = [
    ("Zürich, 東京 🙂!", "naïve café"),
    ("Привет", "a quick 😀 fox in Kraków"),
    ("", "b"),
    ("In Berlin, Anna Müller met two of her oldest friends.", "漢字 and łódź"),
]
CUTS = [None, (14, "longest_first", "right"), (14, "longest_first", "left")]


def main():
    lines = []
    for folder in ("tokenizer_bert", "tokenizer_roberta", "tokenizer_llama3", "tokenizer_t5"):
        tokenizer = Tokenizer.from_file(str(HERE.parent / "golden" / folder / "tokenizer.json"))
        for first, second in PAIRS:
            for cut in CUTS:
                tokenizer.no_truncation()
                if cut:
                    tokenizer.enable_truncation(max_length=cut[0], strategy=cut[1], direction=cut[2])
                found = tokenizer.encode(first, second)
                case = {
                    "folder": folder, "first": first, "second": second, "cut": cut, "ids": found.ids, "offsets": found.offsets,
                    "type_ids": found.type_ids, "sequence_ids": found.sequence_ids, "word_ids": found.word_ids,
                }  # fmt: skip
                lines.append(json.dumps(case, ensure_ascii=False))
    (HERE / "pair_offsets.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
