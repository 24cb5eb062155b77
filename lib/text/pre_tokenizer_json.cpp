// tokenizer.json's "pre_tokenizer" as steps.
#include "base/error.h"
#include "text/component.h"
#include "text/pre_tokenizer.h"

namespace loquor {
namespace {

SplitBehavior parse_behavior(Component& component) {
  const std::string name = component.text("behavior");
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  component.refuse(text("behavior ", quoted(name), " is not known"));
}

PreTokenizer parse_split(Component& component) {
  const Json& pattern = component.at("pattern");
  const SplitBehavior behavior = parse_behavior(component);
  const bool invert = component.flag("invert", false);
  if (pattern.size() == 1 && pattern.find("String")) {
    const std::string& delimiter = pattern.at("String").as_string();
    if (delimiter.empty()) component.refuse("the pattern is empty");
    if (invert) component.refuse("a String pattern with invert is not supported");
    return SplitAtText{delimiter, behavior};
  }
  if (pattern.size() != 1 || !pattern.find("Regex"))
    component.refuse("the pattern is neither a Regex nor a String");
  const std::string& regex = pattern.at("Regex").as_string();
  const auto scanner = find_scanner(regex);
  if (!scanner)
    component.refuse(text("the regular expression ", quoted(regex), " is not one of those known"));
  // Each match is a word, and so is what lies between two, unless an inverted Removed drops it.
  const bool drop_between = behavior == SplitBehavior::removed && invert;
  if (!drop_between && (behavior != SplitBehavior::isolated || invert))
    component.refuse("a Regex pattern needs behavior Isolated, or Removed with invert");
  return SplitByPattern{*scanner, drop_between};
}

Metaspace parse_metaspace(Component& component) {
  const std::string replacement = component.text("replacement");
  if (replacement.empty() || replacement.size() > 4)
    component.refuse("replacement is not one character");
  // Versions before 0.14 wrote add_prefix_space, and str_rep beside the replacement.
  if (component.text("str_rep", replacement) != replacement)
    component.refuse("str_rep differs from replacement");
  const bool add = component.flag("add_prefix_space", true);
  const std::string scheme = component.text("prepend_scheme", add ? "always" : "never");
  const bool split = component.flag("split", true);
  if (scheme == "always") return {replacement, Metaspace::Prepend::always, split};
  if (scheme == "first") return {replacement, Metaspace::Prepend::first, split};
  if (scheme == "never") return {replacement, Metaspace::Prepend::never, split};
  component.refuse(text("prepend_scheme ", quoted(scheme), " is not known"));
}

void parse(Component& component, int depth, std::vector<PreTokenizer>& steps) {
  const std::string& type = component.type();
  if (type == "Sequence") {
    if (depth == 8) component.refuse("Sequences are nested more than 8 deep");
    for (Component& part : component.components("pretokenizers")) parse(part, depth + 1, steps);
  } else if (type == "ByteLevel") {
    const bool prefix = component.flag("add_prefix_space", true);
    component.flag("trim_offsets", true);  // acts in the post-processor of the same name only
    steps.emplace_back(ByteLevel{prefix, component.flag("use_regex", true)});
  } else if (type == "Split") {
    steps.emplace_back(parse_split(component));
  } else if (type == "Digits") {
    steps.emplace_back(SplitDigits{component.flag("individual_digits", false)});
  } else if (type == "Metaspace") {
    steps.emplace_back(parse_metaspace(component));
  } else if (type == "WhitespaceSplit") {
    steps.emplace_back(SplitWhiteSpace{});
  } else if (type == "BertPreTokenizer") {
    steps.emplace_back(SplitBert{});
  } else {
    component.refuse_type(
        "BertPreTokenizer, ByteLevel, Digits, Metaspace, Sequence, Split, WhitespaceSplit");
  }
  component.done();
}

}  // namespace

std::vector<PreTokenizer> parse_pre_tokenizer(const Json& json) {
  std::vector<PreTokenizer> steps;
  if (json.is_null()) return steps;
  Component component(json, "pre_tokenizer");
  parse(component, 0, steps);
  return steps;
}

}  // namespace loquor
