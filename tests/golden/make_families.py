#!/usr/bin/env python3
"""Makes the tiny encoders and encoder-decoders that tests compare with, run by hand:

    python3 tests/golden/make_families.py [NAME ...]

with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0 and numpy. A folder holds a model with random weights
(norms off one, biases off zero, attention not uniform) as transformers saves it, and expected.safetensors:

  ids, types (encoders with kinds of segment), decoder_ids (encoder-decoders), logits, hidden_states.<i>,
  encoder_hidden_states.<i>; the same of a second, shorter input as ..._b. Both ran as one batch that transformers
  padded. greedy: what an encoder-decoder generates from ids, 24 tokens without an end, no id twice.
"""

import argparse
import json
import math
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
GREEDY_LENGTH = 24
LENGTHS = 23, 14
DECODER_LENGTHS = 11, 7

ENCODER = dict(
    vocab_size=67, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
    max_position_embeddings=40, hidden_act="gelu", pad_token_id=0,
)  # fmt: skip
SMALL = {**ENCODER, "num_hidden_layers": 1}
BART = dict(
    vocab_size=61, d_model=24, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3,
    decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=28, max_position_embeddings=40,
    pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None,
)  # fmt: skip
T5 = dict(
    vocab_size=61, d_model=24, d_kv=6, d_ff=20, num_layers=3, num_decoder_layers=2, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=20, pad_token_id=0,
    eos_token_id=1, decoder_start_token_id=0,
)  # fmt: skip
DISTIL = dict(vocab_size=67, dim=24, hidden_dim=20, n_layers=2, n_heads=3, max_position_embeddings=40)
MODERN = dict(
    vocab_size=67, hidden_size=24, intermediate_size=20, num_hidden_layers=4, num_attention_heads=3,
    max_position_embeddings=40, local_attention=6, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    cls_token_id=1, sep_token_id=2,
)  # fmt: skip
XLNET = dict(
    vocab_size=67, d_model=24, n_layer=2, n_head=3, d_inner=20, pad_token_id=5, use_mems_eval=False,
    ff_activation="gelu",
)  # fmt: skip
LABELS = dict(id2label={0: "no", 1: "perhaps", 2: "yes"}, label2id={"no": 0, "perhaps": 1, "yes": 2})
T = transformers

# name: (class, configuration)
MODELS = {
    "bert": (T.BertForMaskedLM, T.BertConfig(**ENCODER)),
    "bert_model": (T.BertModel, T.BertConfig(**SMALL)),
    "bert_sequence": (T.BertForSequenceClassification, T.BertConfig(**SMALL, **LABELS)),
    "bert_token": (T.BertForTokenClassification, T.BertConfig(**SMALL, **LABELS)),
    "bert_question": (T.BertForQuestionAnswering, T.BertConfig(**SMALL)),
    "roberta": (T.RobertaForMaskedLM, T.RobertaConfig(**{**ENCODER, "pad_token_id": 1, "type_vocab_size": 1})),
    "roberta_sequence": (T.RobertaForSequenceClassification, T.RobertaConfig(**{**SMALL, "pad_token_id": 1, "type_vocab_size": 1}, **LABELS)),
    "xlm_roberta_token": (T.XLMRobertaForTokenClassification, T.XLMRobertaConfig(**{**SMALL, "pad_token_id": 1, "type_vocab_size": 1}, **LABELS)),
    "camembert_question": (T.CamembertForQuestionAnswering, T.CamembertConfig(**{**SMALL, "pad_token_id": 1, "type_vocab_size": 1})),
    "distilbert": (T.DistilBertForMaskedLM, T.DistilBertConfig(**DISTIL)),
    "distilbert_sequence": (T.DistilBertForSequenceClassification, T.DistilBertConfig(**{**DISTIL, "n_layers": 1}, **LABELS)),
    "albert": (T.AlbertForMaskedLM, T.AlbertConfig(**{**ENCODER, "num_hidden_layers": 3, "hidden_act": "gelu_new"}, embedding_size=14)),
    "albert_sequence": (T.AlbertForSequenceClassification, T.AlbertConfig(**{**ENCODER, "hidden_act": "gelu_new"}, embedding_size=14, **LABELS)),
    "modernbert": (T.ModernBertForMaskedLM, T.ModernBertConfig(**MODERN)),
    "modernbert_sequence": (T.ModernBertForSequenceClassification, T.ModernBertConfig(**{**MODERN, "num_hidden_layers": 2}, classifier_pooling="mean", norm_bias=True, **LABELS)),
    "modernbert_token": (T.ModernBertForTokenClassification, T.ModernBertConfig(**{**MODERN, "num_hidden_layers": 2}, attention_bias=True, mlp_bias=True, classifier_bias=True, **LABELS)),
    "t5": (T.T5ForConditionalGeneration, T.T5Config(**T5)),
    "t5_gated": (T.T5ForConditionalGeneration, T.T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    "t5_encoder": (T.T5EncoderModel, T.T5Config(**T5)),
    "bart": (T.BartForConditionalGeneration, T.BartConfig(**BART, scale_embedding=True)),
    "bart_sequence": (T.BartForSequenceClassification, T.BartConfig(**{**BART, "encoder_layers": 1, "decoder_layers": 1}, **LABELS)),
    "mbart": (T.MBartForConditionalGeneration, T.MBartConfig(**BART, scale_embedding=True)),
    "marian": (T.MarianMTModel, T.MarianConfig(**BART, scale_embedding=True, activation_function="swish")),
    "pegasus": (T.PegasusForConditionalGeneration, T.PegasusConfig(**BART, scale_embedding=True, activation_function="relu")),
    "m2m_100": (T.M2M100ForConditionalGeneration, T.M2M100Config(**BART, scale_embedding=True, activation_function="relu")),
    "vaswani": (T.MarianMTModel, T.MarianConfig(**BART, scale_embedding=True, activation_function="relu")),
    "xlnet": (T.XLNetLMHeadModel, T.XLNetConfig(**XLNET)),
    "xlnet_sequence": (T.XLNetForSequenceClassification, T.XLNetConfig(**{**XLNET, "n_layer": 1}, **LABELS)),
}  # fmt: skip


def randomise(model, generator):
    def noise(tensor):
        return torch.randn(tensor.shape, generator=generator)

    done = set()
    for name, module in model.named_modules():
        for part, tensor in module.named_parameters(recurse=False):
            if id(tensor) in done:
                continue
            done.add(id(tensor))
            if "Norm" in type(module).__name__ and part == "weight":
                values = 1 + 0.3 * noise(tensor)
            elif part == "bias" or tensor.dim() == 1:
                values = 0.2 * noise(tensor)
            elif "Embedding" in type(module).__name__:
                # Not so large that a tied head answers with the id that it was given.
                small = model.config.is_encoder_decoder and "relative" not in name
                values = (0.25 if small else 0.7) * noise(tensor)
            else:
                is_query = any(part in name for part in ("query", "q_proj", "q_lin", ".q", "k_proj", "Wqkv", ".k"))
                values = (1.8 if is_query else 1.3) / math.sqrt(tensor.shape[-1]) * noise(tensor)
            tensor.data.copy_(values)
        for part, tensor in module.named_buffers(recurse=False):
            if part == "final_logits_bias":
                tensor.copy_(0.5 * noise(tensor))


def expected_values(model, generator):
    config = model.config.get_text_config()
    side = "left" if config.model_type == "xlnet" else "right"  # XLNet's head looks at the last row

    def padded(rows, value):
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value, padding_side=side)

    def rows_of(name, value, lengths):
        """The rows of both inputs without what was padded."""
        if value.dim() == 2:
            return {name: value[0], f"{name}_b": value[1]}
        kept = [slice(-n, None) if side == "left" else slice(n) for n in lengths]
        return {name: value[0, kept[0]], f"{name}_b": value[1, kept[1]]}

    pad = config.pad_token_id if config.pad_token_id is not None else 0
    low = max(config.pad_token_id or 0, config.eos_token_id or 0) + 1

    def random_ids(length):
        return torch.randint(low, config.vocab_size, (length,), generator=generator)

    ids = [random_ids(length) for length in LENGTHS]
    mask = padded([torch.ones(length, dtype=torch.long) for length in LENGTHS], 0)
    inputs = {"input_ids": padded(ids, pad), "attention_mask": mask}
    tensors = {"ids": ids[0], "ids_b": ids[1]}
    if getattr(config, "type_vocab_size", 1) > 1 or config.model_type == "xlnet":
        types = [(torch.arange(length) > length // 2).long() for length in LENGTHS]
        inputs["token_type_ids"] = padded(types, 0)
        tensors |= {"types": types[0], "types_b": types[1]}
    encoder_only = type(model).__name__.endswith(("EncoderModel", "ForTokenClassification"))
    decodes = config.is_encoder_decoder and not encoder_only
    sequence = type(model).__name__.endswith("ForSequenceClassification")
    if decodes and sequence:  # the decoder reads the source, shifted; its end is where the head looks
        for row, length in zip(ids, LENGTHS, strict=True):
            row[length - 1] = config.eos_token_id
        inputs["input_ids"] = padded(ids, pad)
        # mBART's decoder begins with the source's last id.
        firsts = [row[-1] if config.model_type == "mbart" else config.decoder_start_token_id for row in ids]
        shifted = [torch.cat((torch.tensor([first]), row[:-1])) for first, row in zip(firsts, ids, strict=True)]
        tensors |= {"decoder_ids": shifted[0], "decoder_ids_b": shifted[1]}
        return_length = LENGTHS
    elif decodes:
        decoder_ids = [random_ids(length) for length in DECODER_LENGTHS]
        inputs["decoder_input_ids"] = padded(decoder_ids, pad)
        inputs["decoder_attention_mask"] = padded([torch.ones(n, dtype=torch.long) for n in DECODER_LENGTHS], 0)
        tensors |= {"decoder_ids": decoder_ids[0], "decoder_ids_b": decoder_ids[1]}
        return_length = DECODER_LENGTHS
    else:
        return_length = LENGTHS
    with torch.no_grad():
        greedy = None
        if type(model).__name__.endswith(("ForConditionalGeneration", "MTModel")):
            greedy = model.generate(
                ids[0][None], min_new_tokens=GREEDY_LENGTH, max_new_tokens=GREEDY_LENGTH, do_sample=False, num_beams=1,
                no_repeat_ngram_size=1,  # random weights would say one id over and over
                suppress_tokens=[config.pad_token_id],
                forced_bos_token_id=None,
            )[0, 1:]  # fmt: skip
        output = model.double()(**inputs, output_hidden_states=True)
    if "start_logits" in output:
        tensors |= rows_of("logits", torch.stack((output.start_logits, output.end_logits), dim=-1), return_length)
    elif "prediction_logits" in output:
        tensors |= rows_of("logits", output.prediction_logits, return_length)
    elif "logits" in output:
        tensors |= rows_of("logits", output.logits, return_length)
    if decodes:
        for index, hidden in enumerate(output.encoder_hidden_states):
            tensors |= rows_of(f"encoder_hidden_states.{index}", hidden, LENGTHS)
    for index, hidden in enumerate(output.decoder_hidden_states if decodes else output.hidden_states):
        tensors |= rows_of(f"hidden_states.{index}", hidden, return_length)
    if greedy is not None:
        tensors["greedy"] = greedy
    return {
        name: (tensor.int() if tensor.dtype == torch.long else tensor.float()).contiguous()
        for name, tensor in tensors.items()
    }


def rename_to_vaswani(folder):
    """Marian with ReLU is the Transformer of 2017, but for a bias of the logits, which is zero here."""
    tensors = load_file(folder / "model.safetensors")
    assert not tensors.pop("final_logits_bias").any()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config.update(architectures=["VaswaniForConditionalGeneration"], model_type="vaswani")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def make(name):
    kind, config = MODELS[name]
    seed = 2000 + list(MODELS).index(name)
    folder = HERE / name
    print(name)
    generator = torch.Generator().manual_seed(seed)
    model = kind._from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
    randomise(model, generator)
    if name == "vaswani":
        model.final_logits_bias.zero_()
    model.save_pretrained(folder)
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    save_file(expected_values(model, generator), folder / "expected.safetensors")
    if name == "vaswani":
        rename_to_vaswani(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
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
