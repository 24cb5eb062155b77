#!/usr/bin/env python3
"""Trains the tiny tokenizers of this folder on corpus.txt and records what they do; makes chat_llama.

Run by hand: python make_tokenizers.py. Made with tokenizers 0.23.3, sentencepiece 0.2.3,
transformers 5.23.0, torch 2.13.0, gguf 0.19.0.
"""

import json
import math
import sys
from pathlib import Path

import gguf
import sentencepiece
import torch
import transformers
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoModelForCausalLM, GenerationConfig, LlamaConfig, PreTrainedTokenizerFast

import make_golden

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "oracle"))
from tokenizer_cases import DEEPSEEK_STRINGS, STRINGS, hugging_face_case, sentencepiece_case  # noqa: E402

CORPUS = HERE / "corpus.txt"

LLAMA3_REGEX = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2_REGEX = LLAMA3_REGEX.replace(r"\p{N}{1,3}", r"\p{N}")
# As in DeepSeek-V3's file, where \r and \n are the characters themselves.
DEEPSEEK_REGEXES = [
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^RN\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"""| ?[\p{P}\p{S}]+[RN]*|\s*[RN]+|\s+(?!\S)|\s+""".replace("RN", "\r\n"),
]

LLAMA3_SPECIAL = [
    "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
]  # fmt: skip

CHAT_TEMPLATE = """\
{{- bos_token }}
{%- for message in messages %}
    {%- if message.role not in ['system', 'user', 'assistant'] %}
        {{- raise_exception('Unknown role: ' + message.role) }}
    {%- endif %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""


def byte_level(pre_tokenizer, vocabulary, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train([str(CORPUS)], trainer)
    return tokenizer


def split_then_bytes(*regexes):
    splits = [pre_tokenizers.Split(Regex(regex), behavior="isolated") for regex in regexes]
    return pre_tokenizers.Sequence(splits + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def gpt2():
    """GPT-2's pre-tokenizer, and an added token with each flag."""
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), 400)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(
        [AddedToken("<|endoftext|>"), AddedToken("<mask>", lstrip=True), AddedToken("<r>", rstrip=True)]
    )
    tokenizer.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("<word>", single_word=True)])
    return tokenizer


def llama3():
    """Llama 3's Split and ByteLevel, ignore_merges, and a template that puts the first token."""
    tokenizer = byte_level(split_then_bytes(LLAMA3_REGEX), 380, ignore_merges=True)
    tokenizer.add_special_tokens(LLAMA3_SPECIAL)
    begin = LLAMA3_SPECIAL[0]
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{begin} $A",
                pair=f"{begin} $A {begin}:1 $B:1",
                special_tokens=[(begin, tokenizer.token_to_id(begin))],
            ),
        ]
    )
    return tokenizer


def qwen2():
    """Qwen2's NFC and single digits, its added tokens that are not special."""
    tokenizer = byte_level(split_then_bytes(QWEN2_REGEX), 360)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ("<think>", "</think>")])
    return tokenizer


def smollm():
    """SmolLM2's Digits and ByteLevel with GPT-2's own splitting; special tokens first."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=360, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    )  # fmt: skip
    tokenizer.train([str(CORPUS)], trainer)
    return tokenizer


def deepseek():
    """DeepSeek-V3's three expressions, of which the first two leave text between their matches."""
    tokenizer = byte_level(split_then_bytes(*DEEPSEEK_REGEXES), 400)
    tokenizer.normalizer = normalizers.Sequence([])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"])
    tokenizer.add_tokens([AddedToken(text) for text in ("<｜User｜>", "<｜Assistant｜>", "<think>", "</think>")])
    return tokenizer


BYTE_LEVEL = {"gpt2": gpt2, "llama3": llama3, "qwen2": qwen2, "smollm": smollm, "deepseek": deepseek}
MORE_STRINGS = {"deepseek": DEEPSEEK_STRINGS}

# Llama 2's options, and their opposites.
SENTENCEPIECE = {
    "spm": dict(
        vocab_size=530, normalization_rule_name="identity", remove_extra_whitespaces=False,
        byte_fallback=True, split_digits=True, allow_whitespace_only_pieces=True,
        character_coverage=0.98, model_type="bpe",
    ),
    "spm_plain": dict(
        vocab_size=510, normalization_rule_name="identity", remove_extra_whitespaces=False,
        byte_fallback=True, add_dummy_prefix=False, user_defined_symbols=["<tool>", "[INST]", "[/INST]"],
        control_symbols=["<mask>"], character_coverage=0.98, model_type="bpe", pad_id=3,
    ),
}  # fmt: skip


def write_json(path, value):
    """JSON with one case a line."""
    text = json.dumps(value, ensure_ascii=False)
    text = text.replace('}, {"text"', '},\n{"text"').replace('[{"text"', '[\n{"text"')
    path.write_text(text + "\n", encoding="utf-8")


def make_byte_level(name):
    folder = HERE / f"tokenizer_{name}"
    folder.mkdir(exist_ok=True)
    BYTE_LEVEL[name]().save(str(folder / "tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    strings = STRINGS + MORE_STRINGS.get(name, [])
    cases = [{"text": text, **hugging_face_case(tokenizer, text, offsets=True)} for text in strings]
    write_json(folder / "expected.json", {"cases": cases})
    print(name, tokenizer.get_vocab_size(), "pieces")


def make_sentencepiece(name):
    folder = HERE / f"tokenizer_{name}"
    folder.mkdir(exist_ok=True)
    with open(folder / "tokenizer.model", "wb") as output:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS.read_text(encoding="utf-8").splitlines()),
            model_writer=output, minloglevel=2, num_threads=1, **SENTENCEPIECE[name],
        )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    cases = [{"text": text, **sentencepiece_case(processor, text, offsets=True)} for text in STRINGS]
    write_json(folder / "expected.json", {"cases": cases})
    write_vocabulary_gguf(folder / "vocab.gguf", processor, SENTENCEPIECE[name])
    print(name, processor.vocab_size(), "pieces")


def write_vocabulary_gguf(path, processor, options):
    """The same vocabulary as llama.cpp's converter stores it."""
    writer = gguf.GGUFWriter(path, "llama")
    types = []
    for index in range(processor.vocab_size()):
        if processor.is_unknown(index):
            types.append(gguf.TokenType.UNKNOWN)
        elif processor.is_control(index):
            types.append(gguf.TokenType.CONTROL)
        elif processor.is_byte(index):
            types.append(gguf.TokenType.BYTE)
        elif processor.id_to_piece(index) in options.get("user_defined_symbols", []):
            types.append(gguf.TokenType.USER_DEFINED)
        else:
            types.append(gguf.TokenType.NORMAL)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([processor.id_to_piece(index) for index in range(processor.vocab_size())])
    writer.add_token_scores([processor.get_score(index) for index in range(processor.vocab_size())])
    writer.add_token_types(types)
    writer.add_bos_token_id(processor.bos_id())
    writer.add_eos_token_id(processor.eos_id())
    writer.add_unk_token_id(processor.unk_id())
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(options.get("add_dummy_prefix", True))
    finish(writer)


def add_byte_level_vocabulary(writer, tokenizer):
    pieces = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    special = set(LLAMA3_SPECIAL)
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(pieces)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if piece in special else gguf.TokenType.NORMAL for piece in pieces]
    )
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_chat_template(tokenizer.chat_template)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_chat_llama():
    """A model directory with everything that a chat needs."""
    folder = HERE / "chat_llama"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(HERE / "tokenizer_llama3" / "tokenizer.json"),
        bos_token=LLAMA3_SPECIAL[0], eos_token="<|eot_id|>", chat_template=CHAT_TEMPLATE,
        model_max_length=256, clean_up_tokenization_spaces=False,
    )  # fmt: skip
    end_of_text, end_of_turn = tokenizer.convert_tokens_to_ids(["<|end_of_text|>", "<|eot_id|>"])
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=24, intermediate_size=28, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=256,
        rms_norm_eps=1e-5, tie_word_embeddings=True, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=[end_of_text, end_of_turn],
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    make_golden.randomise(model, torch.Generator().manual_seed(2000))
    model.generation_config = GenerationConfig(
        bos_token_id=config.bos_token_id, eos_token_id=config.eos_token_id, do_sample=True,
        temperature=0.6, top_p=0.9,
    )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)

    messages = [
        {"role": "system", "content": "You answer the question.  "},
        {"role": "user", "content": "What is the capital of France?"},
    ]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = tokenizer.encode(prompt, add_special_tokens=False)
    output = model.generate(
        torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        max_new_tokens=24, do_sample=False, temperature=None, top_p=None,
    )[0, len(ids):].tolist()  # fmt: skip
    with torch.no_grad():
        logits = model(torch.tensor([ids + output])).logits[0, len(ids) - 1 : -1]
    best = logits.topk(2).values
    margin = (best[:, 0] - best[:, 1]).min().item()
    assert margin > 1e-3 and math.isfinite(margin), margin
    expected = {
        "messages": messages,
        "prompt": prompt,
        "ids": ids,
        "greedy": output,
        "greedy_text": tokenizer.decode(output, skip_special_tokens=True),
        "smallest_margin": margin,
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in expected.items())
    (folder / "expected.json").write_text(f"{{\n{lines}\n}}\n")
    make_golden.write_gguf(
        folder, "chat_llama", config, lambda writer: add_byte_level_vocabulary(writer, tokenizer)
    )
    for path in folder.iterdir():
        path.chmod(0o644)
    print(f"chat_llama, {len(output)} greedy ids, smallest margin {margin:.1e}")


def main():
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    for name in BYTE_LEVEL:
        make_byte_level(name)
    for name in SENTENCEPIECE:
        make_sentencepiece(name)
    make_chat_llama()


if __name__ == "__main__":
    main()
