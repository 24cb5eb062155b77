#!/usr/bin/env python3
"""Records what transformers makes of STS-B's dev pairs with all-MiniLM-L6-v2, run by hand:

    python3 tests/golden/make_minilm.py MODEL-FOLDER stsb-en-dev.csv

with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0, numpy and scipy's formula of Spearman's correlation (ranks
with ties averaged). minilm/expected.json: Spearman's correlation with the scores that people gave, and the sha256 of
the weights. minilm/expected.safetensors: similarities (1500,), and of each embedding (3000, 384), which would take 4.6
MB, enough to know it from another one that is near: it is rounded to integers n, in units of STEP; parities (3000, 48)
are the lowest bits of n, eight a byte from the lowest one up, and hashes (3000, 8) are FNV-1a of n as 16-bit integers.
Who has an embedding within half a step of transformers' finds n, the integer of the parity that is nearest, and its
hash; who has any other one finds another hash.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

import numpy
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
STEP = 2.0**-14


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


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value.to_bytes(8, "little")


def rounded(embeddings):
    """parities and hashes of embeddings."""
    units = numpy.rint(embeddings.double().numpy() / STEP).astype("<i2")
    parities = numpy.packbits((units & 1).astype(bool), axis=1, bitorder="little")
    hashes = numpy.frombuffer(b"".join(fnv1a(row.tobytes()) for row in units), numpy.uint8)
    return {"parities": torch.from_numpy(parities), "hashes": torch.from_numpy(hashes.reshape(-1, 8).copy())}


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
    save_file({"similarities": similarities.float(), **rounded(embeddings)}, out / "expected.safetensors")
    sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    expected = {"spearman": spearman(similarities, gold), "sha256": sha256}
    (out / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(expected)


if __name__ == "__main__":
    main()
