# Types of the extension module. The options of a call are those of loquor.describe().
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, ClassVar, Literal, TypedDict, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self, Unpack

from loquor._results import Encoding, Output, Piece, Timings

__version__: str

_Ids = Sequence[int] | NDArray[np.integer[Any]]
_Prompt = str | _Ids
_Prompts = list[str] | list[list[int]] | list[NDArray[np.integer[Any]]]
_Message = Mapping[str, Any]
_Floats = NDArray[np.float32]

class _EncodeOptions(TypedDict, total=False):
    add_special_tokens: bool
    parse_special: bool
    max_length: int | None
    truncation: Literal["longest_first", "only_first", "only_second"]
    truncation_side: Literal["right", "left"]
    src_lang: str | None

class _SessionOptions(TypedDict, total=False):
    context_length: int
    cancel: Cancel | None

class _ChatOptions(_SessionOptions, total=False):
    system: str | None
    context_overflow: Literal["drop_oldest_turns", "error", "truncate_left"]
    tools: Sequence[Mapping[str, Any]] | None
    variables: Mapping[str, Any] | None

class _ModelOptions(TypedDict, total=False):
    compute_type: Literal["auto", "f32", "bf16"]
    cache_type: Literal["auto", "f32", "bf16"]
    ignore_config_keys: Sequence[str]
    runtime: Runtime | None
    cancel: Cancel | None

class _GenerateOptions(TypedDict, total=False):
    max_new_tokens: int | None
    max_length: int | None
    min_new_tokens: int | None
    max_time: float | None
    min_length: int | None
    eos_token_id: int | Sequence[int] | None
    stop_strings: str | Sequence[str] | None
    do_sample: bool | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None
    typical_p: float | None
    num_beams: int | None
    num_return_sequences: int | None
    length_penalty: float | None
    early_stopping: bool | Literal["never"] | None
    repetition_penalty: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    logit_bias: Mapping[int, float] | None
    sequence_bias: Mapping[tuple[int, ...], float] | None
    no_repeat_ngram_size: int | None
    encoder_no_repeat_ngram_size: int | None
    bad_words_ids: Sequence[Sequence[int]] | None
    suppress_tokens: Sequence[int] | None
    begin_suppress_tokens: Sequence[int] | None
    decoder_start_token_id: int | None
    decoder_input_ids: Sequence[int] | None
    forced_bos_token_id: int | None
    forced_eos_token_id: int | Sequence[int] | None
    renormalize_logits: bool | None
    prefix_allowed_tokens: Callable[[list[int]], _Ids] | None
    prompt_lookup_num_tokens: int | None
    max_matching_ngram_size: int | None
    assistant_model: Model | None
    num_assistant_tokens: int | None
    seed: int | None
    logprobs: int | None
    output_scores: bool
    skip_special_tokens: bool
    add_special_tokens: bool | None
    parse_special: bool
    cancel: Cancel | None

class _SummarizeOptions(_GenerateOptions, total=False):
    truncation: Literal["error", "head", "tail"]

class _TranslateOptions(_SummarizeOptions, total=False):
    src_lang: str | None
    tgt_lang: str | None

class _RenderOptions(TypedDict, total=False):
    add_generation_prompt: bool
    tools: Sequence[Mapping[str, Any]] | None
    variables: Mapping[str, Any] | None

class _AnswerOptions(_GenerateOptions, _RenderOptions, total=False): ...

class _InputOptions(TypedDict, total=False):
    truncation: Literal["error", "head", "tail"]
    max_length: int
    parse_special: bool
    batch_tokens: int
    progress: Callable[[int, int], object] | None
    cancel: Cancel | None

class _EmbedOptions(_InputOptions, total=False):
    role: str | None
    prompt: str
    pooling: Literal["auto", "mean", "cls", "last", "max"]
    normalize: bool | None
    dimensions: int

class _ClassifyOptions(_InputOptions, total=False):
    top_k: int
    function_to_apply: Literal["auto", "softmax", "sigmoid", "none"]

class _TagOptions(_InputOptions, total=False):
    aggregation_strategy: Literal["none", "simple", "first", "average", "max"]
    ignore_labels: Sequence[str]
    stride: int | None

class _FillMaskOptions(_InputOptions, total=False):
    top_k: int
    targets: Sequence[str]

class _RerankOptions(_InputOptions, total=False):
    top_k: int
    function_to_apply: Literal["auto", "sigmoid", "none"]

class _QuestionOptions(TypedDict, total=False):
    top_k: int
    max_length: int
    doc_stride: int
    max_answer_len: int
    handle_impossible_answer: bool
    align_to_words: bool
    batch_tokens: int
    progress: Callable[[int, int], object] | None
    cancel: Cancel | None

class _ZeroShotOptions(_InputOptions, total=False):
    hypothesis_template: str
    multi_label: bool

class _Label(TypedDict):
    label: str
    score: float

class _Entity(_Label):
    word: str
    start: int
    end: int
    index: int

class _Fill(TypedDict):
    id: int
    token: str
    score: float
    sequence: str

class _RankedText(TypedDict):
    index: int
    score: float

class _Answer(TypedDict):
    text: str
    score: float
    start: int
    end: int

class _Score(TypedDict):
    log_probability: float
    ids: list[int]
    log_probabilities: _Floats

_Input = str | tuple[str, str] | _Ids
_Inputs = list[str] | list[tuple[str, str]] | list[list[int]]

class Error(Exception):
    code: ClassVar[str | None]

class InvalidArgument(Error, ValueError): ...
class NotFound(Error, FileNotFoundError): ...
class InvalidFile(Error, ValueError): ...
class Unsupported(Error, NotImplementedError): ...
class OutOfMemory(Error, MemoryError): ...
class ContextFull(Error, ValueError): ...
class Cancelled(Error): ...
class Busy(Error, RuntimeError): ...
class ReadError(Error, OSError): ...
class InternalError(Error, RuntimeError): ...

class Runtime:
    def __init__(
        self,
        *,
        threads: int | None = 0,
        memory_limit: int | None = 0,
        log: Callable[[str, str], object] | None = None,
    ) -> None: ...
    @staticmethod
    def shared() -> Runtime: ...
    @property
    def threads(self) -> int: ...
    @property
    def memory_limit(self) -> int: ...
    @property
    def memory_used(self) -> int: ...

class Cancel:
    def __init__(self) -> None: ...
    def cancel(self) -> None: ...
    def reset(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

class Tokenizer:
    class Stream:
        def __init__(self, tokenizer: Tokenizer, skip_special_tokens: bool = True) -> None: ...
        def push(self, id: int) -> str: ...
        def finish(self) -> str: ...

    @staticmethod
    def from_json(tokenizer_json: str, tokenizer_config_json: str = "") -> Tokenizer: ...
    @staticmethod
    def from_sentencepiece(model: bytes) -> Tokenizer: ...
    def encode(self, text: str, **options: Unpack[_EncodeOptions]) -> list[int]: ...
    def encode_batch(
        self, texts: Sequence[str], **options: Unpack[_EncodeOptions]
    ) -> list[list[int]]: ...
    def encode_with_offsets(self, text: str, **options: Unpack[_EncodeOptions]) -> Encoding: ...
    def encode_pair(
        self, first: str, second: str, **options: Unpack[_EncodeOptions]
    ) -> Encoding: ...
    def offsets(
        self, text: str, **options: Unpack[_EncodeOptions]
    ) -> list[tuple[int, int]]: ...
    def decode(self, ids: _Ids, skip_special_tokens: bool = True) -> str: ...
    def token(self, id: int) -> str: ...
    def id(self, token: str) -> int | None: ...
    def is_special(self, id: int) -> bool: ...
    @property
    def vocabulary_size(self) -> int: ...
    @property
    def bos_token_id(self) -> int | None: ...
    @property
    def eos_token_id(self) -> int | None: ...
    @property
    def unk_token_id(self) -> int | None: ...
    @property
    def pad_token_id(self) -> int | None: ...
    @property
    def sep_token_id(self) -> int | None: ...
    @property
    def cls_token_id(self) -> int | None: ...
    @property
    def mask_token_id(self) -> int | None: ...

class ChatTemplate:
    def __init__(self, source: str, **variables: Any) -> None: ...
    def render(
        self,
        messages: Sequence[_Message],
        tools: Sequence[Mapping[str, Any]] | None = None,
        add_generation_prompt: bool = True,
        **variables: Any,
    ) -> str: ...
    @property
    def source(self) -> str: ...

class Sampler:
    def __init__(self, **options: Unpack[_GenerateOptions]) -> None: ...
    def sample(
        self, logits: NDArray[Any], history: _Ids = (), prompt_length: int = 0
    ) -> int: ...
    def probabilities(
        self, logits: NDArray[Any], history: _Ids = (), prompt_length: int = 0
    ) -> _Floats: ...
    @property
    def seed(self) -> int: ...

class _Closing:
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

class Model(_Closing):
    def __init__(
        self, source: str | PathLike[str] | bytes, **options: Unpack[_ModelOptions]
    ) -> None: ...
    @staticmethod
    def inspect(
        path: str | PathLike[str], **options: Unpack[_ModelOptions]
    ) -> dict[str, Any]: ...
    @property
    def info(self) -> dict[str, Any]: ...
    @property
    def generation_defaults(self) -> dict[str, Any]: ...
    @property
    def runtime(self) -> Runtime: ...
    @property
    def has_tokenizer(self) -> bool: ...
    @property
    def tokenizer(self) -> Tokenizer: ...
    @property
    def has_chat_template(self) -> bool: ...
    @property
    def chat_template(self) -> ChatTemplate: ...
    def logits(
        self,
        ids: _Ids,
        decoder_ids: _Ids | None = None,
        *,
        last: int | None = None,
        cancel: Cancel | None = None,
    ) -> _Floats: ...
    def hidden_states(
        self, ids: _Ids, decoder_ids: _Ids | None = None, *, cancel: Cancel | None = None
    ) -> list[_Floats]: ...
    def attentions(
        self, ids: _Ids, decoder_ids: _Ids | None = None, *, cancel: Cancel | None = None
    ) -> list[_Floats]: ...
    def cross_attentions(
        self, ids: _Ids, decoder_ids: _Ids, *, cancel: Cancel | None = None
    ) -> list[_Floats]: ...
    def log_probabilities(self, ids: _Ids, cancel: Cancel | None = None) -> _Floats: ...
    @overload
    def generate(self, prompt: _Prompt, **options: Unpack[_GenerateOptions]) -> Output: ...
    @overload
    def generate(
        self, prompt: _Prompts, **options: Unpack[_GenerateOptions]
    ) -> list[Output]: ...
    @overload
    def generate(
        self, *, messages: Sequence[_Message], **options: Unpack[_AnswerOptions]
    ) -> Output: ...
    @overload
    def generation(self, prompt: _Prompt, **options: Unpack[_GenerateOptions]) -> Generation: ...
    @overload
    def generation(
        self, *, messages: Sequence[_Message], **options: Unpack[_AnswerOptions]
    ) -> Generation: ...
    stream = generation
    def embed(self, texts: _Input | _Inputs, **options: Unpack[_EmbedOptions]) -> _Floats: ...
    def similarity(
        self, a: _Floats | _Input | _Inputs, b: _Floats | _Input | _Inputs
    ) -> _Floats: ...
    @overload
    def classify(self, texts: _Input, **options: Unpack[_ClassifyOptions]) -> list[_Label]: ...
    @overload
    def classify(self, texts: _Inputs, **options: Unpack[_ClassifyOptions]) -> list[list[_Label]]: ...
    @overload
    def tag(self, texts: str, **options: Unpack[_TagOptions]) -> list[_Entity]: ...
    @overload
    def tag(self, texts: list[str], **options: Unpack[_TagOptions]) -> list[list[_Entity]]: ...
    @overload
    def fill_mask(self, texts: _Input, **options: Unpack[_FillMaskOptions]) -> list[list[_Fill]]: ...
    @overload
    def fill_mask(self, texts: _Inputs, **options: Unpack[_FillMaskOptions]) -> list[list[list[_Fill]]]: ...
    def rerank(
        self, query: str, texts: Sequence[str], **options: Unpack[_RerankOptions]
    ) -> list[_RankedText]: ...
    @overload
    def answer(
        self, question: str, context: str, **options: Unpack[_QuestionOptions]
    ) -> list[_Answer]: ...
    @overload
    def answer(
        self, question: list[str], context: list[str], **options: Unpack[_QuestionOptions]
    ) -> list[list[_Answer]]: ...
    @overload
    def zero_shot(
        self, texts: str, labels: Sequence[str], **options: Unpack[_ZeroShotOptions]
    ) -> list[_Label]: ...
    @overload
    def zero_shot(
        self, texts: list[str], labels: Sequence[str], **options: Unpack[_ZeroShotOptions]
    ) -> list[list[_Label]]: ...
    @overload
    def score(self, texts: _Input, **options: Unpack[_InputOptions]) -> _Score: ...
    @overload
    def score(self, texts: _Inputs, **options: Unpack[_InputOptions]) -> list[_Score]: ...
    @overload
    def translate(self, texts: str, **options: Unpack[_TranslateOptions]) -> Output: ...
    @overload
    def translate(
        self, texts: list[str], **options: Unpack[_TranslateOptions]
    ) -> list[Output]: ...
    @overload
    def summarize(self, texts: str, **options: Unpack[_SummarizeOptions]) -> Output: ...
    @overload
    def summarize(
        self, texts: list[str], **options: Unpack[_SummarizeOptions]
    ) -> list[Output]: ...
    def session(self, **options: Unpack[_SessionOptions]) -> Session: ...
    def chat(self, **options: Unpack[_ChatOptions]) -> Chat: ...

class Session(_Closing):
    def append(self, ids: _Ids, last: int | None = None) -> _Floats: ...
    def encode(self, ids: _Ids) -> None: ...
    def rewind(self, n: int) -> None: ...
    def fork(self) -> Session: ...
    def save(self) -> bytes: ...
    def restore(self, state: bytes) -> None: ...
    @property
    def position(self) -> int: ...
    @property
    def context_length(self) -> int: ...
    @property
    def ids(self) -> list[int]: ...
    @property
    def source_ids(self) -> list[int]: ...
    @property
    def model(self) -> Model: ...

class Batch:
    def __init__(self, model: Model) -> None: ...
    def add(self, session: Session, ids: _Ids) -> Self: ...
    def step(self) -> _Floats: ...

class Generation:
    def __init__(
        self, session: Session, prompt: _Prompt, **options: Unpack[_GenerateOptions]
    ) -> None: ...
    def next(self) -> Piece | None: ...
    def finish(self) -> Output: ...
    def cancel(self) -> None: ...
    @property
    def finish_reason(self) -> str: ...
    @property
    def timings(self) -> Timings: ...
    @property
    def output(self) -> Output: ...
    @property
    def live(self) -> list[list[int]]: ...
    def allow(self, index: int, ids: _Ids) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Piece: ...
    def __aiter__(self) -> AsyncIterator[Piece]: ...

class Chat(_Closing):
    def send(self, text: str, **options: Unpack[_GenerateOptions]) -> Output: ...
    def stream(self, text: str, **options: Unpack[_GenerateOptions]) -> Generation: ...
    def add(self, message: _Message) -> None: ...
    def clear(self) -> None: ...
    @property
    def messages(self) -> list[dict[str, Any]]: ...
    @property
    def model(self) -> Model: ...

def describe(kind: str) -> list[dict[str, Any]]: ...
