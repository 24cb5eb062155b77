// tokenizer.json's "model": its large tables are read straight from the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

/// The "model" member, its vocabulary read, the rest as found.
struct ModelSection {
  std::string type;
  TokenTable tokens;
  bool has_vocabulary = false;
  std::vector<double> scores;        // of a vocabulary that is a list
  std::optional<JsonReader> merges;  // stands at their array
  Json options = Json::object();
};

/// {"<s>": 0, "a": 1, ...}
void read_vocabulary(JsonReader& reader, TokenTable& tokens);

ModelSection read_model_section(JsonReader& reader);

/// Makes the model of the tokens, which are the section's; gives the id of its unknown token.
/// Refuses what it does not know.
std::unique_ptr<const TextModel> make_model(ModelSection& section,
                                            const std::shared_ptr<const TokenTable>& tokens,
                                            std::optional<std::int32_t>& unknown);

}  // namespace loquor
