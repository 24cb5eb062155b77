"""translate, summarize and what they refuse, against transformers (tests/golden/make_translate.py)."""
import json
import shutil

import pytest

import loquor
from conftest import GOLDEN


def recorded(tokenizer_class):
    cases = json.loads((GOLDEN / "translate" / "pipelines.json").read_text())
    return next(c for c in cases if c.get("tokenizer_config", {}).get("tokenizer_class") == tokenizer_class)


@pytest.fixture
def multilingual(tmp_path):
    """A folder with a model of many languages, and what transformers translates with it."""

    def make(tokenizer_class):
        case = recorded(tokenizer_class)
        for name in ("config.json", "model.safetensors"):
            shutil.copy(GOLDEN / "translate" / name, tmp_path)
        for name, source in case["files"].items():
            shutil.copy(GOLDEN / source, tmp_path / name)
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(case["tokenizer_config"]))
        return loquor.Model(tmp_path, compute_type="f32"), case

    return make


@pytest.mark.parametrize("tokenizer_class", ["MBartTokenizer", "MBart50Tokenizer", "NllbTokenizer", "M2M100Tokenizer"])
def test_translations_are_those_of_transformers(multilingual, tokenizer_class):
    model, case = multilingual(tokenizer_class)
    outputs = model.translate(case["texts"], **case["options"])
    assert [output.ids for output in outputs] == case["ids"]
    one = model.translate(case["texts"][0], **case["options"])
    assert one.ids == case["ids"][0] and one.text == outputs[0].text
    encoded = model.tokenizer.encode(case["texts"][0], src_lang=case["source"])
    assert encoded == case["encoded"][0]["ids"] and model.tokenizer.encode(case["texts"][0]) == case["encoded"][0]["usual"]


def test_what_cannot_be_translated_is_refused(multilingual):
    model, case = multilingual("NllbTokenizer")
    with pytest.raises(loquor.InvalidArgument, match=r"option tgt_lang: found 'de', expected a language of the tokenizer: ace"):
        model.translate("Hello", src_lang="eng_Latn", tgt_lang="de")
    with pytest.raises(loquor.InvalidArgument, match="option src_lang: found 'en'"):
        model.tokenizer.encode("Hello", src_lang="en")
    with pytest.raises(loquor.InvalidArgument, match="no inputs"):
        model.translate([], **case["options"])
    with pytest.raises(loquor.InvalidArgument, match="input 1 is an empty text"):
        model.translate(["Hello", ""], **case["options"])
    with pytest.raises(TypeError, match="texts: expected str"):
        model.translate(["Hello", 3])
    with pytest.raises(loquor.InvalidArgument, match="translate.*role|role"):
        model.translate("Hello", role="query")
    with pytest.raises(loquor.ContextFull, match="input 0 has"):
        model.summarize("Hello world " * 60)
    assert model.summarize("Hello world " * 60, truncation="tail", max_new_tokens=2, num_beams=1).ids
    cancel = loquor.Cancel()
    cancel.cancel()
    assert model.translate("Hello", cancel=cancel, **case["options"]).finish_reason == "cancelled"
    with pytest.raises(loquor.Unsupported, match="this model is decoder-only: it has no summarize"):
        loquor.Model(GOLDEN / "tasks_continue").summarize("Hello")
    with pytest.raises(loquor.Unsupported, match="this model is encoder-only: it has no translate"):
        loquor.Model(GOLDEN / "tasks_mask").translate(["Hello"])
    with pytest.raises(loquor.Unsupported, match="this model is encoder-only: it has no chat"):
        loquor.Model(GOLDEN / "tasks_mask").chat()


def test_an_output_goes_on_from_the_decoders_first_ids():
    model = loquor.Model(GOLDEN / "bart", compute_type="f32")
    case = next(c for c in json.loads((GOLDEN / "translate" / "generate.json").read_text()) if c["model"] == "bart")
    assert model.generate(case["prompt"], **case["options"]).ids == case["sequences"][0]
    with pytest.raises(loquor.InvalidArgument, match="decoder_input_ids: found token id 99"):
        model.generate(case["prompt"], decoder_input_ids=[99])
    with pytest.raises(loquor.InvalidArgument, match="max_length: found 1, and the prompt"):
        model.generate(case["prompt"], max_length=1)
