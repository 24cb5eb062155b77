// The simple normalizers, and tokenizer.json's description of them.
#include "text/normalizer.h"

#include "base/error.h"
#include "text/component.h"

namespace loquor {
namespace {

void parse(Component& component, int depth, std::vector<Normalizer>& steps) {
  const std::string& type = component.type();
  if (type == "Sequence") {
    if (depth == 8) component.refuse("Sequences are nested more than 8 deep");
    for (Component& part : component.components("normalizers")) parse(part, depth + 1, steps);
  } else if (type == "NFC") {
    steps.emplace_back(Nfc{});
  } else if (type == "Prepend") {
    steps.emplace_back(Prepend{component.text("prepend")});
  } else if (type == "Replace") {
    const Json& pattern = component.at("pattern");
    const Json* string = pattern.find("String");
    if (pattern.size() != 1 || !string) component.refuse("only a String pattern is supported");
    if (string->as_string().empty()) component.refuse("the pattern is empty");
    steps.emplace_back(Replace{string->as_string(), component.text("content")});
  } else {
    component.refuse_type("NFC, Prepend, Replace, Sequence");
  }
  component.done();
}

}  // namespace

AlignedText Prepend::apply(AlignedText text) const {
  if (text.size() == 0) return text;
  Rewrite rewrite(text);
  rewrite.replace(0, 0, prefix);
  rewrite.keep(0, text.size());
  return rewrite.finish();
}

AlignedText Replace::apply(AlignedText text) const {
  std::size_t found = text.text().find(pattern);
  if (found == std::string_view::npos) return text;
  Rewrite rewrite(text);
  std::size_t begin = 0;
  for (; found != std::string_view::npos; found = text.text().find(pattern, begin)) {
    rewrite.keep(begin, found);
    begin = found + pattern.size();
    rewrite.replace(found, begin, content);
  }
  rewrite.keep(begin, text.size());
  return rewrite.finish();
}

std::vector<Normalizer> parse_normalizer(const Json& json) {
  std::vector<Normalizer> steps;
  if (json.is_null()) return steps;
  Component component(json, "normalizer");
  parse(component, 0, steps);
  return steps;
}

AlignedText normalize(const std::vector<Normalizer>& steps, AlignedText text) {
  for (const Normalizer& step : steps) {
    text =
        std::visit([&](const auto& normalizer) { return normalizer.apply(std::move(text)); }, step);
  }
  return text;
}

}  // namespace loquor
