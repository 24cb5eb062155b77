"""Tokenizer and ChatTemplate."""
import json
import pickle

import pytest

import loquor
from conftest import GOLDEN, TESTS


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


@pytest.fixture(scope="module")
def tokenizers():
    """Those of tests/oracle/pair_offsets.json."""
    folders = {"tokenizer_bert", "tokenizer_roberta", "tokenizer_llama3", "tokenizer_t5"}
    return {name: loquor.Tokenizer.from_json((GOLDEN / name / "tokenizer.json").read_text()) for name in folders}


def test_pairs_are_encoded_as_hugging_face_does(tokenizers):
    recorded = json.loads((TESTS / "oracle" / "pair_offsets.json").read_text())
    assert len(recorded) == 48
    for case in recorded:
        options = {}
        if case["cut"]:
            options = dict(zip(("max_length", "truncation", "truncation_side"), case["cut"]))
        found = tokenizers[case["folder"]].encode_pair(case["first"], case["second"], **options)
        assert found.ids == case["ids"] and found.type_ids == case["type_ids"]
        assert found.sequence_ids == case["sequence_ids"] and found.word_ids == case["word_ids"]
        assert found.offsets == [tuple(range) for range in case["offsets"]]


def test_a_text_alone_has_an_encoding_too(tokenizers):
    tokenizer = tokenizers["tokenizer_bert"]
    text = "Zürich, 東京"
    found = tokenizer.encode_with_offsets(text, max_length=9)
    assert found.ids == tokenizer.encode(text, max_length=9) and len(found.ids) == 9
    assert found.offsets == tokenizer.offsets(text, max_length=9)
    assert found.sequence_ids == [None, *[0] * 7, None] and found.word_ids == [None, *[0] * 6, 1, None]
    assert found.type_ids == [0] * 9
    assert pickle.loads(pickle.dumps(found)) == found
    left = tokenizer.encode(text, max_length=5, truncation_side="left")
    assert left[1:-1] == tokenizer.encode(text, add_special_tokens=False)[-3:]


def test_what_cannot_be_cut_is_refused(tokenizers):
    tokenizer = tokenizers["tokenizer_bert"]
    for options, message in [({"max_length": 1}, "max_length is 1, and there are 3 special tokens"),
                             ({"max_length": 5, "truncation": "only_second"}, "the second text has 1 tokens, and"),
                             ({"max_length": -1}, "option max_length: found -1, expected an integer of at least 0"),
                             ({"truncation": True}, "option truncation: .* expected one of"),
                             ({"truncation_side": "middle"}, "option truncation_side: found")]:
        with pytest.raises(loquor.InvalidArgument, match=message):
            tokenizer.encode_pair("a long first text", "b", **options)


def test_ids_have_roles(chat_llama):
    model = loquor.Model(GOLDEN / "tasks_mask")
    tokenizer = model.tokenizer
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    for role, name in names.items():
        assert getattr(tokenizer, f"{role}_token_id") == tokenizer.id(name)
    assert tokenizer.bos_token_id is None and chat_llama.tokenizer.sep_token_id is None
    assert chat_llama.tokenizer.bos_token_id == 380


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
