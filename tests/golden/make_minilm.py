#!/usr/bin/env python3
"""Records what transformers makes of STS-B's dev pairs with all-MiniLM-L6-v2, run by hand:

    python3 tests/golden/make_minilm.py MODEL-FOLDER stsb-en-dev.csv

with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0, numpy and scipy's formula of Spearman's correlation (ranks
with ties averaged). minilm/expected.safetensors: embeddings (64, 384) of the first 32 pairs, similarities (1500,) of
all. minilm/expected.json: Spearman's correlation with the scores that people gave, and the sha256 of the weights.
With a third argument, all embeddings (3000, 384) go there too, for checking by hand.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent


def ranks(values):
    order = torch.argsort(values, stable=True)
    result = torch.empty(len(values), dtype=torch.float64)
    result[order] = torch.arange(len(values), dtype=torch.float64)
    for value in values.unique():  # ties have the mean of their ranks
        same = values == value
        result[same] = result[same].mean()
    return result


def spearman(a, b):
    return torch.corrcoef(torch.stack((ranks(a), ranks(b))))[0, 1].item()


def main():
    folder, table = Path(sys.argv[1]), Path(sys.argv[2])
    with table.open(newline="") as file:
        rows = list(csv.reader(file))
    texts = [text for row in rows for text in row[:2]]
    gold = torch.tensor([float(row[2]) for row in rows], dtype=torch.float64)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    embeddings = []
    with torch.no_grad():
        for text in texts:
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
            embeddings.append(torch.nn.functional.normalize(states.mean(0), dim=0))
    embeddings = torch.stack(embeddings)
    similarities = (embeddings[::2].double() * embeddings[1::2].double()).sum(1)
    out = HERE / "minilm"
    out.mkdir(exist_ok=True)
    save_file({"embeddings": embeddings[:64].clone(), "similarities": similarities.float()}, out / "expected.safetensors")
    sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    expected = {"spearman": spearman(similarities, gold), "sha256": sha256}
    (out / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(expected)
    if len(sys.argv) > 3:
        save_file({"embeddings": embeddings}, sys.argv[3])


if __name__ == "__main__":
    main()
