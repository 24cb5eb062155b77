"""Tokenizer and ChatTemplate."""
import json

import pytest

import loquor
from conftest import GOLDEN


def cases(folder):
    expected = json.loads((GOLDEN / folder / "expected.json").read_text())
    return expected["cases"]


@pytest.fixture(scope="module", params=["tokenizer_gpt2", "tokenizer_llama3", "tokenizer_qwen2"])
def tokenizer_and_cases(request):
    folder = GOLDEN / request.param
    tokenizer = loquor.Tokenizer.from_json((folder / "tokenizer.json").read_text())
    return tokenizer, cases(request.param)


def test_ids_and_offsets_are_those_of_hugging_face(tokenizer_and_cases):
    tokenizer, expected = tokenizer_and_cases
    for case in expected:
        text = case["text"]
        options = {"add_special_tokens": False, "parse_special": True}
        assert tokenizer.encode(text, **options) == case["ids"]
        assert tokenizer.encode(text, parse_special=True) == case.get("ids_with_special", case["ids"])
        assert tokenizer.decode(case["ids"], skip_special_tokens=False) == case.get("decoded", text)


def test_offsets_count_characters_of_the_str(chat_llama):
    text = "Zürich, 東京 🙂!"
    tokenizer = chat_llama.tokenizer
    ids = tokenizer.encode(text, add_special_tokens=False)
    offsets = tokenizer.offsets(text, add_special_tokens=False)
    assert len(offsets) == len(ids)
    assert offsets[0][0] == 0 and offsets[-1][1] == len(text)
    for (begin, end), following in zip(offsets, offsets[1:] + [(len(text), 0)]):
        assert begin < end and following[0] <= end
    for id, (begin, end) in zip(ids, offsets):
        decoded = tokenizer.decode([id])
        if "\ufffd" not in decoded:
            assert decoded == text[begin:end]


def test_a_batch_is_its_texts_one_by_one(chat_llama):
    tokenizer = chat_llama.tokenizer
    texts = ["one", "", "two three"]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]


def test_names_of_special_tokens_count_only_where_asked_for(chat_llama):
    tokenizer = chat_llama.tokenizer
    special = tokenizer.eos_token_id
    name = tokenizer.token(special)
    options = {"add_special_tokens": False}
    assert tokenizer.encode(name, parse_special=True, **options) == [special]
    assert special not in tokenizer.encode(name, **options)
    assert tokenizer.is_special(special) and tokenizer.id(name) == special
    assert tokenizer.decode([special]) == "" and tokenizer.decode([special], False) == name
    assert tokenizer.id("no such token") is None


def test_a_stream_gives_whole_characters(chat_llama):
    tokenizer = chat_llama.tokenizer
    stream = loquor.Tokenizer.Stream(tokenizer)
    text = "naïve 🙂"
    pieces = [stream.push(id) for id in tokenizer.encode(text, add_special_tokens=False)]
    assert "".join(pieces) + stream.finish() == text
    assert all("\ufffd" not in piece for piece in pieces)


def test_the_template_renders_what_transformers_renders(chat_llama, chat_expected):
    prompt = chat_llama.chat_template.render(chat_expected["messages"])
    assert prompt == chat_expected["prompt"]
    assert chat_llama.tokenizer.encode(prompt, add_special_tokens=False,
                                       parse_special=True) == chat_expected["ids"]


def test_a_template_of_ones_own_takes_variables_tools_and_any_member():
    template = loquor.ChatTemplate("{{ a }}{{ b }}{{ messages[0].x.y }}{{ tools[0].name }}", a=1)
    rendered = template.render([{"role": "user", "x": {"y": [2]}}], tools=[{"name": "f"}], b="!")
    assert rendered == "1![2]f"
