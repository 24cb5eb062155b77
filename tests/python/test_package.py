"""The type stubs say what the module has, and the example runs."""
import pathlib
import subprocess
import sys

import pytest

import loquor
from conftest import GOLDEN, TESTS


def test_the_stubs_match_the_module(tmp_path):
    pytest.importorskip("mypy.stubtest")
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nenable_incomplete_feature = Unpack\n")
    # pybind11's classes have a metaclass of their own, and an __init__ that only says that there is none.
    allowed = tmp_path / "allowed"
    allowed.write_text(r"""loquor\._loquor\.[A-Z]\w*(\.Stream)?
loquor\._loquor\.(Chat|Session|Tokenizer)\.__init__
""")
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "loquor._loquor", "--concise", "--mypy-config-file", config,
         "--allowlist", allowed, "--ignore-unused-allowlist"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def options_in_the_stubs():
    stub = (pathlib.Path(loquor.__file__).parent / "_loquor.pyi").read_text()
    for kind, *classes in [("encode", "Encode"), ("session", "Session"), ("chat", "Chat", "Session"), ("model", "Model"),
                           ("generate", "Generate"), ("render", "Render"), ("embed", "Embed", "Input"),
                           ("classify", "Classify", "Input"), ("tag", "Tag", "Input"), ("fill_mask", "FillMask", "Input"),
                           ("rerank", "Rerank", "Input"), ("answer", "Question"), ("zero_shot", "ZeroShot", "Input"),
                           ("score", "Input")]:
        names = set()
        for name in classes:
            body = stub.split(f"class _{name}Options(")[1].split("\n\n")[0]
            names |= {line.split(":")[0].strip() for line in body.splitlines()[1:]}
        yield kind, names - {"progress"}


@pytest.mark.parametrize("kind, names", options_in_the_stubs())
def test_the_stubs_name_every_option(kind, names):
    assert names == {option["name"] for option in loquor.describe(kind)}


def test_everything_public_is_exported():
    public = {name for name in vars(loquor._loquor) if not name.startswith("_")}
    assert public <= set(loquor.__all__)


def test_hello_answers(copied):
    hello = TESTS.parent / "examples" / "hello.py"
    assert len(hello.read_text().splitlines()) < 40

    def run(*arguments):
        return subprocess.run([sys.executable, hello, *arguments], capture_output=True, text=True)

    chat, plain = copied("chat_llama"), GOLDEN / "llama"
    (chat / "generation_config.json").write_text('{"do_sample": false, "eos_token_id": [381, 384]}')
    answered = run(chat, "Hello")
    assert answered.stdout == loquor.Model(chat).chat().send("Hello").text + "\n"
    assert (answered.returncode, answered.stderr) == (0, "")
    for path, problem in [("nowhere.gguf", "nowhere.gguf"), (plain, "no tokenizer")]:
        failed = run(path, "Hello")
        assert failed.returncode == 1 and problem in failed.stderr and failed.stderr.count("\n") == 1
    assert run().returncode == 2
