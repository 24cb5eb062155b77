#!/usr/bin/env python3
"""Makes gguf_blocks/blocks.safetensors: raw blocks of each GGUF tensor type and their values.

Run by hand: python make_gguf_blocks.py. Made with gguf 0.19.0, numpy 2.4.6, safetensors 0.8.0.
Per type: random bytes with sensible scales, a block of all zero bytes, one of all 0xff with scale 1
and, where the package can quantise, blocks quantised from normal data.
"""

from pathlib import Path

import numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

RANDOM_BLOCKS = 6
QUANTISED_BLOCKS = 3

# byte offsets of the half-precision scales in a block
SCALES = {
    "F16": [0], "BF16": [], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0],
}  # fmt: skip


def half_bytes(values):
    return numpy.asarray(values, dtype="<f2").reshape(-1, 1).view(numpy.uint8)


def raw_blocks(kind, offsets, generator):
    values_per_block, size = GGML_QUANT_SIZES[kind]
    if values_per_block == 1:
        edges = [0.0, -0.0, 1.0, -2.5, 6e-8, -6e-5, 65504.0, 3.0e-39, 1e30, numpy.inf, -numpy.inf]
        values = numpy.concatenate([edges, generator.normal(size=53)]).astype(numpy.float32)
        if kind == GGMLQuantizationType.F16:
            with numpy.errstate(over="ignore"):
                return values.astype("<f2").view(numpy.uint8)
        return quantize(values, kind).reshape(-1)
    blocks = generator.integers(0, 256, (RANDOM_BLOCKS, size), dtype=numpy.uint8)
    full = numpy.full((1, size), 255, dtype=numpy.uint8)
    for offset in offsets:
        blocks[:, offset : offset + 2] = half_bytes(generator.normal(0, 0.05, RANDOM_BLOCKS))
        full[:, offset : offset + 2] = half_bytes([1.0])
    parts = [blocks, numpy.zeros((1, size), dtype=numpy.uint8), full]
    try:
        data = generator.normal(size=(QUANTISED_BLOCKS, values_per_block)).astype(numpy.float32)
        parts.append(quantize(data, kind).reshape(QUANTISED_BLOCKS, size))
    except NotImplementedError:
        pass
    return numpy.concatenate(parts).reshape(-1)


def main():
    generator = numpy.random.default_rng(7)
    tensors = {}
    for name, offsets in SCALES.items():
        kind = GGMLQuantizationType[name]
        raw = raw_blocks(kind, offsets, generator)
        values = dequantize(raw.view("<f2") if name == "F16" else raw, kind)
        tensors[f"{name}.raw"] = raw
        tensors[f"{name}.values"] = numpy.ascontiguousarray(values.reshape(-1), dtype=numpy.float32)
        print(name, raw.size, "bytes", values.size, "values")
    folder = Path(__file__).parent / "gguf_blocks"
    folder.mkdir(exist_ok=True)
    path = folder / "blocks.safetensors"
    save_file(tensors, path)
    path.chmod(0o644)


if __name__ == "__main__":
    main()
