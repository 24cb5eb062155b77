"""What each command prints for a golden model, as text and as JSON."""
import hashlib
import json
import math
import os
import pathlib

import pytest

from conftest import GOLDEN

LLAMA = GOLDEN / "llama"
CHAT = GOLDEN / "chat_llama"
GREEDY = ("--no-do-sample", "--max-new-tokens", "12")


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def json_of(done):
    return json.loads(printed(done))


def test_generate_prints_the_text(loquor):
    answer = json_of(loquor("generate", CHAT, "Once", *GREEDY, "--json"))
    assert printed(loquor("generate", CHAT, "Once", *GREEDY)) == answer["text"] + "\n"
    assert len(answer["ids"]) == 12 and answer["finish_reason"] == "length"
    assert answer["timings"]["generated_tokens"] == 12 and answer["timings"]["peak_memory"] > 1e6


def test_generate_reads_standard_input(loquor):
    expected = printed(loquor("generate", CHAT, "Once", *GREEDY))
    assert printed(loquor("generate", CHAT, "-", *GREEDY, input="Once")) == expected
    assert printed(loquor("generate", CHAT, *GREEDY, input="Once")) == expected


def test_generate_chat_answers_as_transformers_does(loquor):
    expected = json.loads((CHAT / "expected.json").read_text())
    system, user = (message["content"] for message in expected["messages"])
    answer = json_of(loquor("generate", "--chat", "--system", system, CHAT, user, "--no-do-sample",
                            "--eos-token-id", "0", "--max-new-tokens", "24", "--compute-type", "f32", "--json"))
    assert answer["ids"] == expected["greedy"] and answer["text"] == expected["greedy_text"]


def test_ids_serve_a_model_without_a_tokenizer(loquor):
    answer = json_of(loquor("generate", LLAMA, "--ids", "1,2,3", "--max-new-tokens", "4", "--json"))
    assert len(answer["ids"]) == 4
    text = printed(loquor("generate", LLAMA, "--ids", "1,2,3", "--max-new-tokens", "4"))
    assert [int(id) for id in text.split()] == answer["ids"]


def test_several_sequences_are_printed_one_a_line(loquor):
    beams = ("--ids", "5,9,33,2", "--num-beams", "4", "--num-return-sequences", "3", "--early-stopping", "never",
             "--max-new-tokens", "6", "--no-do-sample", "--bad-words-ids", "[[3], [1, 2]]")
    answer = json_of(loquor("generate", LLAMA, *beams, "--json"))
    assert answer["ids"] == answer["sequences"][0]["ids"] and len(answer["sequences"]) == 3
    lines = printed(loquor("generate", LLAMA, *beams)).splitlines()
    assert [[int(id) for id in line.split()] for line in lines] == [one["ids"] for one in answer["sequences"]]


def test_an_assistant_changes_no_token(loquor):
    command = ("generate", LLAMA, "--ids", "5,9,33,2", "--no-do-sample", "--max-new-tokens", "20", "--json")
    plain = json_of(loquor(*command))["ids"]
    assert json_of(loquor(*command, "--assistant-model", LLAMA / "llama.gguf"))["ids"] == plain
    assert json_of(loquor(*command, "--prompt-lookup-num-tokens", "4"))["ids"] == plain


def test_options_are_those_of_the_library_with_either_spelling(loquor):
    seeded = ("--temperature", "1.5", "--seed", "7", "--json", "--max-new-tokens", "8")
    first = json_of(loquor("generate", CHAT, "Once", *seeded))
    assert first["seed"] == 7
    again = json_of(loquor("generate", CHAT, "Once", "--temperature=1.5", "--seed=7", "--max_new_tokens=8", "--json"))
    assert again["ids"] == first["ids"]
    stop = first["text"][2:4]
    stopped = json_of(loquor("generate", CHAT, "Once", *seeded, "--stop-strings", stop, "--stop-strings", "\n\n\n"))
    assert stopped["text"] == first["text"][:first["text"].index(stop)]
    banned = json_of(loquor("generate", CHAT, "Once", *GREEDY, "--json", "--logit-bias",
                            json.dumps({first["ids"][0]: "-inf"})))
    assert first["ids"][0] not in banned["ids"]


def test_a_line_of_timings_goes_to_standard_error(loquor):
    done = loquor("generate", CHAT, "Once", *GREEDY, "--timings")
    assert done.stderr.startswith("load ") and "generated 12 tokens at" in done.stderr
    assert done.stderr.count("\n") == 1 and "peak memory" in done.stderr


def test_chat_answers_line_by_line_and_keeps_the_history(loquor):
    lines = printed(loquor("chat", CHAT, *GREEDY, "--json", input="Hello\n\nMore\n/clear\nHello\n/exit\nno more\n"))
    first, second, third = map(json.loads, lines.splitlines())
    assert second["timings"]["prompt_tokens"] + second["timings"]["cached_tokens"] > first["timings"]["prompt_tokens"]
    assert third["text"] == first["text"] and first["timings"]["cached_tokens"] == 0


def test_chat_streams_text_and_tells_timings(loquor):
    done = loquor("chat", CHAT, *GREEDY, input="Hello\nMore")
    assert printed(done) and done.stderr.count("tokens/s") == 4
    assert "load" not in loquor("chat", CHAT, *GREEDY, "--quiet", input="Hello\n").stderr
    assert "/clear" in loquor("chat", CHAT, input="/help\n").stderr


def test_tokenize_gives_ids_names_and_offsets(loquor):
    text = "What is the capital?"
    found = json_of(loquor("tokenize", CHAT, text, "--no-add-special-tokens", "--json"))
    pieces = [text.encode()[begin:end].decode() for begin, end in found["offsets"]]
    assert "".join(pieces) == text
    lines = printed(loquor("tokenize", CHAT, text, "--no-add-special-tokens")).splitlines()
    assert [line.split("\t") for line in lines] == [[str(i), t] for i, t in zip(found["ids"], found["tokens"])]
    back = loquor("tokenize", CHAT, "--ids", ",".join(map(str, found["ids"])))
    assert printed(back) == text + "\n"


def test_tokenize_shows_a_pair_and_cuts_it(loquor):
    found = json_of(loquor("tokenize", GOLDEN / "tasks_mask", "the night", "--text-pair", "an engine", "--max-length", "5", "--json"))
    assert [found["tokens"][i] for i in (0, 2, 4)] == ["[CLS]", "[SEP]", "[SEP]"]
    assert found["type_ids"] == [0, 0, 0, 1, 1] and found["sequence_ids"] == [None, 0, None, 1, None]
    assert found["word_ids"] == [None, 0, None, 0, None] and found["offsets"][3][0] == 0


def test_logits_gives_the_likeliest_tokens_of_each_position(loquor):
    ids = [1, 2, 3] * 20
    arguments = ("logits", LLAMA, "--ids", ",".join(map(str, ids)), "--top", "3")
    lines = [json.loads(line) for line in printed(loquor(*arguments, "--json")).splitlines()]
    assert [line["position"] for line in lines] == list(range(60)) and [line["id"] for line in lines] == ids
    for line in lines:
        logits = [entry["logit"] for entry in line["top"]]
        assert len(logits) == 3 and logits == sorted(logits, reverse=True)
        assert all(entry["logprob"] < 0 for entry in line["top"])
    assert len(printed(loquor(*arguments)).splitlines()) == 60
    last = printed(loquor(*arguments, "--last", "2", "--json")).splitlines()
    assert [json.loads(line) for line in last] == lines[-2:]


def test_perplexity_is_exp_of_the_mean_loss_of_windows(loquor, tmp_path):
    text = tmp_path / "text"
    text.write_text("The quick brown fox jumps over the lazy dog. " * 20)
    found = json_of(loquor("perplexity", CHAT, text, "--window", "100", "--tokens", "250", "--json"))
    assert (found["tokens"], found["windows"], found["scored"]) == (250, 3, 247)
    assert found["perplexity"] == pytest.approx(math.exp(found["negative_log_likelihood"] / 247))
    whole = json_of(loquor("perplexity", CHAT, "-", "--window", "100", "--tokens", "101", "--json",
                           input=text.read_text()))
    assert (whole["windows"], whole["scored"]) == (1, 99)
    assert printed(loquor("perplexity", CHAT, text)).startswith("perplexity ")


def test_info_says_what_the_model_is_and_needs(loquor):
    found = json_of(loquor("info", LLAMA, "--json"))
    config = json.loads((LLAMA / "config.json").read_text())
    assert found["architecture"] == "llama" and found["vocabulary"] == config["vocab_size"]
    memory = found["memory"]
    assert memory["cache_bytes"] == memory["context_length"] * found["cache_bytes_per_position"]
    assert memory["total_bytes"] == found["weight_bytes"] + memory["cache_bytes"] + found["workspace_bytes"]
    shorter = json_of(loquor("info", LLAMA, "--json", "--context-length", "32"))["memory"]
    assert shorter["cache_bytes"] * 2 == memory["cache_bytes"]
    text = printed(loquor("info", LLAMA))
    for word in ("architecture", "parameters", "context", "memory"):
        assert word in text


def test_help_lists_commands_and_options(loquor):
    text = printed(loquor("--help"))
    for command in ("chat", "generate", "tokenize", "logits", "perplexity", "info", "embed", "classify", "tag", "fill-mask",
                    "rerank", "answer", "zero-shot", "score"):
        assert f"\n  {command} " in text
        own = printed(loquor(command, "--help"))
        assert "MODEL" in own and "--json " in own and "--json prints" in own.replace("\n", " ")
        assert max(map(len, own.splitlines())) <= 100
    options = printed(loquor("generate", "--help"))
    for option in ("--max-new-tokens", "--temperature", "--stop-strings", "--compute-type", "--threads"):
        assert option in options
    assert printed(loquor("--version")).startswith("loquor 0.")


def test_perplexity_of_a_real_model_is_that_of_transformers(loquor):
    expected = json.loads((GOLDEN / "smollm2" / "expected.json").read_text())
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")))
    model = pathlib.Path(os.environ.get("LOQUOR_MODEL", cache / "loquor" / expected["file"]))
    data = os.environ.get("LOQUOR_TEST_DATA", GOLDEN.parents[2] / "shared" / "data")
    text = pathlib.Path(data) / "text" / "wikitext2" / "wiki.valid.raw"
    for path in (model, text):
        if not path.exists():
            if "LOQUOR_SKIPPED" in os.environ:
                with open(os.environ["LOQUOR_SKIPPED"], "a") as file:
                    file.write(f"{path.name} is not there\n")
            pytest.skip(f"{path} is not there")
    assert hashlib.sha256(model.read_bytes()).hexdigest() == expected["sha256"]
    done = json_of(loquor("perplexity", model, text, "--tokens", "16384", "--window", "1024",
                          "--compute-type", "f32", "--json"))
    assert done["scored"] == expected["wikitext2"]["scored"]
    assert done["perplexity"] == pytest.approx(expected["wikitext2"]["perplexity"], rel=1e-3)


def test_translate_and_summarize_print_a_line_a_text(loquor):
    model = GOLDEN / "tasks_translate"
    options = ("--max-new-tokens", "6", "--num-beams", "1")
    lines = printed(loquor("translate", model, "the night", "an engine", *options)).splitlines()
    assert len(lines) == 2 and printed(loquor("translate", model, *options, input="the night\nan engine\n")).splitlines() == lines
    both = [json.loads(line) for line in printed(loquor("summarize", model, "the night", "an engine", *options, "--json")).splitlines()]
    assert [one["text"] for one in both] == lines and [len(one["ids"]) for one in both] == [6, 6]
