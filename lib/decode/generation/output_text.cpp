#include "decode/generation/output_text.h"

#include <algorithm>

#include "base/error.h"
#include "decode/model_impl.h"

namespace loquor {

OutputText::OutputText(const Model& model, const GenerateOptions& options)
    : stops_(options.stop_strings) {
  if (model.has_tokenizer()) {
    const auto& target = model.impl()->loaded.target_tokenizer;
    stream_.emplace(target ? *target : model.tokenizer(), options.skip_special_tokens);
  } else if (!options.stop_strings.empty()) {
    fail(Code::unsupported, "stop_strings need a tokenizer, and this model has none");
  }
  if (options.skip_special_tokens) hidden_ = options.eos_token_id.value_or(hidden_);
}

std::string OutputText::push(std::int32_t id) {
  if (!stream_ || std::ranges::count(hidden_, id) != 0) return {};
  return stops_.push(stream_->push(id));
}

std::string OutputText::finish() {
  if (!stream_ || stopped()) return {};
  std::string text = stops_.push(stream_->finish());
  if (!stopped()) text += stops_.finish();
  return text;
}

}  // namespace loquor
