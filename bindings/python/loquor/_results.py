"""What calls give, and what is simplest in Python: async iteration and pickling."""
import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from loquor._loquor import Generation


class TokenLogprob(NamedTuple):
    """A token id and its log-probability."""

    id: int
    logprob: float


class Logprobs(NamedTuple):
    """Of a chosen token and of the most likely ones, in falling order."""

    chosen: TokenLogprob
    top: list[TokenLogprob]


@dataclass(frozen=True, slots=True)
class Timings:
    """What was read and generated, and the seconds that it took."""

    prompt_tokens: int
    cached_tokens: int
    prompt_seconds: float
    generated_tokens: int
    generate_seconds: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One step of a stream: text that is settled, and its ids."""

    text: str
    ids: list[int]
    logprobs: list[Logprobs]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    """One continuation of a prompt; with output_scores, what each of its ids was chosen by: (ids, V)."""

    text: str
    ids: list[int]
    score: float
    finish_reason: str
    logprobs: list[Logprobs]
    scores: "NDArray[np.float32] | None"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Output(Sequence):
    """What a generation gives in whole: the best sequence, or the first of those drawn; and all of them."""

    timings: Timings
    seed: int
    dropped_turns: int
    sequences: list[Sequence]


@dataclass(frozen=True, slots=True)
class Encoding:
    """The tokens of a text or of a pair: each list has an entry for each of them.

    offsets are the characters [begin, end) of the str that a token stands for, of a pair in its own text; type_ids are
    BERT's segments; sequence_ids say which text a token is of, 0 or 1, and word_ids which word of that text. The last
    two are None for special tokens that were added.
    """

    ids: list[int]
    offsets: list[tuple[int, int]]
    type_ids: list[int]
    sequence_ids: list[int | None]
    word_ids: list[int | None]


async def pieces(generation: "Generation") -> AsyncIterator[Piece]:
    """The pieces of a generation, each awaited while a thread computes it."""
    loop = asyncio.get_running_loop()
    try:
        while (piece := await loop.run_in_executor(None, generation.next)) is not None:
            yield piece
    finally:
        generation.cancel()


def call_with(function: Callable[..., Any], arguments: tuple[Any, ...],
              keywords: Mapping[str, Any]) -> Any:
    """What a pickle calls, which can name keywords only so."""
    return function(*arguments, **keywords)
