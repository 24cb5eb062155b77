#include "decode/tasks/inputs.h"

#include <algorithm>

#include "base/error.h"
#include "decode/generation/generation_defaults.h"

namespace loquor {

namespace {

using Task = HeadSpec::Task;

bool has_types(const ModelSpec& spec) { return spec.encoder && spec.encoder->embedding.types > 1; }

std::string_view name_of(Task task) {
  switch (task) {
    case Task::language:
      return "language model";
    case Task::masked:
      return "masked language model";
    case Task::sequence:
      return "classification";
    case Task::token:
      return "token classification";
    case Task::question:
      return "question answering";
  }
  return {};
}

std::int64_t longest(const Model::Impl& model, const InputOptions& options) {
  std::int64_t most = model.transformer().spec().positions;
  if (const auto* sentence = std::get_if<SentenceConfig>(&model.loaded.sentence);
      sentence && sentence->max_length > 0)
    most = std::min(most, sentence->max_length);
  if (options.max_length == 0) return most;
  if (options.max_length > model.transformer().spec().positions) {
    fail(Code::invalid_argument, "max_length is ", options.max_length, ", and the model has ",
         model.transformer().spec().positions, " positions");
  }
  return options.max_length;
}

}  // namespace

InputReader::InputReader(const Model& model, const InputOptions& options, std::size_t inputs,
                         EncodeOptions encode)
    : model_(model),
      options_(options),
      encode_(std::move(encode)),
      max_length_(longest(*model.impl(), options)) {
  if (inputs == 0) fail(Code::invalid_argument, "no inputs were given, expected at least one");
}

void InputReader::require_text(std::string_view text, std::size_t index) const {
  if (text.empty())
    fail(Code::invalid_argument, "input ", index, " is an empty text, expected at least a word");
}

void InputReader::require_fit(std::size_t count, std::size_t index) const {
  if (static_cast<std::int64_t>(count) <= max_length_) return;
  fail(Code::context_full, "input ", index, " has ", count, " tokens, and at most ", max_length_,
       " are read at once: set truncation to head or tail to read as many of them");
}

Encoding InputReader::tokenize(const Input& input, std::size_t index, std::string_view prompt,
                               bool with_offsets) const {
  EncodeOptions encode = encode_;
  encode.parse_special = options_.parse_special;
  if (options_.truncation != "error") {
    encode.max_length = max_length_;
    encode.truncation_side = options_.truncation == "head" ? "right" : "left";
  }
  const Tokenizer::Impl& tokenizer = model_.tokenizer().impl();
  if (const auto* pair = std::get_if<TextPair>(&input)) {
    require_text(pair->first, index);
    require_text(pair->second, index);
    return tokenizer.encode(pair->first, pair->second, encode, with_offsets);
  }
  const auto& text = std::get<std::string>(input);
  require_text(text, index);
  if (prompt.empty()) return tokenizer.encode(text, {}, encode, with_offsets);
  return tokenizer.encode(std::string(prompt) + text, {}, encode, with_offsets);
}

PackedSequence InputReader::cut(const TokenIds& given, std::size_t index) const {
  if (given.ids.empty())
    fail(Code::invalid_argument, "input ", index, " has no token ids, expected at least one");
  if (!given.types.empty() && given.types.size() != given.ids.size()) {
    fail(Code::invalid_argument, "input ", index, " has ", given.types.size(), " types and ",
         given.ids.size(), " ids, expected as many");
  }
  const auto part = [&](const std::vector<std::int32_t>& list) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(std::ssize(list), max_length_));
    return options_.truncation == "tail" ? std::vector(list.end() - count, list.end())
                                         : std::vector(list.begin(), list.begin() + count);
  };
  if (options_.truncation == "error") require_fit(given.ids.size(), index);
  return {index, part(given.ids), part(given.types)};
}

PackedSequence InputReader::operator()(const Input& input, std::size_t index,
                                       std::string_view prompt) const {
  if (const auto* ids = std::get_if<TokenIds>(&input)) return cut(*ids, index);
  return sequence(tokenize(input, index, prompt, false), index);
}

Encoding InputReader::encode(const Input& input, std::size_t index) const {
  return tokenize(input, index, {}, true);
}

PackedSequence InputReader::sequence(const Encoding& encoding, std::size_t index) const {
  if (encoding.ids.empty()) fail(Code::invalid_argument, "input ", index, " has no tokens");
  require_fit(encoding.ids.size(), index);
  PackedSequence sequence{index, encoding.ids};
  const bool mixed = std::any_of(encoding.type_ids.begin(), encoding.type_ids.end(),
                                 [](std::int32_t type) { return type != 0; });
  if (mixed && has_types(model_.impl()->transformer().spec())) sequence.types = encoding.type_ids;
  return sequence;
}

void require_head(const Model::Impl& model, Task task) {
  const auto& head = model.transformer().spec().head;
  if (head && head->task == task) return;
  const ModelInfo& info = model.loaded.info;
  fail(Code::unsupported, "this model has no ", name_of(task), " head: its ",
       info.class_name.empty() ? text("architecture is ", info.architecture)
                               : text("class is ", info.class_name));
}

std::vector<std::int32_t> shifted(const Model::Impl& model, const std::vector<std::int32_t>& ids) {
  const ModelSpec& spec = model.transformer().spec();
  if (!spec.encoder || !spec.decoder) return {};
  std::vector<std::int32_t> result{model.loaded.last_id_first ? ids.back()
                                                              : decoder_start(model.defaults)};
  result.insert(result.end(), ids.begin(), ids.end() - 1);
  return result;
}

void end_where_head_looks(const Model::Impl& model, PackedSequence& sequence) {
  std::vector<std::int32_t>& ids = sequence.ids;
  if (const auto end = model.loaded.end_id) {
    const auto last = std::find(ids.rbegin(), ids.rend(), *end);
    if (last == ids.rend()) {
      fail(Code::invalid_argument, "input ", sequence.input, " has no end of sequence, id ", *end,
           ", which is where this model's head looks");
    }
    sequence.decoder_ids.resize(static_cast<std::size_t>(ids.rend() - last));
  }
  if (const auto padding = model.loaded.padding_id) {
    while (ids.size() > 1 && ids.back() == *padding) ids.pop_back();
  }
}

}  // namespace loquor
