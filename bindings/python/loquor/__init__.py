"""Transformer language models on the CPU.

    import loquor
    model = loquor.Model("path/to/model.gguf")
    print(model.generate(messages=[{"role": "user", "content": "Hello"}]).text)
"""
from loquor._loquor import (
    Batch, Busy, Cancel, Cancelled, Chat, ChatTemplate, ContextFull, Error, Generation,
    InternalError, InvalidArgument, InvalidFile, Model, NotFound, OutOfMemory, ReadError, Runtime,
    Sampler, Session, Tokenizer, Unsupported, __version__, describe)
from loquor._results import Encoding, Logprobs, Output, Piece, Sequence, Timings, TokenLogprob

__all__ = [
    "Batch", "Busy", "Cancel", "Cancelled", "Chat", "ChatTemplate", "ContextFull", "Encoding",
    "Error", "Generation", "InternalError", "InvalidArgument", "InvalidFile", "Logprobs", "Model",
    "NotFound", "OutOfMemory", "Output", "Piece", "ReadError", "Runtime", "Sampler", "Sequence",
    "Session", "Timings", "TokenLogprob", "Tokenizer", "Unsupported", "__version__", "describe"]
