// tokenizer.json's "normalizer" as steps.
#include "base/base64.h"
#include "base/error.h"
#include "text/component.h"
#include "text/normalizer.h"

namespace loquor {
namespace {

Normalizer parse_replace(Component& component) {
  const Json& pattern = component.at("pattern");
  std::string content = component.text("content");
  if (const Json* regex = pattern.find("Regex"); pattern.size() == 1 && regex) {
    if (regex->as_string() == " {2,}") return ReplaceSpaces{std::move(content)};
    component.refuse(
        text("the regular expression ", quoted(regex->as_string()), " is not one of those known"));
  }
  const Json* string = pattern.find("String");
  if (pattern.size() != 1 || !string)
    component.refuse("the pattern is neither a Regex nor a String");
  if (string->as_string().empty()) component.refuse("the pattern is empty");
  return Replace{string->as_string(), std::move(content)};
}

void parse(Component& component, int depth, std::vector<Normalizer>& steps) {
  const std::string& type = component.type();
  if (type == "Sequence") {
    if (depth == 8) component.refuse("Sequences are nested more than 8 deep");
    for (Component& part : component.components("normalizers")) parse(part, depth + 1, steps);
  } else if (type == "BertNormalizer") {
    const bool lowercase = component.flag("lowercase", true);
    steps.emplace_back(BertNormalizer{component.flag("clean_text", true),
                                      component.flag("handle_chinese_chars", true),
                                      component.flag("strip_accents", lowercase), lowercase});
  } else if (type == "Lowercase") {
    steps.emplace_back(Lowercase{});
  } else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
    steps.emplace_back(NormalForm{type.ends_with('C'), type.size() == 4});
  } else if (type == "Nmt") {
    steps.emplace_back(Nmt{});
  } else if (type == "Precompiled") {
    const std::string map = component.text("precompiled_charsmap");
    within(component.place(),
           [&] { steps.emplace_back(Precompiled{CharacterMap(from_base64(map))}); });
  } else if (type == "Prepend") {
    steps.emplace_back(Prepend{component.text("prepend")});
  } else if (type == "Replace") {
    steps.emplace_back(parse_replace(component));
  } else if (type == "Strip") {
    const bool left = component.flag("strip_left", true);
    steps.emplace_back(Strip{left, component.flag("strip_right", true)});
  } else if (type == "StripAccents") {
    steps.emplace_back(StripAccents{});
  } else {
    component.refuse_type(
        "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, "
        "Sequence, Strip, StripAccents");
  }
  component.done();
}

}  // namespace

std::vector<Normalizer> parse_normalizer(const Json& json) {
  std::vector<Normalizer> steps;
  if (json.is_null()) return steps;
  Component component(json, "normalizer");
  parse(component, 0, steps);
  return steps;
}

}  // namespace loquor
