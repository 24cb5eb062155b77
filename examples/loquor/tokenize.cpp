// loquor tokenize: the ids of a text, their names, and the bytes that they stand for.
#include "commands.h"

namespace tool {

int run(const TokenizeCommand& command) {
  const auto options = command.text.encode.options<loquor::EncodeOptions>();
  const OpenedModel opened(command.model);
  const loquor::Tokenizer& tokenizer = opened.model.tokenizer();
  if (!command.text.ids.empty()) {
    const std::string text = tokenizer.decode(command.text.ids, false);
    print_line(command.model.json ? JsonObject().add("text", text).json() : Json{text});
    return 0;
  }
  const auto encoding = tokenizer.encode_with_offsets(command.text.read(), options);
  const auto& ids = encoding.ids;
  const auto& offsets = encoding.offsets;
  std::vector<std::string> tokens;
  std::vector<std::vector<std::int64_t>> ranges;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    tokens.push_back(tokenizer.token(ids[i]));
    ranges.push_back({offsets[i].begin, offsets[i].end});
  }
  if (command.model.json) {
    print_line(JsonObject().add("ids", ids).add("tokens", tokens).add("offsets", ranges).json());
    return 0;
  }
  for (std::size_t i = 0; i < ids.size(); ++i)
    print(std::to_string(ids[i]) + "\t" + tokens[i] + "\n");
  return 0;
}

}  // namespace tool
