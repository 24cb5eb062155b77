// loquor tokenize: the ids of a text or a pair, their names, and the bytes that they stand for.
#include "commands.h"

namespace tool {

namespace {

int print_decoded(const TokenizeCommand& command, const loquor::Tokenizer& tokenizer) {
  const std::string text = tokenizer.decode(command.text.ids, false);
  print_line(command.model.json ? JsonObject().add("text", text).json() : Json{text});
  return 0;
}

// null for what special tokens that were added do not have.
std::vector<Json> or_null(const std::vector<std::int32_t>& numbers) {
  std::vector<Json> list;
  for (const auto number : numbers) list.push_back(number < 0 ? Json{"null"} : json(number));
  return list;
}

}  // namespace

int run(const TokenizeCommand& command) {
  const auto options = command.text.encode.options<loquor::EncodeOptions>();
  if (!command.text.ids.empty() && (command.text.text || command.pair))
    throw UsageError("found a text and --ids, expected one of them");
  const OpenedModel opened(command.model);
  const loquor::Tokenizer& tokenizer = opened.model.tokenizer();
  if (!command.text.ids.empty()) return print_decoded(command, tokenizer);
  const std::string text = command.text.read();
  const auto encoding = command.pair ? tokenizer.encode_pair(text, *command.pair, options)
                                     : tokenizer.encode_with_offsets(text, options);
  std::vector<std::string> tokens;
  std::vector<std::vector<std::int64_t>> ranges;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    tokens.push_back(tokenizer.token(encoding.ids[i]));
    ranges.push_back({encoding.offsets[i].begin, encoding.offsets[i].end});
    if (!command.model.json) print(std::to_string(encoding.ids[i]) + "\t" + tokens[i] + "\n");
  }
  if (!command.model.json) return 0;
  print_line(JsonObject()
                 .add("ids", encoding.ids)
                 .add("tokens", tokens)
                 .add("offsets", ranges)
                 .add("type_ids", encoding.type_ids)
                 .add("sequence_ids", or_null(encoding.sequence_ids))
                 .add("word_ids", or_null(encoding.word_ids))
                 .json());
  return 0;
}

}  // namespace tool
