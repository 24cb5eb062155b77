// The models of tokenizer.json. https://huggingface.co/docs/tokenizers/api/models
#include "text/model_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "text/bpe.h"
#include "text/component.h"
#include "text/unigram.h"
#include "text/wordpiece.h"

namespace loquor {

void read_vocabulary(JsonReader& reader, TokenTable& tokens) {
  tokens.reserve(1 << 16, 1 << 20);
  reader.begin_object();
  std::string_view name;
  while (reader.next_key(name)) {
    const std::string copy(name);  // a view may not outlive the next call
    const std::int64_t id = reader.integer();
    if (id < 0 || id > INT32_MAX) fail(Code::invalid_file, "token ", quoted(copy), " has id ", id);
    tokens.add(static_cast<std::int32_t>(id), copy);
  }
}

namespace {

// The value that serde_json gives a number of a JSON text: its digits are rounded to a double, and
// so is what dividing by the power of ten leaves. Hugging Face tokenizers read scores so, and which
// of two equally probable ways wins depends on the last bit.
double read_score(std::string_view number) {
  std::uint64_t digits = 0;
  int exponent = 0;
  bool fraction = false, full = false;
  std::size_t at = number.starts_with('-') ? 1 : 0;
  for (; at < number.size() && (number[at] | 0x20) != 'e'; ++at) {
    if (number[at] == '.') {
      fraction = true;
      continue;
    }
    const auto digit = static_cast<unsigned>(number[at] - '0');
    full = full || digits > (UINT64_MAX - digit) / 10;
    if (!full) digits = 10 * digits + digit;
    exponent += full ? !fraction : -static_cast<int>(fraction);
  }
  if (at < number.size()) {
    int given = 0;
    const std::size_t sign = number[at + 1] == '+' ? 1 : 0;
    std::from_chars(number.data() + at + 1 + sign, number.data() + number.size(), given);
    exponent += std::clamp(given, -100'000, 100'000);
  }
  auto value = static_cast<double>(digits);
  for (; exponent < -308 && value != 0; exponent += 308) value /= 1e308;
  const double power = std::pow(10.0, std::min(std::abs(exponent), 308));
  value = exponent < 0 ? value / power : value * power;
  return number.starts_with('-') ? -value : value;
}

// [["<unk>", 0.0], ["a", -2.5], ...]
void read_scored_vocabulary(JsonReader& reader, ModelSection& model) {
  reader.begin_array();
  while (reader.next_element()) {
    const auto id = static_cast<std::int32_t>(model.scores.size());
    reader.begin_array();
    if (!reader.next_element()) reader.fail_here("a token has neither name nor score");
    const std::string name(reader.string());
    if (!reader.next_element()) reader.fail_here(text("token ", quoted(name), " has no score"));
    const double score = read_score(reader.number_text());
    if (!std::isfinite(score))
      reader.fail_here(text("the score of token ", quoted(name), " is not a finite number"));
    if (reader.next_element())
      reader.fail_here(text("token ", quoted(name), " has more than a score"));
    if (name.empty()) {
      model.tokens.add_without_lookup(id, name);
    } else {
      model.tokens.add(id, name);
    }
    model.scores.push_back(score);
  }
}

MergeTable read_merges(JsonReader reader, const TokenTable& tokens) {
  MergeReader merges(tokens, tokens.count());
  std::string left;
  reader.begin_array();
  while (reader.next_element()) {
    if (reader.peek() == Json::Kind::string) {
      merges.add(reader.string());
      continue;
    }
    reader.begin_array();
    if (!reader.next_element()) reader.fail_here("a merge has no part, expected two");
    left = reader.string();
    if (!reader.next_element()) reader.fail_here("a merge has one part, expected two");
    merges.add(left, reader.string());
    if (reader.next_element()) reader.fail_here("a merge has more than two parts");
  }
  return merges.finish();
}

std::unique_ptr<const TextModel> make_bpe(ModelSection& section,
                                          const std::shared_ptr<const TokenTable>& tokens,
                                          std::optional<std::int32_t>& unknown) {
  if (!section.merges) fail(Code::invalid_file, "model: BPE needs vocab and merges");
  Component model(section.options, "model");
  BpeOptions options;
  if (model.find("unk_token")) {
    const std::string name = model.text("unk_token");
    options.unknown = tokens->find(name);
    if (!options.unknown)
      fail(Code::invalid_file, "model.unk_token ", quoted(name), " is not in the vocabulary");
    unknown = options.unknown;
  }
  options.fuse_unknown = model.flag("fuse_unk", false);
  options.byte_fallback = model.flag("byte_fallback", false);
  options.ignore_merges = model.flag("ignore_merges", false);
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!model.text(affix, "").empty()) model.refuse(text(affix, " is not supported"));
  }
  if (const Json* dropout = model.find("dropout"); dropout && dropout->as_number() != 0) {
    model.refuse("dropout is not supported");
  }
  model.done();
  MergeTable merges = within("model.merges", [&] { return read_merges(*section.merges, *tokens); });
  return std::make_unique<Bpe>(tokens, std::move(merges), options);
}

std::unique_ptr<const TextModel> make_wordpiece(ModelSection& section, const TokenTable& tokens,
                                                std::optional<std::int32_t>& unknown) {
  Component model(section.options, "model");
  const std::string name = model.text("unk_token");
  unknown = tokens.find(name);
  if (!unknown)
    fail(Code::invalid_file, "model.unk_token ", quoted(name), " is not in the vocabulary");
  WordPieceOptions options{*unknown, model.text("continuing_subword_prefix"), 0};
  const std::int64_t longest = model.integer("max_input_chars_per_word");
  if (longest < 0) fail(Code::invalid_file, "model.max_input_chars_per_word is ", longest);
  options.max_input_chars_per_word = static_cast<std::size_t>(longest);
  model.done();
  return std::make_unique<WordPiece>(tokens, std::move(options));
}

std::unique_ptr<const TextModel> make_unigram(ModelSection& section,
                                              const std::shared_ptr<const TokenTable>& tokens,
                                              std::optional<std::int32_t>& unknown) {
  Component model(section.options, "model");
  if (model.find("unk_id")) {
    const std::int64_t id = model.integer("unk_id");
    if (id < 0 || id >= tokens->size())
      fail(Code::invalid_file, "model.unk_id is ", id, " in a vocabulary of ", tokens->size());
    unknown = static_cast<std::int32_t>(id);
  }
  const bool byte_fallback = model.flag("byte_fallback", false);
  model.done();
  return std::make_unique<Unigram>(tokens, std::move(section.scores), unknown, byte_fallback);
}

}  // namespace

ModelSection read_model_section(JsonReader& reader) {
  ModelSection model;
  reader.begin_object();
  std::string_view view;
  while (reader.next_key(view)) {
    const std::string key(view);
    if (key == "type") {
      model.type = reader.string();
    } else if (key == "vocab") {
      if (std::exchange(model.has_vocabulary, true))
        reader.fail_here("the key 'vocab' stands twice");
      within("model.vocab", [&] {
        if (reader.peek() == Json::Kind::array) {
          read_scored_vocabulary(reader, model);
        } else {
          read_vocabulary(reader, model.tokens);
        }
      });
    } else if (key == "merges") {
      model.merges = reader;
      reader.skip();
    } else {
      model.options[key] = reader.value();
    }
  }
  if (model.type.empty()) {  // files before version 0.8 leave it out
    model.type = model.merges ? "BPE" : model.scores.empty() ? "WordPiece" : "Unigram";
  }
  return model;
}

std::unique_ptr<const TextModel> make_model(ModelSection& section,
                                            const std::shared_ptr<const TokenTable>& tokens,
                                            std::optional<std::int32_t>& unknown) {
  const std::string& type = section.type;
  if (type != "BPE" && type != "Unigram" && type != "WordPiece") {
    fail(Code::unsupported, "model: type ", quoted(type),
         " is not supported; known: BPE, Unigram, WordPiece");
  }
  if (!section.has_vocabulary) fail(Code::invalid_file, "model: ", type, " needs a vocab");
  if (tokens->count() == 0) fail(Code::invalid_file, "model.vocab is empty");
  if (section.scores.empty() == (type == "Unigram")) {
    fail(Code::invalid_file, "model.vocab of ", type, " is ",
         section.scores.empty() ? "an object, expected an array" : "an array, expected an object");
  }
  section.options["type"] = type;
  if (type == "Unigram") return make_unigram(section, tokens, unknown);
  if (type == "WordPiece") return make_wordpiece(section, *tokens, unknown);
  return make_bpe(section, tokens, unknown);
}

}  // namespace loquor
