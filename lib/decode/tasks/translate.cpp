// Translations and summaries: generate() of an encoder-decoder, with the prefix, the languages and
// the options of the task, chosen as transformers' pipelines choose them.
// https://huggingface.co/docs/transformers/v4.57.1/main_classes/pipelines
#include <algorithm>

#include "base/error.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_impl.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"

namespace loquor {

namespace {

// What the pipelines take where the model's files do not say.
GenerateOptions usual() {
  GenerateOptions options;
  options.max_new_tokens = 256;
  options.num_beams = 4;
  return options;
}

// What is generated, and how.
struct Plan {
  std::string prefix;    // in front of each text
  std::string src_lang;  // the tokenizer's
  GenerateOptions options, defaults;
};

Plan plan_of(const Model& model, const Model::Impl::Task* task, const GenerateOptions& options) {
  const Model::Impl& impl = *model.impl();
  Plan plan{.prefix = impl.loaded.prefix, .src_lang = {}, .options = options, .defaults = {}};
  plan.defaults = impl.defaults;
  if (task) {
    if (task->prefix) plan.prefix = *task->prefix;
    plan.defaults = with_defaults(task->options, impl.defaults);
  }
  plan.defaults = with_defaults(plan.defaults, usual());
  return plan;
}

std::vector<Output> run(const Model& model, const std::vector<std::string>& texts,
                        const std::string& truncation, const Plan& plan) {
  const InputOptions input{.truncation = truncation, .parse_special = plan.options.parse_special};
  const EncodeOptions encode{.add_special_tokens = plan.options.add_special_tokens.value_or(true),
                             .src_lang = plan.src_lang};
  const InputReader read(model, input, texts.size(), encode);
  std::vector<std::vector<std::int32_t>> ids;
  ids.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) ids.push_back(read(texts[i], i, plan.prefix).ids);
  return generate_list(model, ids, plan.options, plan.defaults);
}

const Model::Impl::Task* find_task(const Model& model, std::string_view name) {
  const auto& tasks = model.impl()->tasks;
  const auto found = std::ranges::find(tasks, name, &Model::Impl::Task::name);
  return found == tasks.end() ? nullptr : &*found;
}

constexpr std::string_view kTranslation = "translation_";

// "translation_en_to_de" of config.json; the first one where no languages are given.
const Model::Impl::Task* translation(const Model& model, const TranslateOptions& options) {
  if (!options.src_lang.empty() && !options.tgt_lang.empty())
    return find_task(model, text(kTranslation, options.src_lang, "_to_", options.tgt_lang));
  if (!options.src_lang.empty() || !options.tgt_lang.empty()) return nullptr;
  const auto& tasks = model.impl()->tasks;
  const auto found = std::ranges::find_if(
      tasks, [](const auto& task) { return task.name.starts_with(kTranslation); });
  return found == tasks.end() ? nullptr : &*found;
}

// Of a model whose files name translations, or know of no languages at all.
[[noreturn]] void fail_languages(const Model& model, const TranslateOptions& options) {
  std::vector<std::string> known;
  for (const auto& task : model.impl()->tasks) {
    if (task.name.starts_with(kTranslation)) known.push_back(task.name.substr(kTranslation.size()));
  }
  if (known.empty()) {
    const bool of_target = !options.tgt_lang.empty();
    fail(Code::invalid_argument, "option ", of_target ? "tgt_lang" : "src_lang", ": found ",
         quoted(of_target ? options.tgt_lang : options.src_lang),
         ", and this model's files name no languages");
  }
  fail(Code::invalid_argument, "options src_lang and tgt_lang: found ", quoted(options.src_lang),
       " and ", quoted(options.tgt_lang),
       ", expected a translation of config.json: ", some_of(known));
}

// Of a tokenizer with languages: the source's around the text, the target's where the output
// begins.
void mark(const Languages& languages, const TranslateOptions& options, Plan& plan) {
  if (!options.src_lang.empty()) languages.id("src_lang", options.src_lang);
  plan.src_lang = options.src_lang;
  if (options.tgt_lang.empty()) {
    const GenerateOptions laid = with_defaults(plan.options, plan.defaults);
    const std::int64_t start = laid.decoder_start_token_id.value_or(-1);
    if (laid.forced_bos_token_id || languages.has(static_cast<std::int32_t>(start))) return;
  }
  const std::int32_t id = languages.id("tgt_lang", options.tgt_lang);
  auto& first = languages.starts_output ? plan.options.decoder_start_token_id
                                        : plan.options.forced_bos_token_id;
  if (first) {
    fail(Code::invalid_argument, "option ",
         languages.starts_output ? "decoder_start_token_id" : "forced_bos_token_id",
         ": expected no tgt_lang beside it");
  }
  first = id;
}

// Of Marian, which reads a name of the target's in front of the text where it knows several.
void mark(const TokenTable& tokens, const TranslateOptions& options, Plan& plan) {
  if (options.tgt_lang.empty()) return;
  const std::string code = text(">>", options.tgt_lang, "<<");
  if (!tokens.find(code)) {
    std::vector<std::string> known;
    for (std::int32_t id = 0; id < tokens.size(); ++id) {
      const std::string_view name = tokens.name(id);
      if (name.size() > 4 && name.starts_with(">>") && name.ends_with("<<"))
        known.emplace_back(name.substr(2, name.size() - 4));
    }
    fail(Code::invalid_argument, "option tgt_lang: found ", quoted(options.tgt_lang), ", expected ",
         known.empty() ? "none: the model translates into one language"
                       : "a language of the vocabulary: " + some_of(known));
  }
  plan.prefix = code + ' ';
}

}  // namespace

std::vector<Output> Model::translate(const std::vector<std::string>& texts,
                                     const TranslateOptions& options) const {
  require_encoder_decoder(*this, "translate");
  translate_options().validate(options);
  const Impl::Task* task = translation(*this, options);
  Plan plan = plan_of(*this, task, options.generate);
  const Tokenizer::Impl::Parts& parts = tokenizer().impl().parts();
  if (parts.languages)
    mark(*parts.languages, options, plan);
  else if (parts.language_codes)
    mark(*parts.tokens, options, plan);
  else if (!task && !(options.src_lang.empty() && options.tgt_lang.empty()))
    fail_languages(*this, options);
  return run(*this, texts, options.truncation, plan);
}

std::vector<Output> Model::summarize(const std::vector<std::string>& texts,
                                     const SummarizeOptions& options) const {
  require_encoder_decoder(*this, "summarize");
  summarize_options().validate(options);
  const Plan plan = plan_of(*this, find_task(*this, "summarization"), options.generate);
  return run(*this, texts, options.truncation, plan);
}

}  // namespace loquor
