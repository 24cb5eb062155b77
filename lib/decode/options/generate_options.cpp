// Names, ranges and defaults are those of transformers' GenerationConfig where it has the option:
// https://huggingface.co/docs/transformers/main_classes/text_generation
#include "decode/options/joined.h"
#include "decode/options/options.h"

namespace loquor {

namespace {

// Reached through the members of Path, where a struct holds them for another call.
template <auto... Path>
constexpr std::array kGenerating{
    Option{.name = "max_new_tokens",
           .member = member<Path..., &GenerateOptions::max_new_tokens>(),
           .default_text = "up to the end of the context",
           .description = "Tokens to generate at most.",
           .range = at_least(0)},
    Option{.name = "max_length",
           .member = member<Path..., &GenerateOptions::max_length>(),
           .default_text = "no limit",
           .description =
               "Tokens of prompt (of an encoder-decoder: of its decoder's) and output together "
               "at most; max_new_tokens goes before.",
           .range = at_least(1)},
    Option{.name = "min_new_tokens",
           .member = member<Path..., &GenerateOptions::min_new_tokens>(),
           .default_text = "0",
           .description = "Tokens before which the text may not end.",
           .range = at_least(0)},
    Option{.name = "max_time",
           .member = member<Path..., &GenerateOptions::max_time>(),
           .default_text = "no limit",
           .description = "Seconds to generate at most; checked between tokens.",
           .range = above(0)},
    Option{.name = "min_length",
           .member = member<Path..., &GenerateOptions::min_length>(),
           .default_text = "0",
           .description = "Tokens of prompt and output together before which the text may not end.",
           .range = at_least(0)},
    Option{.name = "eos_token_id",
           .member = member<Path..., &GenerateOptions::eos_token_id>(),
           .default_text = "the model's",
           .description = "Ids that end the text."},
    Option{.name = "stop_strings",
           .member = member<Path..., &GenerateOptions::stop_strings>(),
           .default_text = "none",
           .description = "Texts that end the output; no part of them is given out."},
    Option{.name = "do_sample",
           .member = member<Path..., &GenerateOptions::do_sample>(),
           .default_text = "the model's, else false; true where a sampling option is given",
           .description = "Draw tokens at random instead of taking the most likely."},
    Option{.name = "temperature",
           .member = member<Path..., &GenerateOptions::temperature>(),
           .default_text = "1",
           .description =
               "Divides the logits: below 1 is more predictable, 0 takes the most likely token.",
           .range = at_least(0)},
    Option{.name = "top_k",
           .member = member<Path..., &GenerateOptions::top_k>(),
           .default_text = "0",
           .description = "Draw from the k most likely tokens only. 0: off.",
           .range = at_least(0)},
    Option{
        .name = "top_p",
        .member = member<Path..., &GenerateOptions::top_p>(),
        .default_text = "1",
        .description =
            "Draw from the fewest most likely tokens whose probabilities reach p together. 1: off.",
        .range = between(0, 1)},
    Option{
        .name = "min_p",
        .member = member<Path..., &GenerateOptions::min_p>(),
        .default_text = "0",
        .description = "Draw from tokens at least this times as likely as the most likely. 0: off.",
        .range = between(0, 1)},
    Option{.name = "typical_p",
           .member = member<Path..., &GenerateOptions::typical_p>(),
           .default_text = "1",
           .description =
               "Draw from the most typical tokens whose probabilities reach p together. 1: off.",
           .range = {.low = 0, .high = 1, .above_low = true}},
    Option{
        .name = "num_beams",
        .member = member<Path..., &GenerateOptions::num_beams>(),
        .default_text = "1",
        .description = "Sequences that beam search keeps; with do_sample, beam sampling. 1: off.",
        .range = at_least(1)},
    Option{.name = "num_return_sequences",
           .member = member<Path..., &GenerateOptions::num_return_sequences>(),
           .default_text = "1",
           .description =
               "Sequences to give back: the best beams, or as many draws from the same prompt.",
           .range = between(1, 65536)},
    Option{.name = "length_penalty",
           .member = member<Path..., &GenerateOptions::length_penalty>(),
           .default_text = "1",
           .description = "A beam's score is the sum of its log-probabilities divided by its "
                          "length to this power.",
           .range = between(-20, 20)},
    Option{.name = "early_stopping",
           .member = member<Path..., &GenerateOptions::early_stopping>(),
           .default_text = "false",
           .description = "When beams end: no better one is likely (false), num_beams are finished "
                          "(true), or no better one is possible (never).",
           .choices = "false|true|never"},
    Option{
        .name = "repetition_penalty",
        .member = member<Path..., &GenerateOptions::repetition_penalty>(),
        .default_text = "1",
        .description =
            "Makes tokens of the prompt and the output less likely, above 1; more likely, below.",
        .range = above(0)},
    Option{.name = "frequency_penalty",
           .member = member<Path..., &GenerateOptions::frequency_penalty>(),
           .default_text = "0",
           .description =
               "Subtracted from a token's logit once for each time that the output has it."},
    Option{.name = "presence_penalty",
           .member = member<Path..., &GenerateOptions::presence_penalty>(),
           .default_text = "0",
           .description = "Subtracted from a token's logit where the output has it."},
    Option{.name = "logit_bias",
           .member = member<Path..., &GenerateOptions::logit_bias>(),
           .default_text = "none",
           .description = "Added to the logits of these ids; \"-inf\" bans one."},
    Option{
        .name = "sequence_bias",
        .member = member<Path..., &GenerateOptions::sequence_bias>(),
        .default_text = "none",
        .description =
            "Added to the logit of an id that completes one of these sequences; \"-inf\" bans it."},
    Option{.name = "no_repeat_ngram_size",
           .member = member<Path..., &GenerateOptions::no_repeat_ngram_size>(),
           .default_text = "0",
           .description = "No run of this many tokens comes twice, the prompt's included. 0: off.",
           .range = at_least(0)},
    Option{.name = "encoder_no_repeat_ngram_size",
           .member = member<Path..., &GenerateOptions::encoder_no_repeat_ngram_size>(),
           .default_text = "0",
           .description =
               "No run of this many tokens of the encoder's input, or of a decoder's prompt, "
               "comes in the output. 0: off.",
           .range = at_least(0)},
    Option{.name = "bad_words_ids",
           .member = member<Path..., &GenerateOptions::bad_words_ids>(),
           .default_text = "none",
           .description = "Sequences of ids that may not come."},
    Option{.name = "suppress_tokens",
           .member = member<Path..., &GenerateOptions::suppress_tokens>(),
           .default_text = "none",
           .description = "Ids that may not come."},
    Option{.name = "begin_suppress_tokens",
           .member = member<Path..., &GenerateOptions::begin_suppress_tokens>(),
           .default_text = "none",
           .description = "Ids that may not come first."},
    Option{.name = "decoder_start_token_id",
           .member = member<Path..., &GenerateOptions::decoder_start_token_id>(),
           .default_text = "the model's",
           .description =
               "The id that an encoder-decoder's output begins after; it is not part of it.",
           .range = at_least(0)},
    Option{.name = "decoder_input_ids",
           .member = member<Path..., &GenerateOptions::decoder_input_ids>(),
           .default_text = "none",
           .description = "Ids that an encoder-decoder's output goes on from, behind "
                          "decoder_start_token_id; they are not part of it."},
    Option{.name = "forced_bos_token_id",
           .member = member<Path..., &GenerateOptions::forced_bos_token_id>(),
           .default_text = "none",
           .description = "The id that follows a prompt of a single one.",
           .range = at_least(0)},
    Option{.name = "forced_eos_token_id",
           .member = member<Path..., &GenerateOptions::forced_eos_token_id>(),
           .default_text = "none",
           .description = "The last id, where the output gets as long as it may."},
    Option{.name = "renormalize_logits",
           .member = member<Path..., &GenerateOptions::renormalize_logits>(),
           .default_text = "false",
           .description = "What the options leave of the probabilities adds up to 1 again, which "
                          "beams' scores depend on."},
    Option{.name = "prefix_allowed_tokens",
           .member = member<Path..., &GenerateOptions::prefix_allowed_tokens>(),
           .default_text = "none",
           .description =
               "Asked at each step, for each beam: given the ids so far, the ids that may follow."},
    Option{.name = "prompt_lookup_num_tokens",
           .member = member<Path..., &GenerateOptions::prompt_lookup_num_tokens>(),
           .default_text = "off",
           .description =
               "Guess this many tokens from what follows the last ones elsewhere in the text; "
               "the output stays the same.",
           .range = at_least(1)},
    Option{.name = "max_matching_ngram_size",
           .member = member<Path..., &GenerateOptions::max_matching_ngram_size>(),
           .default_text = "2",
           .description = "Tokens that a guess by prompt_lookup_num_tokens must follow, at most.",
           .range = at_least(1)},
    Option{.name = "assistant_model",
           .member = member<Path..., &GenerateOptions::assistant_model>(),
           .default_text = "none",
           .description =
               "A smaller model of the same vocabulary that guesses tokens, which this one "
               "checks together."},
    Option{.name = "num_assistant_tokens",
           .member = member<Path..., &GenerateOptions::num_assistant_tokens>(),
           .default_text = "5",
           .description = "Tokens that assistant_model guesses at a time.",
           .range = at_least(1)},
    Option{.name = "seed",
           .member = member<Path..., &GenerateOptions::seed>(),
           .default_text = "drawn, and told with the result",
           .description = "Equal seeds draw equal tokens."},
    Option{
        .name = "logprobs",
        .member = member<Path..., &GenerateOptions::logprobs>(),
        .default_text = "off",
        .description = "Give log-probabilities of the chosen token and of the n most likely ones.",
        .range = at_least(0)},
    Option{.name = "output_scores",
           .member = member<Path..., &GenerateOptions::output_scores>(),
           .default_text = "false",
           .description =
               "Give, for each token, what the whole vocabulary scored when it was chosen."},
    Option{.name = "skip_special_tokens",
           .member = member<Path..., &GenerateOptions::skip_special_tokens>(),
           .default_text = "true",
           .description = "Leave names of special tokens out of the text."},
    Option{.name = "add_special_tokens",
           .member = member<Path..., &GenerateOptions::add_special_tokens>(),
           .default_text = "true for a text prompt, false for a rendered template",
           .description = "Add what the tokenizer puts around a text (BOS, EOS, ...)."},
    Option{.name = "parse_special",
           .member = member<Path..., &GenerateOptions::parse_special>(),
           .default_text = "false",
           .description = "Turn the names of special tokens in a text prompt into their ids."},
    Option{.name = "cancel",
           .member = member<Path..., &GenerateOptions::cancel>(),
           .default_text = "none",
           .description = "Ends the generation with finish_reason \"cancelled\"."},
};

template <auto Truncation>
constexpr Option kTruncation{.name = "truncation",
                             .member = member<Truncation>(),
                             .default_text = "error",
                             .description =
                                 "Of texts longer than the model reads: refuse them, or "
                                 "read their head or their tail.",
                             .choices = "error|head|tail"};

constexpr auto kTranslate = joined(
    std::array{
        Option{.name = "src_lang",
               .member = member<&TranslateOptions::src_lang>(),
               .default_text = "the model's",
               .description = "The language of the texts, as the model names it: en, en_XX, "
                              "eng_Latn, ..."},
        Option{.name = "tgt_lang",
               .member = member<&TranslateOptions::tgt_lang>(),
               .default_text = "the model's",
               .description = "The language to translate into."},
        kTruncation<&TranslateOptions::truncation>,
    },
    kGenerating<&TranslateOptions::generate>);

constexpr auto kSummarize = joined(std::array{kTruncation<&SummarizeOptions::truncation>},
                                   kGenerating<&SummarizeOptions::generate>);

}  // namespace

OptionTable<GenerateOptions> generate_options() noexcept { return {"generate", kGenerating<>}; }
OptionTable<TranslateOptions> translate_options() noexcept { return {"translate", kTranslate}; }
OptionTable<SummarizeOptions> summarize_options() noexcept { return {"summarize", kSummarize}; }

}  // namespace loquor
