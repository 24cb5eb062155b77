// Which options of a generation go together, and the form of generation that they ask for.
#include <algorithm>

#include "base/error.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_forms.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"

namespace loquor {

namespace {

[[noreturn]] void fail_option(std::string_view option, const auto&... expected) {
  fail(Code::invalid_argument, "option ", option, ": ", expected...);
}

bool guesses(const GenerateOptions& options) {
  return options.prompt_lookup_num_tokens || options.assistant_model;
}

// Forcing ids that are all suppressed leaves nothing to choose.
void require_forced_ids(std::string_view option, const std::vector<std::int32_t>& forced,
                        const GenerateOptions& options) {
  if (forced.empty() || !options.suppress_tokens) return;
  if (std::ranges::all_of(forced, [&](std::int32_t id) {
        return std::ranges::count(*options.suppress_tokens, id) != 0;
      }))
    fail_option(option, "found token id ", forced.front(), ", which suppress_tokens has too");
}

void validate_beams(const GenerateOptions& given, const GenerateOptions& options) {
  const std::int64_t beams = options.num_beams.value_or(1);
  const std::int64_t sequences = options.num_return_sequences.value_or(1);
  if (beams > 1) {
    if (sequences > beams) {
      fail_option("num_return_sequences", "found ", sequences,
                  ", expected at most num_beams, which is ", beams);
    }
    return;
  }
  if (given.length_penalty) fail_option("length_penalty", "expected num_beams above 1 beside it");
  if (given.early_stopping) fail_option("early_stopping", "expected num_beams above 1 beside it");
  if (sequences > 1 && !(samples(options) && options.temperature.value_or(1) > 0)) {
    fail_option("num_return_sequences", "found ", sequences,
                ", expected do_sample or num_beams beside it: greedy decoding gives one sequence");
  }
}

void validate_guesses(const GenerateOptions& given, const GenerateOptions& options) {
  if (given.max_matching_ngram_size && !options.prompt_lookup_num_tokens)
    fail_option("max_matching_ngram_size", "expected prompt_lookup_num_tokens beside it");
  if (given.num_assistant_tokens && !options.assistant_model)
    fail_option("num_assistant_tokens", "expected assistant_model beside it");
  if (!guesses(options)) return;
  const std::string_view option =
      options.assistant_model ? "assistant_model" : "prompt_lookup_num_tokens";
  if (options.assistant_model && options.prompt_lookup_num_tokens)
    fail_option(option, "expected no prompt_lookup_num_tokens beside it");
  if (options.num_beams.value_or(1) > 1) fail_option(option, "expected no num_beams beside it");
  if (options.num_return_sequences.value_or(1) > 1)
    fail_option(option, "expected no num_return_sequences beside it");
}

void require_alike(const Model& assistant, const Model& model) {
  const auto kind = [](const Model& of) { return kind_of(of.impl()->transformer().spec()); };
  if (kind(assistant) != kind(model)) {
    fail_option("assistant_model", "found a model that is ", kind(assistant),
                ", expected one that is ", kind(model), ", as the model itself");
  }
  if (assistant.info().vocabulary != model.info().vocabulary) {
    fail_option("assistant_model", "found a vocabulary of ", assistant.info().vocabulary,
                " tokens, expected that of the model, ", model.info().vocabulary);
  }
}

}  // namespace

void validate(const GenerateOptions& options) {
  generate_options().validate(options);
  if (options.max_new_tokens && options.min_new_tokens &&
      *options.min_new_tokens > *options.max_new_tokens) {
    fail_option("min_new_tokens", "found ", *options.min_new_tokens,
                ", expected at most max_new_tokens, which is ", *options.max_new_tokens);
  }
  if (options.forced_bos_token_id) {
    require_forced_ids("forced_bos_token_id",
                       {static_cast<std::int32_t>(*options.forced_bos_token_id)}, options);
  }
  if (options.forced_eos_token_id)
    require_forced_ids("forced_eos_token_id", *options.forced_eos_token_id, options);
}

void validate_together(const GenerateOptions& given, const GenerateOptions& options) {
  validate_beams(given, options);
  validate_guesses(given, options);
}

std::unique_ptr<Generation::Impl> make_generation(WorkSession session,
                                                  std::vector<std::int32_t> ids,
                                                  const GenerateOptions& given,
                                                  const GenerateOptions& defaults) {
  validate(given);
  const Model& model = session.session->model();
  require_head(*model.impl(), HeadSpec::Task::language);
  const GenerateOptions options = with_defaults(given, defaults);
  validate(options);
  validate_together(given, options);
  const std::int64_t vocabulary = model.info().vocabulary;
  require_known_ids(options, vocabulary);
  if (options.assistant_model) require_alike(*options.assistant_model, model);
  if (guesses(options))
    return std::make_unique<SpeculativeGeneration>(std::move(session), std::move(ids), options);
  if (options.num_beams.value_or(1) == 1)
    return std::make_unique<SampledGeneration>(std::move(session), std::move(ids), options);
  if (*options.num_beams > vocabulary) {
    fail_option("num_beams", "found ", *options.num_beams, ", expected at most the vocabulary's ",
                vocabulary, " tokens");
  }
  return std::make_unique<BeamGeneration>(std::move(session), std::move(ids), options);
}

}  // namespace loquor
