"""What the pages say: the README's commands and programs run and print what is shown, and paths and links lead somewhere."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/agreement.md",
                               "docs/options.md")]
GOLDEN_CHAT = ROOT / "tests/golden/chat_llama"
CACHED = "~/.cache/loquor/SmolLM2-135M-Instruct.Q4_1.gguf"
CACHED_ENCODER = "~/.cache/loquor/all-MiniLM-L6-v2"

# (language, text) of each fenced block, in order.
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHOWN = [(language, code, BLOCKS[i + 1][1]) for i, (language, code) in enumerate(BLOCKS[:-1])
         if language in ("bash", "python") and BLOCKS[i + 1][0] == "text" and i > 1]


def skip(reason):
    """Skips the test, and counts it for tests/run.sh's line."""
    if counted := os.environ.get("LOQUOR_SKIPPED"):
        with open(counted, "a") as file:
            file.write(reason + "\n")
    pytest.skip(reason)


def model():
    """SmolLM2, as tests/data.h finds it."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(os.environ.get("LOQUOR_MODEL") or pathlib.Path(cache) / "loquor" / pathlib.Path(CACHED).name)
    if not path.exists():
        skip("SmolLM2-135M-Instruct is not in the cache")
    return path


def encoder():
    """all-MiniLM-L6-v2, as tests/data.h finds it."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(os.environ.get("LOQUOR_EMBEDDING_MODEL") or
                        pathlib.Path(cache) / "loquor" / pathlib.Path(CACHED_ENCODER).name)
    if not path.exists():
        skip("all-MiniLM-L6-v2 is not in the cache")
    return path


def printed(command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500, cwd=ROOT,
                          env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout
    return done.stdout


def masked(text):
    """Times and rates differ from run to run, and the last digits of logits from machine to machine."""
    return re.sub(r"\d+\.\d+", "#.#", text)


def test_the_first_two_blocks_are_the_two_commands():
    assert [language for language, _ in BLOCKS[:3]] == ["bash", "bash", "text"]
    assert BLOCKS[0][1].startswith("bash examples/quickstart.sh ")
    assert BLOCKS[1][1] == "bash tests/run.sh\n"
    assert BLOCKS[1][1].strip() in (ROOT / ".ci/run").read_text()


def test_the_quickstart_answers_as_shown(tmp_path):
    # The script as it is, in a tree whose build/release is the build under test, and whose name has a space.
    found = model()
    missing = printed(["bash", "-c", '. setup/packages.sh && missing_packages "${build_packages[@]}"'])
    if missing:
        skip("the quickstart would install " + " ".join(missing.split()))
    tree = tmp_path / "a tree"
    (tree / "build").mkdir(parents=True)
    (tree / "build/release").symlink_to(os.environ["LOQUOR_BUILD"])
    for folder in ("examples", "cmake", "setup"):
        (tree / folder).symlink_to(ROOT / folder)
    (tmp_path / "loquor").mkdir()
    (tmp_path / "loquor" / pathlib.Path(CACHED).name).symlink_to(found)
    command = BLOCKS[0][1].replace("bash examples", f"bash '{tree}/examples'")
    assert masked(printed(["bash", "-c", command], XDG_CACHE_HOME=str(tmp_path))) == masked(BLOCKS[2][1])


@pytest.mark.parametrize("language", ["c", "cpp", "python"])
def test_the_programs_are_shown_as_they_are(language):
    file = ROOT / "examples" / ("hello." + language.replace("python", "py"))
    assert file.read_text() in [code for shown, code in BLOCKS if shown == language]
    assert len(file.read_text().splitlines()) < 40


@pytest.mark.parametrize("program", ["LOQUOR_HELLO_C", "LOQUOR_HELLO_CPP"])
def test_the_programs_answer(program):
    def run(*arguments):
        return subprocess.run([os.environ[program], *map(str, arguments)], capture_output=True, timeout=500)
    for path in (GOLDEN_CHAT, GOLDEN_CHAT / "chat_llama.gguf"):
        done = run(path, "Hello")  # a model that samples: any text, or none
        assert (done.returncode, done.stderr) == (0, b"") and done.stdout.endswith(b"\n")
    done = run("nowhere.gguf", "Hello")
    assert done.returncode == 1 and b"nowhere.gguf" in done.stderr and done.stderr.count(b"\n") == 1
    assert run().returncode == 2
    assert run(model(), "What is the capital of France?").stdout == b"The capital of France is Paris.\n"


@pytest.mark.parametrize("language, code, output", SHOWN, ids=[language for language, *_ in SHOWN])
def test_the_other_blocks_print_what_is_shown(language, code, output):
    cached, path = (CACHED_ENCODER, encoder) if CACHED_ENCODER in code else (CACHED, model)
    assert cached in code
    code = code.replace(cached, str(path()))
    if language == "python":
        if "PYTHONPATH" not in os.environ:
            pytest.skip("built without the Python module")
        found = printed([sys.executable, "-c", code])
    else:
        found = printed(["bash", "-euc", code], PATH=f"{pathlib.Path(os.environ['LOQUOR_TOOL']).parent}:{os.environ['PATH']}")
    assert masked(found) == masked(output)


def test_every_block_is_run_or_compared():
    languages = [language for language, _ in BLOCKS]
    assert languages.count("text") == 1 + len(SHOWN)
    assert languages.count("bash") == 2 + sum(language == "bash" for language, *_ in SHOWN)
    assert languages.count("python") == 1 + sum(language == "python" for language, *_ in SHOWN)
    assert languages.count("c") == languages.count("cpp") == 1
    assert len(languages) == README.count("\n```") / 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_links_lead_to_files(page):
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"
    folders = "include|lib|capi|bindings|examples|tests|benchmarks|cmake|setup|docs"
    for path in re.findall(rf"`((?:{folders})/[\w./*{{}},-]*)`", text):
        choices = re.search(r"\{(.*?)\}", path)
        for choice in choices[1].split(",") if choices else [""]:
            one = path.replace(choices[0], choice) if choices else path
            if "NAME" not in one and "TOPIC" not in one:
                assert list(ROOT.glob(one.rstrip("/"))), f"{page.name} names {one}"


def test_the_page_of_options_is_what_the_tables_say():
    assert (ROOT / "docs/options.md").read_text() == printed([os.environ["LOQUOR_OPTIONS_PAGE"]]), \
        "write it anew: options_page > docs/options.md"


def test_the_page_of_agreement_has_every_family():
    rows = re.findall(r"^\| `(\w[^`]*)` \| `(\w+)`", (ROOT / "docs/agreement.md").read_text(), re.MULTILINE)
    names = {name.removesuffix("_text") for name, _ in rows}
    families = {path.stem for path in (ROOT / "lib/models").glob("*.cpp")}
    assert families - names == {"chatglm"}  # a GLM under other names: tests/nn/chatglm_test.cpp
    readme = README[README.index("## What it loads"):README.index("## How well it agrees")]
    assert not [family for family in families if f"`{family}`" not in readme]
