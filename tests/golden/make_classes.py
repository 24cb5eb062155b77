#!/usr/bin/env python3
"""Makes tiny models of the classes of transformers that put another head on a family, run by hand:

    python3 tests/golden/make_classes.py [NAME ...]

with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0 and numpy. A folder is as make_families.py says, of one layer
where the family has a larger golden model; greedy is left out. A classifier of texts that has a decoder has a third
input, ids_c, with logits_c: there the row that it looks at is not the last one.
"""

import argparse

import torch
import transformers as T
from make_families import BART, DISTIL, ENCODER, HERE, LABELS, MODERN, SMALL, T5, XLNET, expected_values, randomise
from safetensors.torch import load_file, save_file

ROBERTA = {**SMALL, "pad_token_id": 1, "type_vocab_size": 1}
SMALL_BART = {**BART, "encoder_layers": 1, "decoder_layers": 1}
SMALL_T5 = {**T5, "num_layers": 1, "num_decoder_layers": 1}
DECODER = dict(
    vocab_size=41, hidden_size=16, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
    max_position_embeddings=40, rms_norm_eps=1e-4, bos_token_id=1, eos_token_id=2, pad_token_id=3,
)  # fmt: skip
GPT2 = dict(vocab_size=41, n_embd=16, n_layer=1, n_head=2, n_positions=40, bos_token_id=2, eos_token_id=2, pad_token_id=3)
MIXTURE = dict(num_local_experts=4, num_experts_per_tok=2)
LATENT = dict(
    n_routed_experts=4, n_group=2, topk_group=1, num_experts_per_tok=2, moe_intermediate_size=6, first_k_dense_replace=0,
    kv_lora_rank=10, q_lora_rank=14, qk_rope_head_dim=4, qk_nope_head_dim=6, v_head_dim=6,
)  # fmt: skip
VISION = dict(hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=2, image_size=4, patch_size=2)


def decoder(config, **options):
    """With one group of heads of keys, or as many as heads of queries."""
    return config(**{**DECODER, **options}, **LABELS)


# name: (class, configuration)
MODELS = {
    "bert_pretraining": (T.BertForPreTraining, T.BertConfig(**SMALL)),
    "roberta_token": (T.RobertaForTokenClassification, T.RobertaConfig(**ROBERTA, **LABELS)),
    "roberta_question": (T.RobertaForQuestionAnswering, T.RobertaConfig(**ROBERTA)),
    "camembert": (T.CamembertForMaskedLM, T.CamembertConfig(**ROBERTA)),
    "camembert_sequence": (T.CamembertForSequenceClassification, T.CamembertConfig(**ROBERTA, **LABELS)),
    "camembert_token": (T.CamembertForTokenClassification, T.CamembertConfig(**ROBERTA, **LABELS)),
    "xlm_roberta": (T.XLMRobertaForMaskedLM, T.XLMRobertaConfig(**ROBERTA)),
    "xlm_roberta_sequence": (T.XLMRobertaForSequenceClassification, T.XLMRobertaConfig(**ROBERTA, **LABELS)),
    "xlm_roberta_question": (T.XLMRobertaForQuestionAnswering, T.XLMRobertaConfig(**ROBERTA)),
    "distilbert_token": (T.DistilBertForTokenClassification, T.DistilBertConfig(**{**DISTIL, "n_layers": 1}, **LABELS)),
    "distilbert_question": (T.DistilBertForQuestionAnswering, T.DistilBertConfig(**{**DISTIL, "n_layers": 1})),
    "albert_pretraining": (T.AlbertForPreTraining, T.AlbertConfig(**SMALL, embedding_size=14)),
    "albert_token": (T.AlbertForTokenClassification, T.AlbertConfig(**ENCODER, embedding_size=14, **LABELS)),
    "albert_question": (T.AlbertForQuestionAnswering, T.AlbertConfig(**ENCODER, embedding_size=14)),
    "modernbert_question": (T.ModernBertForQuestionAnswering, T.ModernBertConfig(**{**MODERN, "num_hidden_layers": 2})),
    "xlnet_token": (T.XLNetForTokenClassification, T.XLNetConfig(**{**XLNET, "n_layer": 1}, **LABELS)),
    "xlnet_question": (T.XLNetForQuestionAnsweringSimple, T.XLNetConfig(**{**XLNET, "n_layer": 1})),
    "t5_sequence": (T.T5ForSequenceClassification, T.T5Config(**SMALL_T5, **LABELS)),
    "t5_token": (T.T5ForTokenClassification, T.T5Config(**SMALL_T5, **LABELS)),
    "t5_question": (T.T5ForQuestionAnswering, T.T5Config(**SMALL_T5)),
    "mt5_sequence": (T.MT5ForSequenceClassification, T.MT5Config(**SMALL_T5, **LABELS)),
    "bart_question": (T.BartForQuestionAnswering, T.BartConfig(**SMALL_BART)),
    "mbart_sequence": (T.MBartForSequenceClassification, T.MBartConfig(**SMALL_BART, **LABELS)),
    "mbart_question": (T.MBartForQuestionAnswering, T.MBartConfig(**SMALL_BART)),
    "llama_sequence": (T.LlamaForSequenceClassification, decoder(T.LlamaConfig)),
    "llama_token": (T.LlamaForTokenClassification, decoder(T.LlamaConfig)),
    "llama_question": (T.LlamaForQuestionAnswering, T.LlamaConfig(**DECODER)),
    "mistral_sequence": (T.MistralForSequenceClassification, decoder(T.MistralConfig, sliding_window=7)),
    "mistral_token": (T.MistralForTokenClassification, decoder(T.MistralConfig, sliding_window=7)),
    "mistral_question": (T.MistralForQuestionAnswering, T.MistralConfig(**DECODER, sliding_window=7)),
    "qwen2_sequence": (T.Qwen2ForSequenceClassification, decoder(T.Qwen2Config)),
    "qwen2_token": (T.Qwen2ForTokenClassification, decoder(T.Qwen2Config)),
    "qwen2_question": (T.Qwen2ForQuestionAnswering, T.Qwen2Config(**DECODER)),
    "qwen3_sequence": (T.Qwen3ForSequenceClassification, decoder(T.Qwen3Config, head_dim=8)),
    "qwen3_token": (T.Qwen3ForTokenClassification, decoder(T.Qwen3Config, head_dim=8)),
    "qwen3_question": (T.Qwen3ForQuestionAnswering, T.Qwen3Config(**DECODER, head_dim=8)),
    "qwen3_moe_sequence": (T.Qwen3MoeForSequenceClassification, decoder(T.Qwen3MoeConfig, head_dim=8, moe_intermediate_size=6, **MIXTURE)),
    "gemma_sequence": (T.GemmaForSequenceClassification, decoder(T.GemmaConfig, head_dim=8)),
    "gemma_token": (T.GemmaForTokenClassification, decoder(T.GemmaConfig, head_dim=8)),
    "gemma2_sequence": (T.Gemma2ForSequenceClassification, decoder(T.Gemma2Config, head_dim=8, sliding_window=6)),
    "gemma2_token": (T.Gemma2ForTokenClassification, decoder(T.Gemma2Config, head_dim=8, sliding_window=6)),
    "gemma3_sequence": (T.Gemma3TextForSequenceClassification, decoder(T.Gemma3TextConfig, head_dim=8, sliding_window=6)),
    "gemma3_image": (T.Gemma3ForConditionalGeneration, T.Gemma3Config(
        text_config=T.Gemma3TextConfig(**{**DECODER, "num_hidden_layers": 2}, head_dim=8, sliding_window=6, layer_types=["sliding_attention", "full_attention"]),
        vision_config=T.SiglipVisionConfig(**VISION), mm_tokens_per_image=1, image_token_index=40, boi_token_index=39, eoi_token_index=38,
    )),
    "phi3_sequence": (T.Phi3ForSequenceClassification, decoder(T.Phi3Config)),
    "phi3_token": (T.Phi3ForTokenClassification, decoder(T.Phi3Config)),
    "glm_sequence": (T.GlmForSequenceClassification, decoder(T.GlmConfig, head_dim=8)),
    "glm_token": (T.GlmForTokenClassification, decoder(T.GlmConfig, head_dim=8)),
    "glm4_sequence": (T.Glm4ForSequenceClassification, decoder(T.Glm4Config, head_dim=8)),
    "mixtral_sequence": (T.MixtralForSequenceClassification, decoder(T.MixtralConfig, **MIXTURE)),
    "deepseek_v3_sequence": (T.DeepseekV3ForSequenceClassification, decoder(T.DeepseekV3Config, num_key_value_heads=2, **LATENT)),
    "gpt2_sequence": (T.GPT2ForSequenceClassification, T.GPT2Config(**GPT2, **LABELS)),
    "gpt2_token": (T.GPT2ForTokenClassification, T.GPT2Config(**GPT2, **LABELS)),
    "gpt2_question": (T.GPT2ForQuestionAnswering, T.GPT2Config(**GPT2)),
    "mt5_head": (T.MT5ForConditionalGeneration, T.MT5Config(**SMALL_T5)),
}  # fmt: skip


def load(kind, folder):
    mixed = {"experts_implementation": "eager"} if "Mo" in kind.__name__ or "Mixtral" in kind.__name__ else {}
    if "Deepseek" in kind.__name__:
        mixed = {"experts_implementation": "eager"}
    return kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **mixed).eval()


def third_input(model, generator):
    """Of an encoder-decoder: with ids after the last end of sequence, and one end before; of a decoder: with padding."""
    config = model.config
    ids = torch.randint(4, config.vocab_size, (9,), generator=generator)
    if config.is_encoder_decoder:
        ids[2] = ids[6] = config.eos_token_id
    else:
        ids[7] = ids[8] = config.pad_token_id
    with torch.no_grad():
        logits = model(ids[None]).logits[0]
    return {"ids_c": ids.int(), "logits_c": logits.float()}


def make(name):
    kind, config = MODELS[name]
    folder = HERE / name
    print(name)
    generator = torch.Generator().manual_seed(3000 + list(MODELS).index(name))
    model = kind._from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
    randomise(model, generator)
    model.save_pretrained(folder)
    if name == "mt5_head":  # of its own, though the config says that it is tied, as for the published models
        tensors = load_file(folder / "model.safetensors")
        tensors["lm_head.weight"] = torch.randn(tensors["shared.weight"].shape, generator=generator)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    model = load(kind, folder)
    values = expected_values(model, generator)
    values.pop("greedy", None)
    decodes = config.is_encoder_decoder or hasattr(config, "num_key_value_heads") or config.model_type == "gpt2"
    if decodes and "ForSequenceClassification" in kind.__name__:
        values |= third_input(model, generator)
    save_file(values, folder / "expected.safetensors")
    (folder / "generation_config.json").unlink(missing_ok=True)
    for path in folder.iterdir():
        path.chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", default=list(MODELS), help="models to make (all)")
    torch.set_num_threads(1)
    T.logging.disable_progress_bar()
    for name in parser.parse_args().name:
        make(name)


if __name__ == "__main__":
    main()
