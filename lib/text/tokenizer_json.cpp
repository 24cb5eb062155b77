// Reads tokenizer.json: its model straight from the text, its other components as small documents.
// https://huggingface.co/docs/tokenizers
#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "text/component.h"
#include "text/model_json.h"
#include "text/special_roles.h"
#include "text/tokenizer_impl.h"

namespace loquor {
namespace {

AddedToken read_numbered_token(const Json& json, TokenTable& tokens) {
  AddedToken token = read_added_token(json, false);
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
      sections.model = read_model_section(reader);
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
  Tokenizer::Impl::Parts parts;
  auto tokens = std::make_shared<TokenTable>(std::move(section.tokens));
  parts.model = make_model(section, tokens, parts.unk);
  tokens->end_model();
  if (!sections.added_tokens.is_null()) {
    within("added_tokens", [&] {
      for (const Json& token : sections.added_tokens.as_array())
        parts.added.push_back(read_numbered_token(token, *tokens));
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
    within("tokenizer_config.json", [&] {
      const Json config = Json::parse(tokenizer_config_json);
      read_special_roles(config, parts);
      set_languages(config, parts);
    });
  }
  return Tokenizer(std::make_shared<const Impl>(std::move(parts)));
}

}  // namespace loquor
