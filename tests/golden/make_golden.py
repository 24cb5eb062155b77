#!/usr/bin/env python3
"""Makes the tiny random models of this folder and what transformers computes with them.

Run by hand: python make_golden.py [name ...]. README.md says what each file holds.
Made with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0, numpy 2.4.6, gguf 0.19.0.

The reference is computed in double precision: RMSNorm and the rotary angles, which transformers
computes in float whatever the model's type, are replaced here by the same formulas in double. The
script checks that transformers itself, untouched and in float, agrees to 1e-5 of the largest logit.
"""

import argparse
import json
import math
from pathlib import Path

import gguf
import numpy
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    DeepseekV3Config,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    Glm4Config,
    GlmConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
)

HERE = Path(__file__).parent
PROMPT_LENGTH = 8
GREEDY_LENGTH = 24


def llama(**options):
    defaults = dict(
        vocab_size=79, hidden_size=32, intermediate_size=28, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
        rms_norm_eps=1e-4, rope_parameters={"rope_type": "default", "rope_theta": 1234.5},
    )  # fmt: skip
    return LlamaConfig(**{**defaults, **options})


def qwen2(**options):
    defaults = dict(
        vocab_size=83, hidden_size=32, intermediate_size=28, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
        rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 50000.0},
        bos_token_id=1, eos_token_id=[2, 3], tie_word_embeddings=True,
    )  # fmt: skip
    return Qwen2Config(**{**defaults, **options})


SMALL = dict(
    hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1,
    max_position_embeddings=64, rms_norm_eps=1e-4, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)  # fmt: skip

SMALL_LLAMA = dict(
    vocab_size=61, hidden_size=24, intermediate_size=20, num_attention_heads=2, num_key_value_heads=1,
    tie_word_embeddings=True,
)  # fmt: skip


def phi3_with_long_rope(original):
    return Phi3Config(
        vocab_size=61, **{**SMALL, "num_attention_heads": 2}, tie_word_embeddings=True,
        original_max_position_embeddings=original,
        rope_parameters={
            "rope_type": "longrope", "rope_theta": 700.0, "partial_rotary_factor": 0.5,
            "short_factor": [1.0, 1.2, 1.5], "long_factor": [1.1, 3.0, 5.5],
            "original_max_position_embeddings": original,
        },
    )  # fmt: skip


LLAMA3_ROPE = {
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 4.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
}  # fmt: skip

# name: (configuration, number of ids, gradients of all but the later layers or only of small tensors)
MODELS = {
    "llama": (llama(), 28, True),
    "llama_bf16": (llama(), 24, False),
    "llama_sharded": (llama(hidden_size=24, intermediate_size=30, num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True), 24, False),
    "llama3_rope": (
        llama(
            num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=256,
            rope_parameters=LLAMA3_ROPE, tie_word_embeddings=True, vocab_size=61,
        ),
        36, False,
    ),
    "llama_linear_rope": (
        llama(
            hidden_size=24, num_attention_heads=3, num_key_value_heads=3, tie_word_embeddings=True,
            rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.5},
        ),
        28, False,
    ),
    "llama_biases": (
        llama(
            vocab_size=67, hidden_size=30, intermediate_size=26, num_attention_heads=3,
            num_key_value_heads=1, attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 100000}, rms_norm_eps=1e-5,
            pad_token_id=2,
        ),
        28, True,
    ),
    "mistral": (
        MistralConfig(
            vocab_size=71, hidden_size=24, intermediate_size=30, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, head_dim=10, sliding_window=7,
            max_position_embeddings=64, rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        ),
        30, False,
    ),
    "qwen2": (qwen2(), 28, True),
    "qwen2_window": (
        qwen2(
            vocab_size=61, num_hidden_layers=3, use_sliding_window=True, sliding_window=5,
            max_window_layers=1, hidden_size=24, intermediate_size=30, num_attention_heads=2,
            num_key_value_heads=1,
        ),
        30, False,
    ),
    "gpt2": (
        GPT2Config(
            vocab_size=73, n_positions=48, n_embd=24, n_layer=2, n_head=3, bos_token_id=2,
            eos_token_id=2, layer_norm_epsilon=2e-5,
        ),
        28, True,
    ),
    "qwen3": (
        Qwen3Config(
            vocab_size=61, **SMALL, head_dim=10, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 2000.0},
        ),
        28, False,
    ),
    "gemma": (
        GemmaConfig(
            vocab_size=67, **SMALL, head_dim=10,
            rope_parameters={"rope_type": "default", "rope_theta": 3000.0},
        ),
        28, False,
    ),
    "gemma2": (
        Gemma2Config(
            vocab_size=61, **{**SMALL, "num_hidden_layers": 3}, head_dim=10, query_pre_attn_scalar=7,
            sliding_window=6, attn_logit_softcapping=4.0, final_logit_softcapping=9.0,
        ),
        28, False,
    ),
    "gemma3": (
        Gemma3TextConfig(
            vocab_size=61, **{**SMALL, "num_hidden_layers": 3}, head_dim=10, query_pre_attn_scalar=12,
            sliding_window=6, layer_types=["sliding_attention", "sliding_attention", "full_attention"],
            rope_parameters={
                "full_attention": {"rope_type": "linear", "rope_theta": 5000.0, "factor": 2.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
            },
        ),
        28, False,
    ),
    "phi3": (
        Phi3Config(
            vocab_size=61, **{**SMALL, "num_attention_heads": 2}, sliding_window=9,
            original_max_position_embeddings=64,
            rope_parameters={
                "rope_type": "default", "rope_theta": 700.0, "partial_rotary_factor": 0.5,
            },
        ),
        28, False,
    ),
    "glm": (
        GlmConfig(
            vocab_size=61, **SMALL, head_dim=12,
            rope_parameters={
                "rope_type": "default", "rope_theta": 900.0, "partial_rotary_factor": 0.5,
            },
        ),
        28, False,
    ),
    "glm4": (
        Glm4Config(
            vocab_size=61, **SMALL, head_dim=12,
            rope_parameters={
                "rope_type": "default", "rope_theta": 900.0, "partial_rotary_factor": 0.5,
            },
        ),
        28, False,
    ),
    "llama_yarn": (
        llama(
            **SMALL_LLAMA, max_position_embeddings=64,
            rope_parameters={
                "rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "beta_fast": 3.0, "beta_slow": 0.5,
                "original_max_position_embeddings": 16, "attention_factor": 1.25, "truncate": False,
            },
        ),
        28, False,
    ),
    "llama_dynamic": (
        llama(
            **SMALL_LLAMA, max_position_embeddings=16,
            rope_parameters={"rope_type": "dynamic", "rope_theta": 300.0, "factor": 3.0},
        ),
        28, False,
    ),
    "phi3_short": (phi3_with_long_rope(40), 28, False),
    "phi3_long": (phi3_with_long_rope(7), 28, False),
    "mixtral": (
        MixtralConfig(
            vocab_size=61, **SMALL, num_local_experts=4, num_experts_per_tok=2, sliding_window=8,
            tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 400.0},
        ),
        28, False,
    ),
    "qwen3_moe": (
        Qwen3MoeConfig(
            vocab_size=61, **SMALL, num_local_experts=5, num_experts_per_tok=2, head_dim=10,
            moe_intermediate_size=12, norm_topk_prob=True, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 600.0},
        ),
        28, False,
    ),
    "deepseek_v3": (
        DeepseekV3Config(
            vocab_size=61, **{**SMALL, "num_key_value_heads": 3}, n_routed_experts=8, n_group=4,
            topk_group=2, num_experts_per_tok=3, moe_intermediate_size=10, first_k_dense_replace=1,
            n_shared_experts=2, kv_lora_rank=10, q_lora_rank=14, qk_rope_head_dim=8, qk_nope_head_dim=6,
            v_head_dim=9, tie_word_embeddings=True, attention_bias=True,
            rope_parameters={
                "rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "beta_fast": 3.0, "beta_slow": 0.5,
                "original_max_position_embeddings": 16, "mscale": 0.8, "mscale_all_dim": 1.5,
            },
        ),
        28, False,
    ),
    "qwen3_moe_some": (
        Qwen3MoeConfig(
            vocab_size=61, **{**SMALL, "num_hidden_layers": 3}, num_local_experts=3,
            num_experts_per_tok=2, head_dim=10, moe_intermediate_size=12, mlp_only_layers=[0],
            decoder_sparse_step=2, use_sliding_window=True, sliding_window=9, tie_word_embeddings=True,
        ),
        28, False,
    ),
}  # fmt: skip

# Where config.json takes the form that transformers 4 wrote, with the keys that published
# checkpoints carry beside it: most models in use were saved that way.
V4_FORM = {
    "llama_linear_rope": {"rope_scaling": {"type": "linear", "factor": 2.5}},
    "llama_biases": {
        "rope_scaling": None,
        "rope_interleaved": False,
        "is_llama_config": True,
        "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}},
    },
    "qwen2": {"sliding_window": 12, "max_window_layers": 1},
}

GGUF_MODELS = [
    "llama", "llama3_rope", "qwen2", "gpt2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "phi3_long",
    "qwen3_moe",
]  # fmt: skip
GGUF_ARCHITECTURES = {"gemma3_text": "gemma3", "qwen3_moe": "qwen3moe"}


def randomise(model, generator):
    """Weights that make every part matter: norms off one, biases off zero, attention not uniform."""
    tied = model.config.tie_word_embeddings
    for name, parameter in model.named_parameters():
        shape = parameter.shape
        noise = torch.randn(shape, generator=generator)
        is_norm = "norm" in name or ".ln_" in name
        if name.endswith("bias"):
            values = 0.2 * noise
        elif is_norm:
            values = (0 if "gemma" in model.config.model_type else 1) + 0.3 * noise
        elif "embed_tokens" in name or "wte" in name or "wpe" in name:
            values = (1.3 / math.sqrt(shape[1]) if tied else 0.7) * noise
        else:
            inputs = shape[-1] if len(shape) == 3 else shape[0] if model.config.model_type == "gpt2" and "lm_head" not in name else shape[1]
            scale = 1.8 if any(part in name for part in ("q_proj", "k_proj", "c_attn", "qkv", "q_b_", "kv_a_")) else 1.3
            values = scale / math.sqrt(inputs) * noise
        parameter.data.copy_(values)
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            buffer.data.copy_(0.3 * torch.randn(buffer.shape, generator=generator))


def rms_norm_in_double(self, hidden_states):
    variance = hidden_states.pow(2).mean(-1, keepdim=True)
    return self.weight * (hidden_states * torch.rsqrt(variance + self.variance_epsilon))


def gemma_norm_in_double(self, hidden_states):
    variance = hidden_states.pow(2).mean(-1, keepdim=True)
    return (1 + self.weight) * (hidden_states * torch.rsqrt(variance + self.eps))


def rotary_in_double(self, x, position_ids, layer_type=None):
    prefix = f"{layer_type}_" if layer_type else ""
    angles = position_ids[:, :, None].double() * getattr(self, f"{prefix}inv_freq").double()
    angles = torch.cat((angles, angles), dim=-1)
    scale = getattr(self, f"{prefix}attention_scaling")
    return angles.cos() * scale, angles.sin() * scale


def to_double(model):
    inverse_frequencies = {
        name: buffer.clone() for name, buffer in model.named_buffers() if name.endswith("inv_freq")
    }
    model = model.double()
    for module_name, module in model.named_modules():
        if type(module).__name__.endswith("RMSNorm"):
            gemma = "Gemma" in type(module).__name__
            module.forward = (gemma_norm_in_double if gemma else rms_norm_in_double).__get__(module)
        if type(module).__name__.endswith("RotaryEmbedding"):
            for name, values in inverse_frequencies.items():
                if name.startswith(f"{module_name}."):
                    setattr(module, name.rsplit(".", 1)[1], values)
            module.forward = rotary_in_double.__get__(module)
    return model


def generate(model, ids):
    output = model.generate(
        ids[None, :PROMPT_LENGTH], attention_mask=torch.ones(1, PROMPT_LENGTH, dtype=torch.long),
        max_new_tokens=GREEDY_LENGTH, do_sample=False,
    )  # fmt: skip
    return output[0, PROMPT_LENGTH:].tolist()


def greedy_continuation(model, ids):
    """Ids chosen one at a time without a cache, and the smallest lead of a first choice over a second."""
    ids, margin = ids.tolist(), math.inf
    for _ in range(GREEDY_LENGTH):
        best = model(torch.tensor([ids])).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
    return ids[-GREEDY_LENGTH:], margin


def attention(folder):
    """Only the plain formula knows of capped scores and of experts in double."""
    config = json.loads((folder / "config.json").read_text())
    if "num_experts_per_tok" in config:
        return {"experts_implementation": "eager"}
    return {"attn_implementation": "eager"} if config.get("attn_logit_softcapping") else {}


def expected_values(folder, length, large_gradients, seed):
    generator = torch.Generator().manual_seed(seed)
    single = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **attention(folder)).eval()
    vocabulary = single.config.vocab_size
    ids = torch.randint(0, vocabulary, (length,), generator=generator)
    # A rotation that follows the current length gives other ids than one fixed for a session.
    rope = getattr(single.config, "rope_parameters", None) or {}
    dynamic = rope.get("rope_type") == "dynamic"
    generated = [None] * GREEDY_LENGTH if dynamic else generate(single, ids)
    while len(generated) < GREEDY_LENGTH:  # met an end of sequence
        ids = torch.randint(0, vocabulary, (length,), generator=generator)
        generated = generate(single, ids)
    ids_b = torch.randint(0, vocabulary, (11,), generator=generator)
    with torch.no_grad():
        single_logits = single(ids[None]).logits[0].double()

    model = single.double() if dynamic else to_double(single)
    output = model(ids[None], labels=ids[None], output_hidden_states=True)
    output.loss.backward()
    logits = output.logits[0].detach()
    with torch.no_grad():
        logits_b = model(ids_b[None]).logits[0]
        greedy, margin = greedy_continuation(model, ids[:PROMPT_LENGTH])

    largest = logits.abs().max().item()
    disagreement = (single_logits - logits).abs().max().item() / largest
    assert disagreement < 1e-5, disagreement
    if dynamic:
        greedy = generated = []
    assert greedy == generated, (greedy, generated)
    assert margin > 2e-3, margin
    print(
        f"  largest logit {largest:.2f}, std {logits.std():.2f}, loss {output.loss.item():.4f}, "
        f"float against double {disagreement:.1e}, smallest greedy margin {margin:.1e}"
    )

    tensors = {
        "ids": ids.int(), "logits": logits.float(), "ids_b": ids_b.int(),
        "logits_b": logits_b.float(), "greedy": torch.tensor(greedy, dtype=torch.int32),
        "loss": output.loss.detach().float().reshape(1),
    }  # fmt: skip
    for index, hidden in enumerate(output.hidden_states):
        tensors[f"hidden_states.{index}"] = hidden[0].detach().float()
    for name, parameter in model.named_parameters():
        later_layer = any(f"{stack}.{layer}." in name for stack in ("layers", "h") for layer in (1, 2))
        if parameter.numel() <= 100 or (large_gradients and not later_layer):
            tensors[f"grad.{name}"] = parameter.grad.float()
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def use_v4_form(folder, extra):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = "4.46.3"
    config.pop("layer_types", None)
    if config["model_type"] == "llama" and config["head_dim"] * config["num_attention_heads"] == config["hidden_size"]:
        del config["head_dim"]
    config.update(extra)
    path.write_text(json.dumps(dict(sorted(config.items())), indent=2) + "\n")


def interleave_heads(weight, heads):
    """llama.cpp rotates neighbouring pairs: rows of each head change from halves to pairs."""
    rows = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, rows, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


GGUF_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up", "mlp.gate": "ffn_gate_inp",
    "mlp.experts.gate_proj": "ffn_gate_exps", "mlp.experts.up_proj": "ffn_up_exps",
    "mlp.experts.down_proj": "ffn_down_exps",
}  # fmt: skip
SANDWICH_NAMES = {
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}  # fmt: skip


def gguf_name(name, sandwiched=False):
    names = {**GGUF_NAMES, **SANDWICH_NAMES} if sandwiched else GGUF_NAMES
    stem, kind = name.rsplit(".", 1)
    for prefix in ("model.layers.", "transformer.h."):
        if stem.startswith(prefix):
            layer, part = stem[len(prefix) :].split(".", 1)
            return f"blk.{layer}.{names[part]}.{kind}"
    return f"{names[stem]}.{kind}"


def llama3_factors(config):
    """What llama.cpp stores as rope_freqs.weight: the divisor of each frequency."""
    rope, width = config.rope_parameters, config.head_dim
    frequencies = 1 / rope["rope_theta"] ** (numpy.arange(0, width, 2, dtype=numpy.float32) / width)
    original, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
    factors = []
    for wavelength in 2 * math.pi / frequencies:
        if wavelength < original / high:
            factors.append(1.0)
        elif wavelength > original / low:
            factors.append(rope["factor"])
        else:
            smooth = (original / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return numpy.array(factors, dtype=numpy.float32)


def stacked_experts(tensors):
    """The experts of a layer as one tensor, which is how llama.cpp stores them."""
    out, stacks = {}, {}
    for name, tensor in tensors.items():
        parts = name.split(".")
        if "experts" in parts:
            at = parts.index("experts") + 1
            stacks.setdefault(".".join(parts[:at] + parts[at + 1 :]), {})[int(parts[at])] = tensor
        else:
            out[name] = tensor
    return {**out, **{name: torch.stack([s[i] for i in range(len(s))]) for name, s in stacks.items()}}


def write_gguf(folder, name, config, add_vocabulary=lambda writer: None):
    architecture = GGUF_ARCHITECTURES.get(config.model_type, config.model_type)
    writer = gguf.GGUFWriter(folder / f"{name}.gguf", architecture)
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    if architecture == "gpt2":
        writer.add_feed_forward_length(4 * config.hidden_size)
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        rope = config.rope_parameters
        writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
        writer.add_vocab_size(config.vocab_size)
    if architecture == "llama":
        writer.add_rope_dimension_count(config.head_dim)
    if architecture.startswith(("gemma", "qwen3")):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if architecture in ("gemma2", "gemma3", "phi3"):
        writer.add_sliding_window(config.sliding_window or 0)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if architecture == "gemma3":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["full_attention"]["factor"])
    if architecture == "phi3":
        writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads // 2)
        writer.add_rope_scaling_orig_ctx_len(config.original_max_position_embeddings)
    if name == "phi3_long":
        ratio = config.max_position_embeddings / config.original_max_position_embeddings
        original = math.log(config.original_max_position_embeddings)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(ratio) / original))
        for kind in ("long", "short"):
            factors = numpy.array(config.rope_parameters[f"{kind}_factor"], dtype=numpy.float32)
            writer.add_tensor(f"rope_factors_{kind}.weight", factors)
    if architecture == "qwen3moe":
        writer.add_expert_count(config.num_local_experts)
        writer.add_expert_used_count(config.num_experts_per_tok)
        writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    if name in ("llama", "qwen2"):
        writer.add_tokenizer_model("none" if name == "llama" else "no_vocab")
    if name == "llama3_rope":
        writer.add_tensor("rope_freqs.weight", llama3_factors(config))
    for tensor_name, tensor in stacked_experts(load_file(folder / "model.safetensors")).items():
        values = tensor.numpy()
        if architecture.startswith("gemma") and tensor_name.endswith("norm.weight"):
            values = values + 1
        if architecture == "llama" and "q_proj" in tensor_name:
            values = interleave_heads(values, config.num_attention_heads)
        if architecture == "llama" and "k_proj" in tensor_name:
            values = interleave_heads(values, config.num_key_value_heads)
        if architecture == "gpt2" and values.ndim == 2 and ".h." in tensor_name:
            values = values.T
        sandwiched = architecture in ("gemma2", "gemma3")
        writer.add_tensor(gguf_name(tensor_name, sandwiched), numpy.ascontiguousarray(values))
    add_vocabulary(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make(name):
    config, length, large_gradients = MODELS[name]
    seed = 1000 + list(MODELS).index(name)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    print(name)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    randomise(model, torch.Generator().manual_seed(seed))
    if name == "llama_bf16":
        model = model.bfloat16()
    shard = {"max_shard_size": "22KB"} if name == "llama_sharded" else {}
    model.save_pretrained(folder, **shard)
    if name in V4_FORM:
        use_v4_form(folder, V4_FORM[name])
    save_file(expected_values(folder, length, large_gradients, seed), folder / "expected.safetensors")
    if name in GGUF_MODELS:
        write_gguf(folder, name, config)
    for path in folder.iterdir():
        path.chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", default=list(MODELS), help="models to make (all)")
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    for name in parser.parse_args().name:
        make(name)


if __name__ == "__main__":
    main()
