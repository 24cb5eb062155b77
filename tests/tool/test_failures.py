"""Wrong use ends with status 2, a failure with 1, each after one line on standard error; nothing crashes."""
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import GOLDEN, TOOL

LLAMA = GOLDEN / "llama"
CHAT = GOLDEN / "chat_llama"


def assert_fails(done, status, *words):
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stderr.startswith("loquor: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("arguments, word", [
    ((), "no command"), (("frobnicate",), "frobnicate"), (("chat",), "MODEL"), (("info", LLAMA, "--frobnicate"), "frobnicate"),
    (("generate", LLAMA, "--temperature", "hot"), "temperature"), (("generate", LLAMA, "--temperature", "-1"), "temperature"),
    (("generate", LLAMA, "--max-new-tokens", "1.5"), "max_new_tokens"), (("generate", LLAMA, "--logit-bias", "{"), "line 1"),
    (("generate", CHAT, "x", "--system", "y"), "--chat"), (("generate", LLAMA, "x", "--ids", "1"), "--ids"),
    (("info", LLAMA, "--compute-type", "f8"), "bf16"), (("logits", LLAMA, "--ids", "x"), "ids"),
    (("info", LLAMA, "--context-length", "100000"), "64"), (("perplexity", LLAMA, "f", "--window", "1"), "window"),
    (("generate", LLAMA, "--num-beams", "0"), "num_beams"), (("generate", LLAMA, "--early-stopping", "soon"), "never"),
    (("generate", LLAMA, "--bad-words-ids", "[3]"), "bad_words_ids"),
    (("tokenize", CHAT, "x", "--ids", "1"), "--ids"), (("tokenize", CHAT, "x", "--truncation", "middle"), "longest_first"),
    (("embed", LLAMA, "x", "--truncation", "cut"), "tail"), (("tag", LLAMA, "x", "--stride", "-1"), "stride"),
    (("zero-shot", LLAMA, "x"), "--label"), (("answer", LLAMA, "x"), "CONTEXT"),
    (("chat", CHAT, "--context-overflow", "explode"), "truncate_left"), (("generate", LLAMA, "--threads", "-1"), "threads")])
def test_wrong_use(loquor, arguments, word):
    assert_fails(loquor(*arguments), 2, word)


def test_missing_files(loquor, tmp_path):
    assert_fails(loquor("info", tmp_path / "nowhere.gguf"), 1, "nowhere.gguf")
    assert_fails(loquor("chat", "nobody/nothing"), 1, "nobody/nothing")
    assert_fails(loquor("info", tmp_path), 1, "config.json")
    assert_fails(loquor("perplexity", CHAT, tmp_path / "nothing"), 1, "nothing")


def test_bad_files(loquor, tmp_path):
    path = tmp_path / "bad.gguf"
    data = (LLAMA / "llama.gguf").read_bytes()
    for bad in (b"", data[:100], data[:len(data) // 2], b"\xff" * 4096):
        path.write_bytes(bad)
        assert_fails(loquor("generate", path, "--ids", "1"), 1, "bad.gguf")
        assert_fails(loquor("info", path), 1, "bad.gguf")


def test_unknown_config_key(loquor, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(LLAMA, folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace("{", '{"frobnicate": 1,', 1))
    assert_fails(loquor("info", folder), 1, "frobnicate")
    assert loquor("info", folder, "--ignore-config-keys", "frobnicate").returncode == 0


@pytest.mark.parametrize("change, word", [
    (("LlamaForCausalLM", "Frobnicator"), "Frobnicator"),
    (('"num_hidden_layers": 2', '"num_hidden_layers": 3'), "model.layers.2."),
    (('"num_hidden_layers": 2', '"num_hidden_layers": 1'), "model.layers.1."),
    (('"intermediate_size": 28', '"intermediate_size": 29'), "mlp.gate_proj.weight")])
def test_configs_that_the_weights_do_not_fit(loquor, tmp_path, change, word):
    folder = tmp_path / "model"
    shutil.copytree(LLAMA, folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace(*change))
    assert_fails(loquor("logits", folder, "--ids", "1"), 1, word)


def test_no_labels_in_the_config(loquor, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(GOLDEN / "tasks_entail", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "id2label": None, "label2id": None}))
    assert_fails(loquor("classify", folder, "a"), 1, "'classifier.weight' has shape (3, 24), expected (2, 24)")


def test_damaged_files_of_a_folder(loquor, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(LLAMA, folder)
    for name in ("model.safetensors", "config.json"):
        whole = (folder / name).read_bytes()
        for bad in (b"", whole[:len(whole) // 2], b"\xff" * 4096):
            (folder / name).write_bytes(bad)
            assert_fails(loquor("logits", folder, "--ids", "1"), 1, name)
        (folder / name).write_bytes(whole)


def test_tasks_that_the_model_or_the_texts_do_not_allow(loquor):
    embed, tag, entail = (GOLDEN / f"tasks_{name}" for name in ("embed", "tag", "entail"))
    assert_fails(loquor("generate", GOLDEN / "bert", "--ids", "3"), 1, "encoder-only")
    assert_fails(loquor("chat", embed, input="x\n"), 1, "encoder-only")
    assert_fails(loquor("fill-mask", entail, "a"), 1, "no masked language model head")
    assert_fails(loquor("rerank", entail, "a", "b"), 1, "one label")
    assert_fails(loquor("embed", embed, "the " * 100), 1, "set truncation to head or tail")
    assert_fails(loquor("embed", embed, ""), 1, "input 0 is an empty text")
    assert_fails(loquor("embed", embed, input=""), 1, "no inputs were given")
    assert_fails(loquor("answer", GOLDEN / "tasks_answer", "", "a"), 1, "input 0 is an empty text")
    assert_fails(loquor("tag", tag, "a", "--stride", "3"), 1, "aggregation_strategy")
    done = subprocess.run([TOOL, "classify", entail, b"\xff"], capture_output=True, text=True)
    assert_fails(done, 1, "UTF-8")


def test_texts_and_ids_that_the_model_cannot_take(loquor):
    assert_fails(loquor("generate", LLAMA, "text"), 1, "no tokenizer")
    assert_fails(loquor("chat", LLAMA, input="x\n"), 1, "no chat template")
    assert_fails(loquor("generate", LLAMA, "--ids", "79"), 1, "79")
    assert_fails(loquor("generate", LLAMA, "--ids", "1", "--num-beams", "80"), 1, "num_beams", "79")
    assert_fails(loquor("generate", LLAMA, "--ids", "1", "--length-penalty", "2"), 1, "num_beams")
    assert_fails(loquor("generate", LLAMA, "--ids", "1", "--assistant-model", CHAT), 1, "assistant_model", "385", "79")
    assert_fails(loquor("generate", LLAMA, "--ids", ",".join(["1"] * 65)), 1, "65", "64")
    assert_fails(loquor("generate", CHAT, "", "--no-add-special-tokens"), 1, "no token ids")
    assert_fails(loquor("perplexity", CHAT, "-", input=""), 1, "fewer than 2 tokens")
    done = subprocess.run([TOOL, "tokenize", CHAT, b"\xff"], capture_output=True, text=True)
    assert_fails(done, 1, "UTF-8")


def test_calls_of_another_kind_of_model(loquor):
    encoder, translator = GOLDEN / "tasks_mask", GOLDEN / "tasks_translate"
    assert_fails(loquor("generate", encoder, "text"), 1, "this model is encoder-only: it has no generate")
    assert_fails(loquor("chat", encoder, input="x\n"), 1, "this model is encoder-only: it has no chat")
    assert_fails(loquor("perplexity", encoder, "-", input="a text"), 1, "encoder-only")
    assert_fails(loquor("translate", encoder, "text"), 1, "this model is encoder-only: it has no translate")
    assert_fails(loquor("summarize", CHAT, "text"), 1, "this model is decoder-only: it has no summarize")
    assert_fails(loquor("translate", translator, "text", "--tgt-lang", "de"), 1, "tgt_lang", "'de'")
    assert_fails(loquor("translate", translator, "the " * 99), 1, "input 0 has", "96")
    assert_fails(loquor("summarize", translator, input=""), 1, "no inputs")


def test_out_of_memory(loquor):
    assert_fails(loquor("generate", LLAMA, "--ids", "1", "--memory-limit", "1000"), 1, "memory")


def test_a_reader_that_leaves_ends_the_tool_quietly():
    command = f"'{TOOL}' logits '{LLAMA}' --ids {','.join(['1'] * 64)} --json --top 79 | head -c 10"
    done = subprocess.run(["bash", "-c", f"trap '' PIPE; {command}"], capture_output=True, text=True, timeout=60)
    assert done.stderr == "" and len(done.stdout) == 10


def test_a_full_disk_is_told():
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([TOOL, "info", LLAMA], stdout=full, stderr=subprocess.PIPE, text=True)
    assert_fails(done, 1, "cannot write")


@pytest.fixture
def endless(tmp_path):
    folder = tmp_path / "endless"
    shutil.copytree(CHAT, folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"max_position_embeddings": 256', '"max_position_embeddings": 9999999'))
    return folder


def test_an_interrupt_ends_generation_with_what_there_is(endless):
    process = subprocess.Popen([TOOL, "generate", endless, "Once", "--eos-token-id", "0", "--timings"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(10)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    output, error = process.communicate(timeout=20)
    assert time.monotonic() - began < 2
    assert process.returncode == 130 and output.endswith(b"\n") and error.startswith(b"load ")


def test_an_interrupt_ends_one_answer_of_a_chat(endless):
    process = subprocess.Popen([TOOL, "chat", endless, "--eos-token-id", "0", "--quiet"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"Hello\n")
    process.stdin.flush()
    process.stdout.read(10)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(b"/exit\n", timeout=20)
    assert process.returncode == 0 and rest[1] == b""
