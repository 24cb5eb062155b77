"""Passes over ids, and what a model tells of itself."""
import copy
import json
import pickle

import numpy as np
import pytest

import loquor
from conftest import GOLDEN


def assert_close(found, expected):
    assert found.dtype == np.float32 and found.shape == expected.shape
    assert np.abs(found - expected).max() <= 2e-5 * np.abs(expected).max()


def test_logits_are_those_of_transformers(llama, llama_expected):
    assert_close(llama.logits(llama_expected["ids"]), llama_expected["logits"])


@pytest.mark.parametrize("last", [0, 1, 5])
def test_logits_of_the_last_positions_are_the_last_rows(llama, llama_expected, last):
    ids = llama_expected["ids"]
    whole = llama.logits(ids)
    assert np.array_equal(llama.logits(ids, last=last), whole[len(ids) - last:])


def test_ids_come_in_any_sequence_or_integer_array(llama, llama_expected):
    ids = llama_expected["ids"]
    expected = llama.logits(ids)
    for form in (ids.tolist(), tuple(ids.tolist()), ids.astype(np.int64), ids.astype(np.uint8),
                 ids.repeat(2)[::2], list(ids)):
        assert np.array_equal(llama.logits(form), expected)


def test_hidden_states_are_those_of_transformers(llama, llama_expected):
    states = llama.hidden_states(llama_expected["ids"])
    assert len(states) == llama.info["layers"] + 1
    for index, state in enumerate(states):
        assert_close(state, llama_expected[f"hidden_states.{index}"])


def test_log_probabilities_give_the_loss_of_transformers(llama, llama_expected):
    values = llama.log_probabilities(llama_expected["ids"])
    assert values.shape == (len(llama_expected["ids"]) - 1,)
    assert -values.mean() == pytest.approx(llama_expected["loss"][0], rel=1e-5)


def test_arrays_outlive_the_model_and_can_be_written(llama_expected):
    with loquor.Model(GOLDEN / "llama", compute_type="f32") as model:
        logits = model.logits(llama_expected["ids"])
    del model
    assert logits.flags.writeable and logits.flags.c_contiguous
    logits[:] = 0
    assert logits.sum() == 0


def test_greedy_ids_are_those_of_transformers(llama, llama_expected):
    output = llama.generate(llama_expected["ids"][:8], max_new_tokens=24)
    assert output.ids == llama_expected["greedy"].tolist()
    assert (output.text, output.finish_reason) == ("", "length")


def test_a_gguf_file_gives_what_the_folder_gives(llama, llama_expected):
    path = GOLDEN / "llama" / "llama.gguf"
    ids = llama_expected["ids"]
    from_path = loquor.Model(str(path), compute_type="f32").logits(ids)
    assert_close(from_path, llama_expected["logits"])
    for data in (path.read_bytes(), bytearray(path.read_bytes())):
        assert np.array_equal(loquor.Model(data, compute_type="f32").logits(ids), from_path)


def test_a_session_keeps_the_bytes_of_its_model_alive(llama_expected):
    data = bytearray((GOLDEN / "chat_llama" / "chat_llama.gguf").read_bytes())
    model = loquor.Model(data, compute_type="f32")
    tokenizer, session = model.tokenizer, model.session()
    del model
    with pytest.raises(BufferError):  # still exported
        data.clear()
    assert session.append(tokenizer.encode("Hello")).shape == (385,)


def test_info_says_what_the_config_says(llama):
    config = json.loads((GOLDEN / "llama" / "config.json").read_text())
    info = llama.info
    assert (info["architecture"], info["format"], info["compute_type"]) == ("llama", "safetensors", "f32")
    assert info["vocabulary"] == config["vocab_size"]
    assert info["context_length"] == config["max_position_embeddings"]
    assert info["layers"] == sum(block["count"] for block in info["spec"]["decoder"]["blocks"]) == config["num_hidden_layers"]
    assert info["weight_bytes"] >= 4 * info["parameters"] > 0
    assert info["workspace_bytes"] > 4 * info["width"]


def test_inspect_gives_the_info_of_the_loaded_model(llama):
    assert loquor.Model.inspect(GOLDEN / "llama", compute_type="f32") == llama.info


def test_generation_defaults_are_those_of_the_file(chat_llama):
    assert chat_llama.generation_defaults == {
        "eos_token_id": [381, 384], "do_sample": True, "temperature": 0.6, "top_p": 0.9}


def test_the_ends_of_generation_config_win_over_those_of_config(copied):
    folder = copied("chat_llama", eos_token_id=[5])
    assert loquor.Model(folder).generation_defaults["eos_token_id"] == [381, 384]
    (folder / "generation_config.json").unlink()
    assert loquor.Model(folder).generation_defaults == {"eos_token_id": [5]}


def test_a_closed_model_says_so_and_its_sessions_go_on(llama_expected):
    with loquor.Model(GOLDEN / "llama") as model:
        session = model.session()
    with pytest.raises(loquor.InvalidArgument, match="closed"):
        model.logits([1])
    assert "closed" in repr(model)
    model.close()
    assert session.append([1]).shape == (79,)


def test_a_model_is_pickled_by_its_path_and_options(llama, llama_expected, tmp_path, monkeypatch):
    monkeypatch.chdir(GOLDEN)
    model = loquor.Model("llama", compute_type="f32", runtime=loquor.Runtime(threads=1),
                         cancel=loquor.Cancel())
    data = pickle.dumps(model)
    monkeypatch.chdir(tmp_path)
    again = pickle.loads(data)
    assert len(data) < 1000
    assert (again.info["compute_type"], again.runtime.threads) == ("f32", 1)
    ids = llama_expected["ids"]
    assert np.array_equal(again.logits(ids), llama.logits(ids))


def test_a_model_opened_from_bytes_is_pickled_with_them(llama_expected):
    model = loquor.Model((GOLDEN / "llama" / "llama.gguf").read_bytes(), compute_type="f32")
    ids = llama_expected["ids"]
    assert np.array_equal(pickle.loads(pickle.dumps(model)).logits(ids), model.logits(ids))


def test_outputs_are_values(llama):
    output = llama.generate([1, 2, 3], max_new_tokens=3, logprobs=2)
    assert pickle.loads(pickle.dumps(output)) == output == copy.deepcopy(output)
    assert str(output) == output.text


def test_a_runtime_counts_the_memory_of_its_models():
    runtime = loquor.Runtime(threads=2)
    with loquor.Model(GOLDEN / "llama", runtime=runtime) as model:
        assert runtime.memory_used >= model.info["weight_bytes"]
        assert model.runtime.threads == 2
    assert runtime.memory_used == 0


def test_a_runtime_tells_its_log(copied):
    folder = copied("llama")
    config = folder / "generation_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "frobnicate": 1}))
    lines = []
    runtime = loquor.Runtime(log=lambda level, line: lines.append((level, line)))
    loquor.Model(folder, runtime=runtime)
    assert any(level == "warning" and "frobnicate" in line for level, line in lines)
