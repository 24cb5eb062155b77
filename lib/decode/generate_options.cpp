// Names, ranges and defaults are those of transformers' GenerationConfig where it has the option:
// https://huggingface.co/docs/transformers/main_classes/text_generation
#include "base/error.h"
#include "decode/options.h"

namespace loquor {

namespace {

constexpr Option kGenerateOptions[] = {
    {.name = "max_new_tokens",
     .member = member<&GenerateOptions::max_new_tokens>(),
     .default_text = "up to the end of the context",
     .description = "Tokens to generate at most.",
     .range = at_least(0)},
    {.name = "min_new_tokens",
     .member = member<&GenerateOptions::min_new_tokens>(),
     .default_text = "0",
     .description = "Tokens before which the text may not end.",
     .range = at_least(0)},
    {.name = "max_time",
     .member = member<&GenerateOptions::max_time>(),
     .default_text = "no limit",
     .description = "Seconds to generate at most; checked between tokens.",
     .range = above(0)},
    {.name = "eos_token_id",
     .member = member<&GenerateOptions::eos_token_id>(),
     .default_text = "the model's",
     .description = "Ids that end the text."},
    {.name = "stop_strings",
     .member = member<&GenerateOptions::stop_strings>(),
     .default_text = "none",
     .description = "Texts that end the output; no part of them is given out."},
    {.name = "do_sample",
     .member = member<&GenerateOptions::do_sample>(),
     .default_text = "the model's, else false; true where a sampling option is given",
     .description = "Draw tokens at random instead of taking the most likely."},
    {.name = "temperature",
     .member = member<&GenerateOptions::temperature>(),
     .default_text = "1",
     .description =
         "Divides the logits: below 1 is more predictable, 0 takes the most likely token.",
     .range = at_least(0)},
    {.name = "top_k",
     .member = member<&GenerateOptions::top_k>(),
     .default_text = "0",
     .description = "Draw from the k most likely tokens only. 0: off.",
     .range = at_least(0)},
    {.name = "top_p",
     .member = member<&GenerateOptions::top_p>(),
     .default_text = "1",
     .description =
         "Draw from the fewest most likely tokens whose probabilities reach p together. 1: off.",
     .range = between(0, 1)},
    {.name = "min_p",
     .member = member<&GenerateOptions::min_p>(),
     .default_text = "0",
     .description = "Draw from tokens at least this times as likely as the most likely. 0: off.",
     .range = between(0, 1)},
    {.name = "typical_p",
     .member = member<&GenerateOptions::typical_p>(),
     .default_text = "1",
     .description =
         "Draw from the most typical tokens whose probabilities reach p together. 1: off.",
     .range = {.low = 0, .high = 1, .above_low = true}},
    {.name = "repetition_penalty",
     .member = member<&GenerateOptions::repetition_penalty>(),
     .default_text = "1",
     .description =
         "Makes tokens of the prompt and the output less likely, above 1; more likely, below.",
     .range = above(0)},
    {.name = "frequency_penalty",
     .member = member<&GenerateOptions::frequency_penalty>(),
     .default_text = "0",
     .description = "Subtracted from a token's logit once for each time that the output has it."},
    {.name = "presence_penalty",
     .member = member<&GenerateOptions::presence_penalty>(),
     .default_text = "0",
     .description = "Subtracted from a token's logit where the output has it."},
    {.name = "logit_bias",
     .member = member<&GenerateOptions::logit_bias>(),
     .default_text = "none",
     .description = "Added to the logits of these ids; \"-inf\" bans one."},
    {.name = "seed",
     .member = member<&GenerateOptions::seed>(),
     .default_text = "drawn, and told with the result",
     .description = "Equal seeds draw equal tokens."},
    {.name = "logprobs",
     .member = member<&GenerateOptions::logprobs>(),
     .default_text = "off",
     .description = "Give log-probabilities of the chosen token and of the n most likely ones.",
     .range = at_least(0)},
    {.name = "skip_special_tokens",
     .member = member<&GenerateOptions::skip_special_tokens>(),
     .default_text = "true",
     .description = "Leave names of special tokens out of the text."},
    {.name = "add_special_tokens",
     .member = member<&GenerateOptions::add_special_tokens>(),
     .default_text = "true for a text prompt, false for a rendered template",
     .description = "Add what the tokenizer puts around a text (BOS, EOS, ...)."},
    {.name = "parse_special",
     .member = member<&GenerateOptions::parse_special>(),
     .default_text = "false",
     .description = "Turn the names of special tokens in a text prompt into their ids."},
    {.name = "cancel",
     .member = member<&GenerateOptions::cancel>(),
     .default_text = "none",
     .description = "Ends the generation with finish_reason \"cancelled\"."},
};

}  // namespace

OptionTable<GenerateOptions> generate_options() noexcept { return {"generate", kGenerateOptions}; }

void validate(const GenerateOptions& options) {
  generate_options().validate(options);
  if (options.max_new_tokens && options.min_new_tokens &&
      *options.min_new_tokens > *options.max_new_tokens)
    fail(Code::invalid_argument, "option min_new_tokens: found ", *options.min_new_tokens,
         ", expected at most max_new_tokens, which is ", *options.max_new_tokens);
}

}  // namespace loquor
