// Reads tokenizer.json: its large tables straight from the text, its components as small documents.
// https://huggingface.co/docs/tokenizers
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "text/bpe.h"
#include "text/component.h"
#include "text/special_roles.h"
#include "text/tokenizer_impl.h"

namespace loquor {
namespace {

// The "model" member, its vocabulary read, the rest as found.
struct ModelSection {
  std::string type;
  TokenTable tokens;
  bool has_vocabulary = false;
  std::optional<JsonReader> merges;  // stands at their array
  Json options = Json::object();
};

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

ModelSection read_model(JsonReader& reader) {
  ModelSection model;
  reader.begin_object();
  std::string_view view;
  while (reader.next_key(view)) {
    const std::string key(view);
    if (key == "type") {
      model.type = reader.string();
    } else if (key == "vocab" && reader.peek() == Json::Kind::object) {
      if (std::exchange(model.has_vocabulary, true))
        reader.fail_here("the key 'vocab' stands twice");
      within("model.vocab", [&] { read_vocabulary(reader, model.tokens); });
    } else if (key == "merges") {
      model.merges = reader;
      reader.skip();
    } else if (key == "vocab") {
      reader.skip();
    } else {
      model.options[key] = reader.value();
    }
  }
  if (model.type.empty() && model.merges)
    model.type = "BPE";  // files before version 0.8 leave it out
  return model;
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
  if (!section.has_vocabulary || !section.merges)
    fail(Code::invalid_file, "model: BPE needs vocab and merges");
  if (tokens->count() == 0) fail(Code::invalid_file, "model.vocab is empty");
  section.options["type"] = section.type;
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

AddedToken read_added_token(const Json& json, TokenTable& tokens) {
  require_known_keys(json,
                     {"id", "content", "special", "single_word", "lstrip", "rstrip", "normalized"});
  const auto flag = [&](std::string_view key) { return json.find(key) && json.at(key).as_bool(); };
  AddedToken token;
  token.content = json.at("content").as_string();
  token.special = flag("special");
  token.single_word = flag("single_word");
  token.lstrip = flag("lstrip");
  token.rstrip = flag("rstrip");
  token.normalized = flag("normalized");
  const std::int64_t id = json.at("id").as_integer();
  if (id < 0 || id > INT32_MAX) {
    fail(Code::invalid_file, "token ", quoted(token.content), " has id ", id);
  }
  token.id = static_cast<std::int32_t>(id);
  const auto known = tokens.find(token.content);
  if (known && *known != token.id) {
    fail(Code::invalid_file, "token ", quoted(token.content), " has id ", id,
         ", in the model's vocabulary ", *known);
  }
  if (!known) tokens.add(token.id, token.content);
  return token;
}

struct Sections {
  Json added_tokens, normalizer, pre_tokenizer, post_processor, decoder;
  std::optional<ModelSection> model;
};

Sections read_sections(std::string_view tokenizer_json) {
  Sections sections;
  JsonReader reader(tokenizer_json);
  reader.begin_object();
  std::vector<std::string> seen;
  std::string_view view;
  while (reader.next_key(view)) {
    const std::string key(view);
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      reader.fail_here(text("the key ", quoted(key), " stands twice"));
    seen.push_back(key);
    if (key == "model")
      sections.model = read_model(reader);
    else if (key == "added_tokens")
      sections.added_tokens = reader.value();
    else if (key == "normalizer")
      sections.normalizer = reader.value();
    else if (key == "pre_tokenizer")
      sections.pre_tokenizer = reader.value();
    else if (key == "post_processor")
      sections.post_processor = reader.value();
    else if (key == "decoder")
      sections.decoder = reader.value();
    // Cutting and filling up to a length do not apply: texts are encoded whole, batches are packed.
    else if (key == "version" || key == "truncation" || key == "padding")
      reader.skip();
    else
      fail(Code::unsupported, "the key ", quoted(key), " is not known");
  }
  reader.end();
  if (!sections.model) fail(Code::invalid_file, "there is no model");
  return sections;
}

Tokenizer::Impl::Parts read_parts(std::string_view tokenizer_json) {
  Sections sections = read_sections(tokenizer_json);
  ModelSection& section = *sections.model;
  if (section.type != "BPE") {
    fail(Code::unsupported, "model: type ", quoted(section.type), " is not supported; known: BPE");
  }
  Tokenizer::Impl::Parts parts;
  auto tokens = std::make_shared<TokenTable>(std::move(section.tokens));
  parts.model = make_bpe(section, tokens, parts.unk);
  tokens->end_model();
  if (!sections.added_tokens.is_null()) {
    within("added_tokens", [&] {
      for (const Json& token : sections.added_tokens.as_array())
        parts.added.push_back(read_added_token(token, *tokens));
    });
  }
  parts.normalizers = parse_normalizer(sections.normalizer);
  parts.pre_tokenizers = parse_pre_tokenizer(sections.pre_tokenizer);
  parts.post_processor = parse_post_processor(sections.post_processor, *tokens);
  parts.decoder = parse_decoder(sections.decoder);
  parts.tokens = std::move(tokens);
  return parts;
}

}  // namespace

Tokenizer Tokenizer::from_json(std::string_view tokenizer_json,
                               std::string_view tokenizer_config_json) {
  auto parts = within("tokenizer.json", [&] { return read_parts(tokenizer_json); });
  if (!tokenizer_config_json.empty()) {
    within("tokenizer_config.json",
           [&] { read_special_roles(Json::parse(tokenizer_config_json), parts); });
  }
  return Tokenizer(std::make_shared<const Impl>(std::move(parts)));
}

}  // namespace loquor
