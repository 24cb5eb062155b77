"""Beams, several draws, constraints and guesses."""
import json

import numpy as np
import pytest

import loquor
from conftest import GOLDEN

BEAMS = {"do_sample": False, "max_new_tokens": 9, "num_beams": 4, "eos_token_id": []}
PROMPT = [5, 9, 33, 2]


def recorded():
    """What transformers gave, with Python's own keywords."""
    return [case for case in json.loads((GOLDEN / "beams.json").read_text()) if case["model"] == "llama"]


@pytest.mark.parametrize("case", recorded(), ids=lambda case: json.dumps(case["options"])[:60])
def test_sequences_are_those_of_transformers(llama, case):
    options = dict(case["options"])
    if modulus := options.pop("prefix_allowed_modulus", None):
        options["prefix_allowed_tokens"] = lambda ids: [i for i in range(79) if (i + len(ids)) % modulus]
    if "sequence_bias" in options:
        options["sequence_bias"] = {tuple(ids): bias for ids, bias in options["sequence_bias"]}
    output = llama.generate(case["prompt"], do_sample=False, **options)
    assert [sequence.ids for sequence in output.sequences] == [sequence["ids"] for sequence in case["sequences"]]
    if "num_beams" in options:
        expected = [sequence["score"] for sequence in case["sequences"]]
        assert [sequence.score for sequence in output.sequences] == pytest.approx(expected, abs=1e-4)


def test_scores_say_what_ids_were_chosen_by(llama):
    output = llama.generate(PROMPT, num_return_sequences=3, output_scores=True, length_penalty=0, **BEAMS)
    assert isinstance(output, loquor.Output) and len(output.sequences) == 3
    for sequence in output.sequences:
        assert isinstance(sequence, loquor.Sequence) and sequence.scores.shape == (9, 79)
        assert sequence.scores[np.arange(9), sequence.ids].sum() == pytest.approx(sequence.score, abs=1e-4)
    greedy = llama.generate(PROMPT, do_sample=False, max_new_tokens=3, output_scores=True)
    assert list(greedy.scores.argmax(axis=1)) == greedy.ids
    assert llama.generate(PROMPT, **BEAMS).scores is None


def test_a_stream_of_beams_joins_to_the_best_sequence(llama):
    stream = llama.stream(PROMPT, **BEAMS)
    assert stream.live == [PROMPT]
    ids = [id for piece in stream for id in piece.ids]
    assert ids == llama.generate(PROMPT, **BEAMS).ids and stream.live == []


def test_draws_are_told_apart_by_one_seed(llama):
    output = llama.generate(PROMPT, temperature=2.0, num_return_sequences=4, max_new_tokens=8, seed=5)
    alone = llama.generate(PROMPT, temperature=2.0, max_new_tokens=8, seed=5)
    assert output.sequences[0].ids == output.ids == alone.ids
    assert len({tuple(sequence.ids) for sequence in output.sequences}) == 4


def test_allowed_tokens_are_called_for_or_set(llama):
    def rule(ids):
        assert isinstance(ids, list)
        return np.arange(ids[-1] % 3, 79, 3)

    called = llama.generate(PROMPT, prefix_allowed_tokens=rule, **BEAMS)
    stream = llama.stream(PROMPT, **BEAMS)
    while live := stream.live:
        for index, ids in enumerate(live):
            stream.allow(index, rule(ids))
        stream.next()
    assert stream.output.ids == called.ids
    assert called.ids != llama.generate(PROMPT, **BEAMS).ids


def test_what_a_callback_raises_comes_out(llama):
    def broken(ids):
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        llama.generate(PROMPT, prefix_allowed_tokens=broken)
    with pytest.raises(TypeError):
        llama.generate(PROMPT, prefix_allowed_tokens=lambda ids: "text")
    with pytest.raises(loquor.InvalidArgument, match="no token was allowed"):
        llama.generate(PROMPT, prefix_allowed_tokens=lambda ids: [])
    with pytest.raises(loquor.InvalidArgument, match="option prefix_allowed_tokens: found"):
        llama.generate(PROMPT, prefix_allowed_tokens=[1, 2])


def test_guesses_do_not_change_greedy(llama):
    greedy = {"do_sample": False, "max_new_tokens": 30}
    plain = llama.generate(PROMPT, **greedy)
    assistant = loquor.Model((GOLDEN / "llama" / "llama.gguf").read_bytes(), compute_type="f32")
    stream = llama.stream(PROMPT, assistant_model=assistant, num_assistant_tokens=4, **greedy)
    assistant.close()  # the stream keeps it
    assert stream.finish().ids == plain.ids
    assert llama.generate(PROMPT, prompt_lookup_num_tokens=5, **greedy).ids == plain.ids


@pytest.mark.parametrize("options, words", [
    ({"num_beams": 80}, "num_beams: found 80"), ({"num_beams": "two"}, "num_beams: found 'two'"),
    ({"num_beams": 2, "num_return_sequences": 3}, "num_return_sequences: found 3"),
    ({"num_return_sequences": 2}, "greedy"), ({"early_stopping": True}, "num_beams"),
    ({"num_beams": 2, "early_stopping": "soon"}, "'soon'"), ({"length_penalty": 1.5}, "num_beams"),
    ({"bad_words_ids": [3]}, "list of lists"), ({"bad_words_ids": [[]]}, "none of them empty"),
    ({"suppress_tokens": [79]}, "token id 79"), ({"sequence_bias": {3: 1.0}}, "sequence_bias"),
    ({"sequence_bias": {(): 1.0}}, "sequence_bias"), ({"assistant_model": "path"}, "expected a Model"),
    ({"num_assistant_tokens": 2}, "assistant_model"), ({"max_matching_ngram_size": 2}, "prompt_lookup_num_tokens"),
    ({"num_beams": 2, "prompt_lookup_num_tokens": 2}, "num_beams")])
def test_what_does_not_fit_is_refused(llama, options, words):
    with pytest.raises(loquor.InvalidArgument) as error:
        llama.generate(PROMPT, do_sample=False, **options)
    assert words in str(error.value) and "\n" not in str(error.value)
