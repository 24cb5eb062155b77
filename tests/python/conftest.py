"""Models that the tests share: golden ones, changed copies of them, and the real one where it is in the cache."""
import json
import os
import pathlib
import shutil
import struct

import numpy as np
import pytest

import loquor

TESTS = pathlib.Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden"
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"


def read_safetensors(path):
    """The tensors of a file, as NumPy arrays."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    types = {"F32": np.float32, "I32": np.int32}
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        content = np.ascontiguousarray(tensor, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


@pytest.fixture(scope="session")
def llama():
    """A model without a tokenizer."""
    return loquor.Model(GOLDEN / "llama", compute_type="f32")


@pytest.fixture(scope="session")
def llama_expected():
    return read_safetensors(GOLDEN / "llama" / "expected.safetensors")


@pytest.fixture(scope="session")
def chat_llama():
    """A model with a tokenizer and a chat template, whose own default is to sample."""
    return loquor.Model(GOLDEN / "chat_llama", compute_type="f32")


@pytest.fixture(scope="session")
def chat_expected():
    return json.loads((GOLDEN / "chat_llama" / "expected.json").read_text())


@pytest.fixture
def copied(tmp_path):
    """copied("llama", key=value): a copy of a golden model with its config.json changed."""
    def copy(name, **changes):
        folder = tmp_path / name
        shutil.copytree(GOLDEN / name, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, **changes}))
        return folder
    return copy


@pytest.fixture
def endless(copied):
    """A tiny model with a context so long that a pass over it takes minutes."""
    return loquor.Model(copied("llama", max_position_embeddings=1_000_000), compute_type="f32")


@pytest.fixture(scope="session")
def smollm2_path():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")))
    path = pathlib.Path(os.environ.get("LOQUOR_MODEL", cache / "loquor" / SMOLLM2))
    if not path.exists():
        skipped = os.environ.get("LOQUOR_SKIPPED")
        if skipped:
            with open(skipped, "a") as file:
                file.write(f"{SMOLLM2} is not in the cache\n")
        pytest.skip(f"{path} is not there")
    return path
