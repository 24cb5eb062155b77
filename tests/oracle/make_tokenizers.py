#!/usr/bin/env python3
"""Records, in tokenizers.json, the ids that published tokenizers give for difficult strings.

Run by hand: python make_tokenizers.py [--data FOLDER]. Made with tokenizers 0.23.3 and
sentencepiece 0.2.3. Ids are recorded, vocabularies are not: the models' own terms hold for those.
"""

import argparse
import hashlib
import json
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer

from tokenizer_cases import ENCODER_STRINGS, STRINGS, hugging_face_case, sentencepiece_case

HERE = Path(__file__).parent
FILES = [
    "llama3_1/tokenizer.json", "qwen3/tokenizer.json", "roberta-base/tokenizer.json",
    "mistral/tokenizer.model.v1", "mistral/mistral_instruct_tokenizer_240323.model.v3",
    "t5-small/tokenizer.json", "nmt/tokenizer.json", "sentencepiece/test_model.model",
    "sentencepiece/test_ja_model.model",
]  # fmt: skip


def cases_of(path):
    if path.suffix == ".json":
        tokenizer = Tokenizer.from_file(str(path))
        return [hugging_face_case(tokenizer, text) for text in STRINGS + ENCODER_STRINGS]
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [sentencepiece_case(processor, text) for text in STRINGS + ENCODER_STRINGS]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "../../../shared/data/tokenizers")
    folder = parser.parse_args().data
    tokenizers = []
    for name in FILES:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases_of(folder / name))
        tokenizers.append(f'{{"file": "{name}", "sha256": "{digest}", "cases": [\n{lines}\n]}}')
        print(name)
    strings = ",\n".join(json.dumps(text, ensure_ascii=False) for text in STRINGS + ENCODER_STRINGS)
    (HERE / "tokenizers.json").write_text(
        '{"strings": [\n' + strings + '\n],\n"tokenizers": [\n' + ",\n".join(tokenizers) + "\n]}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
