"""Each wrong input gives one line that names the thing, as an exception of the fitting type, and nothing else breaks."""
import json
import subprocess
import sys

import numpy as np
import pytest

import loquor
from conftest import GOLDEN, read_safetensors, write_safetensors


def fails(kind, *words):
    return pytest.raises(kind, match="".join(f"(?=.*{word})" for word in words) + "^[^\n]+$")


@pytest.fixture(autouse=True)
def everything_still_works(llama, llama_expected):
    yield
    ids = llama_expected["ids"]
    assert np.abs(llama.logits(ids) - llama_expected["logits"]).max() < 1e-3


def test_exceptions_are_of_the_fitting_builtin_type():
    for name, builtin, code in [
            ("InvalidArgument", ValueError, "invalid_argument"), ("NotFound", FileNotFoundError, "not_found"),
            ("InvalidFile", ValueError, "invalid_file"), ("Unsupported", NotImplementedError, "unsupported"),
            ("OutOfMemory", MemoryError, "out_of_memory"), ("ContextFull", ValueError, "context_full"),
            ("Cancelled", Exception, "cancelled"), ("Busy", RuntimeError, "busy"), ("ReadError", OSError, "io"),
            ("InternalError", RuntimeError, "internal")]:
        kind = getattr(loquor, name)
        assert issubclass(kind, loquor.Error) and issubclass(kind, builtin) and kind.code == code


def test_missing_file(tmp_path):
    with fails(loquor.NotFound, "nowhere.gguf"):
        loquor.Model(tmp_path / "nowhere.gguf")


def test_missing_model_names_the_folders_searched(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with fails(loquor.NotFound, "nobody/nothing", tmp_path.name):
        loquor.Model("nobody/nothing")


def test_folder_without_config(tmp_path):
    with fails(loquor.NotFound, "config.json"):
        loquor.Model(tmp_path)


def test_unknown_architecture(copied):
    with fails(loquor.Unsupported, "Frobnicator"):
        loquor.Model(copied("llama", model_type="frobnicator", architectures=["Frobnicator"]))


def test_unknown_config_key_can_be_ignored(copied):
    folder = copied("llama", frobnicate=3)
    with fails(loquor.Unsupported, "frobnicate"):
        loquor.Model(folder)
    loquor.Model(folder, ignore_config_keys=["frobnicate"])


def test_missing_extra_and_misshapen_tensors(copied):
    folder = copied("llama")
    path = folder / "model.safetensors"
    tensors = read_safetensors(path)
    name = "model.layers.1.mlp.up_proj.weight"
    missing = {key: tensor for key, tensor in tensors.items() if key != name}
    extra = {**tensors, name.replace("up", "sideways"): tensors[name]}
    misshapen = {**tensors, name: tensors[name][:-1]}
    for kind, changed in [(loquor.InvalidFile, missing), (loquor.Unsupported, extra), (loquor.InvalidFile, misshapen)]:
        write_safetensors(path, changed)
        with fails(kind, "model.layers.1.mlp"):
            loquor.Model(folder)


@pytest.mark.parametrize("name", ["llama/llama.gguf", "chat_llama/chat_llama.gguf"])
def test_truncated_and_garbage_files(tmp_path, name):
    data = (GOLDEN / name).read_bytes()
    path = tmp_path / "bad.gguf"
    for bad in (data[:len(data) // 2], data[:100], data[:10], b"", b"\xff" * 1000):
        path.write_bytes(bad)
        with fails(loquor.InvalidFile, "bad.gguf"):
            loquor.Model(path)
        with fails(loquor.InvalidFile):
            loquor.Model(bad)


def test_damaged_files_of_a_folder(copied):
    folder = copied("llama")
    for name in ("model.safetensors", "config.json"):
        path = folder / name
        whole = path.read_bytes()
        for bad in (whole[:len(whole) // 2], b"", b"\xff" * 1000):
            path.write_bytes(bad)
            with fails(loquor.InvalidFile, name):
                loquor.Model(folder)
        path.write_bytes(whole)
    assert loquor.Model(folder).logits([1]).shape == (1, 79)


def test_prompt_longer_than_the_context(llama):
    with fails(loquor.ContextFull, "65", "64"):
        llama.generate([1] * 65)
    with fails(loquor.ContextFull, "65", "64"):
        llama.logits([1] * 65)


def test_invalid_text(chat_llama):
    for bad in (b"\xff\xfe", "\ud800"):
        with fails(loquor.InvalidArgument):
            chat_llama.tokenizer.encode(bad)
        with fails(loquor.InvalidArgument):
            chat_llama.tokenizer.encode_pair("a", bad)
        with fails(loquor.InvalidArgument):
            chat_llama.generate(bad)
        with fails(loquor.InvalidArgument):
            chat_llama.chat().send(bad)


def test_unknown_options_name_the_known_ones(llama, chat_llama):
    for call, known in [(lambda: llama.generate([1], max_tokens=3), "max_new_tokens"),
                        (lambda: llama.stream([1], temprature=1), "temperature"),
                        (lambda: loquor.Sampler(topk=1), "top_k"),
                        (lambda: llama.session(length=3), "context_length"),
                        (lambda: chat_llama.chat(sytem="x"), "context_overflow"),
                        (lambda: chat_llama.tokenizer.encode("x", special=True), "add_special_tokens"),
                        (lambda: loquor.Model(GOLDEN / "llama", dtype="f32"), "compute_type"),
                        (lambda: loquor.Runtime(thread=1), "threads")]:
        with fails(loquor.InvalidArgument, "unknown", known):
            call()


@pytest.mark.parametrize("name, value", [
    ("max_new_tokens", "ten"), ("max_new_tokens", -1), ("max_new_tokens", 1.5), ("max_new_tokens", [1]),
    ("temperature", "hot"), ("temperature", -1), ("temperature", float("nan")), ("top_p", 2),
    ("do_sample", "yes"), ("eos_token_id", "x"), ("stop_strings", 3), ("stop_strings", [""]),
    ("logit_bias", {"a": 1}), ("logit_bias", 3), ("seed", -1), ("seed", 2**70), ("cancel", True),
    ("top_k", object()), ("logprobs", {1, 2})])
def test_values_of_the_wrong_type_or_range_are_told(llama, name, value):
    with fails(loquor.InvalidArgument, f"option {name}", "found", "expected"):
        llama.generate([1], **{name: value})


def test_empty_prompts(llama, chat_llama):
    with fails(loquor.InvalidArgument, "token"):
        llama.generate([])
    with fails(loquor.InvalidArgument, "token"):
        llama.logits([])
    with fails(loquor.InvalidArgument, "token"):
        llama.session().append(np.zeros(0, np.int32))
    with fails(loquor.InvalidArgument, "token"):
        chat_llama.generate("", add_special_tokens=False)


def test_ids_out_of_range_or_of_no_integer_type(llama, chat_llama):
    for bad in ([79], [-1], [2**40], [2**80], np.array([2**40])):
        with fails(loquor.InvalidArgument):
            llama.generate(bad)
        with fails(loquor.InvalidArgument):
            llama.logits(bad)
    with fails(loquor.InvalidArgument, "dimensions"):
        llama.logits(np.ones((2, 2), int))
    for bad in ("text", 3, None, [1.5], np.array([1.5]), {1: 2}, [None]):
        with pytest.raises(TypeError):
            llama.logits(bad)
    with fails(loquor.InvalidArgument, "385"):
        chat_llama.tokenizer.decode([385])


def test_a_model_without_a_tokenizer_says_so(llama):
    for call in (lambda: llama.tokenizer, lambda: llama.generate("text")):
        with fails(loquor.Unsupported, "no tokenizer"):
            call()
    with fails(loquor.Unsupported, "no chat template"):
        llama.chat()
    with fails(loquor.Unsupported, "no chat template"):
        llama.generate(messages=[{"role": "user", "content": "x"}])


def test_memory_limit():
    with fails(loquor.OutOfMemory, "memory"):
        loquor.Model(GOLDEN / "llama", runtime=loquor.Runtime(memory_limit=1000))
    runtime = loquor.Runtime(memory_limit=60_000_000)
    model = loquor.Model(GOLDEN / "llama", runtime=runtime)
    assert model.logits([1, 2]).shape == (2, 79)


def test_bad_messages(chat_llama):
    with fails(loquor.InvalidArgument, "role"):
        chat_llama.chat().add({"content": "x"})
    with fails(loquor.InvalidArgument, "name"):
        chat_llama.chat().add({"role": "user", "content": "x", "name": "y"})
    with fails(loquor.Error, "Unknown role: pirate"):
        chat_llama.generate(messages=[{"role": "pirate", "content": "x"}])
    with pytest.raises(loquor.InvalidArgument):
        chat_llama.generate(messages="text")
    loop = []
    loop.append(loop)
    with fails(loquor.InvalidArgument, "deep"):
        chat_llama.generate(messages=loop)


def task(name):
    return loquor.Model(GOLDEN / f"tasks_{name}", compute_type="f32")


def test_a_task_of_another_kind_of_model(llama):
    encoder = loquor.Model(GOLDEN / "bert", compute_type="f32")
    for call in (encoder.session, lambda: encoder.generate([3]), lambda: encoder.stream([3])):
        with fails(loquor.Unsupported, "encoder-only"):
            call()
    for call in (llama.classify, llama.tag, llama.fill_mask):
        with fails(loquor.Unsupported, "LlamaForCausalLM"):
            call([3, 4])
    with fails(loquor.Unsupported, "question answering head", "BertModel"):
        task("embed").answer("a", "b")
    with fails(loquor.Unsupported, "language model head"):
        task("entail").score("a")


def test_no_labels_in_the_config(copied):
    folder = copied("tasks_entail", id2label=None, label2id=None)
    with fails(loquor.InvalidFile, "classifier.weight", r"\(3, 24\)", r"\(2, 24\)"):  # transformers takes two
        loquor.Model(folder)
    named = loquor.Model(copied("tasks_tag", id2label=None, label2id=None, num_labels=6), compute_type="f32")
    assert {entity["label"] for entity in named.tag("the night", ignore_labels=[])} <= {f"LABEL_{i}" for i in range(6)}


def test_more_beams_than_tokens(llama):
    with fails(loquor.InvalidArgument, "num_beams: found 80", "79"):
        llama.generate([1], num_beams=80)


def test_inputs_of_tasks_that_cannot_be():
    embed, tag, entail = task("embed"), task("tag"), task("entail")
    with fails(loquor.ContextFull, "input 1", "set truncation to head or tail"):
        embed.embed(["a", "the " * 100])
    assert embed.embed("the " * 100, truncation="head").shape == (24,)
    for call in (embed.embed, tag.tag, entail.classify):
        with fails(loquor.InvalidArgument, "input 1 is an empty text"):
            call(["a", ""])
        with fails(loquor.InvalidArgument, "no inputs were given"):
            call([])
        for bad in (b"\xff", "\ud800"):
            with fails(loquor.InvalidArgument, "UTF-8|surrogates"):
                call(bad)
        with fails(loquor.InvalidArgument, "unknown", "truncation"):
            call("a", truncate=True)
        for bad in (3, None, 1.5):
            with pytest.raises(TypeError):
                call(bad)
    with fails(loquor.InvalidArgument, "option truncation: found", "head"):
        embed.embed("a", truncation="middle")
    with fails(loquor.InvalidArgument, "no labels were given"):
        entail.zero_shot("a", [])
    with fails(loquor.Unsupported, "one label"):
        entail.rerank("a", ["b"])
    with fails(loquor.InvalidArgument, "is no text"):
        tag.tag([5, 6])
    with fails(loquor.InvalidArgument, "stride", "aggregation_strategy"):
        tag.tag("a", stride=3)


def test_a_prompt_or_messages_but_not_both(llama):
    with pytest.raises(TypeError):
        llama.generate()
    with pytest.raises(TypeError):
        llama.generate([1], messages=[])


def test_leaving_python_in_the_middle_of_everything_is_quiet():
    script = f"""
import loquor, threading, time
model = loquor.Model({str(GOLDEN / "llama")!r}, runtime=loquor.Runtime(threads=2, log=print))
for _ in range(4):
    threading.Thread(target=lambda: [model.logits([1, 2]) for _ in range(10**9)], daemon=True).start()
stream = model.stream([1, 2, 3]); next(stream)
session = model.session(); session.append([1]); batch = loquor.Batch(model).add(session, [2])
time.sleep(0.05)
"""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
