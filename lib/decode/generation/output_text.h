// The text of ids as a generation gives it out: whole characters, no stop string, no end of text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "decode/generation/stop_strings.h"
#include "loquor/model.hpp"

namespace loquor {

/// Of a model without a tokenizer it is always empty.
class OutputText {
 public:
  /// Throws Error(unsupported) for stop strings without a tokenizer.
  OutputText(const Model& model, const GenerateOptions& options);

  /// The text that the next id settles. Ids of eos_token_id show only where special tokens do.
  std::string push(std::int32_t id);
  /// What was held back, at the end of the text.
  std::string finish();
  /// Whether a stop string was reached.
  bool stopped() const noexcept { return stops_.stopped(); }

 private:
  std::optional<Tokenizer::Stream> stream_;
  StopStrings stops_;
  std::vector<std::int32_t> hidden_;
};

}  // namespace loquor
