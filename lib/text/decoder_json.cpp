// tokenizer.json's "decoder" as steps.
#include "base/error.h"
#include "text/component.h"
#include "text/decoder.h"

namespace loquor {
namespace {

std::size_t parse_count(Component& component, std::string_view key) {
  const std::int64_t count = component.integer(key);
  if (count < 0 || count > 1'000'000)
    fail(Code::invalid_file, component.place(), ".", key, " is ", count);
  return static_cast<std::size_t>(count);
}

void parse(Component& component, int depth, bool& fused, std::vector<DecodeStep>& steps) {
  const std::string& type = component.type();
  const auto before_fuse = [&] {
    if (fused) component.refuse(text(type, " behind a Fuse is not supported"));
  };
  if (type == "Sequence") {
    if (depth == 8) component.refuse("Sequences are nested more than 8 deep");
    for (Component& part : component.components("decoders")) parse(part, depth + 1, fused, steps);
  } else if (type == "ByteLevel") {
    // Its options act in other components of the same name.
    for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"})
      component.flag(key, true);
    before_fuse();
    steps.emplace_back(DecodeByteLevel{});
  } else if (type == "ByteFallback") {
    before_fuse();
    steps.emplace_back(DecodeByteFallback{});
  } else if (type == "Fuse") {
    fused = true;
  } else if (type == "Replace") {
    before_fuse();
    const Json& pattern = component.at("pattern");
    const Json* string = pattern.find("String");
    if (pattern.size() != 1 || !string) component.refuse("only a String pattern is supported");
    if (string->as_string().empty()) component.refuse("the pattern is empty");
    steps.emplace_back(DecodeReplace{string->as_string(), component.text("content")});
  } else if (type == "Strip") {
    const std::string content = component.text("content");
    const std::size_t start = parse_count(component, "start"),
                      stop = parse_count(component, "stop");
    if (content.empty() || content.size() > 4) component.refuse("content is not one character");
    if (!fused) {
      steps.emplace_back(DecodeStrip{content, start, stop});
    } else if (stop == 0) {
      steps.emplace_back(DecodeStripText{content, start});
    } else {
      component.refuse("stop other than 0 behind a Fuse is not supported");
    }
  } else if (type == "Metaspace") {
    before_fuse();
    const std::string replacement = component.text("replacement");
    if (replacement.empty()) component.refuse("replacement is empty");
    if (component.text("str_rep", replacement) != replacement)
      component.refuse("str_rep differs from replacement");
    const bool add = component.flag("add_prefix_space", true);
    const std::string scheme = component.text("prepend_scheme", add ? "always" : "never");
    component.flag("split", true);  // acts in the pre-tokenizer of the same name only
    steps.emplace_back(DecodeMetaspace{replacement, scheme != "never"});
  } else if (type == "WordPiece") {
    before_fuse();
    const std::string prefix = component.text("prefix", "##");
    steps.emplace_back(DecodeWordPiece{prefix, component.flag("cleanup", true)});
  } else {
    component.refuse_type(
        "ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece");
  }
  component.done();
}

}  // namespace

Decoder parse_decoder(const Json& json) {
  std::vector<DecodeStep> steps;
  if (json.is_null()) {
    steps.emplace_back(DecodeJoin{});
    return Decoder(std::move(steps));
  }
  Component component(json, "decoder");
  bool fused = false;
  parse(component, 0, fused, steps);
  return Decoder(std::move(steps));
}

}  // namespace loquor
