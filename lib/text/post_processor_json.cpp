// tokenizer.json's "post_processor".
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "text/component.h"
#include "text/post_processor.h"

namespace loquor {
namespace {

using Ids = std::vector<std::int32_t>;
using PartKind = TemplatePart::Kind;
using Template = PostProcessor::Template;

class Reader {
 public:
  explicit Reader(const TokenTable& tokens) : tokens_(tokens) {}

  void parse(Component& component, int depth) {
    const std::string& type = component.type();
    if (type == "Sequence") {
      if (depth == 8) component.refuse("Sequences are nested more than 8 deep");
      for (Component& part : component.components("processors")) parse(part, depth + 1);
    } else if (type == "ByteLevel") {
      component.flag("use_regex", true);  // acts in the pre-tokenizer of the same name only
      trim(component);
    } else if (type == "RobertaProcessing") {
      trim(component);
      const Ids cls = named(component, "cls");
      set_templates(component, PostProcessor::roberta(cls, named(component, "sep")));
    } else if (type == "BertProcessing") {
      const Ids cls = named(component, "cls");
      set_templates(component, PostProcessor::bert(cls, named(component, "sep")));
    } else if (type == "TemplateProcessing") {
      parse_template(component);
    } else {
      component.refuse_type(
          "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing");
    }
    component.done();
  }

  PostProcessor result;

 private:
  void trim(Component& component) {
    const bool keep = component.flag("add_prefix_space", true);
    if (component.flag("trim_offsets", true)) {
      result.trim_offsets = true;
      result.keep_first_space = keep;
    }
  }

  // What puts tokens around texts may stand once: another would put them around those of the first.
  void set_templates(Component& component, PostProcessor templates) {
    if (std::exchange(has_template_, true))
      component.refuse("a second processor that adds tokens is not supported");
    result.single = std::move(templates.single);
    result.pair = std::move(templates.pair);
  }

  std::int32_t require(std::int64_t id, std::string_view name, const std::string& place) const {
    if (id < 0 || id >= tokens_.size() || !tokens_.contains(static_cast<std::int32_t>(id))) {
      fail(Code::invalid_file, place, ": ", quoted(name), " has id ", id,
           ", which is not in the vocabulary");
    }
    return static_cast<std::int32_t>(id);
  }

  // ["</s>", 2]
  Ids named(Component& component, std::string_view key) const {
    const Json& pair = component.at(key);
    return within(text(component.place(), '.', key), [&] {
      if (pair.as_array().size() != 2) fail(Code::invalid_file, "expected a name and an id");
      return Ids{require(pair.as_array()[1].as_integer(), pair.as_array()[0].as_string(),
                         component.place())};
    });
  }

  using Specials = std::vector<std::pair<std::string, Ids>>;

  // {"SpecialToken": {"id": "<s>", "type_id": 0}}, or {"Sequence": {"id": "A", "type_id": 0}}.
  static TemplatePart element(const Json& json, const Specials& specials) {
    require_known_keys(json, {"SpecialToken", "Sequence"});
    if (json.size() != 1) fail(Code::invalid_file, "expected a SpecialToken or a Sequence");
    const auto& [kind, part] = json.as_object()[0];
    require_known_keys(part, {"id", "type_id"});
    const std::string& name = part.at("id").as_string();
    const std::int64_t type_id = part.at("type_id").as_integer();
    if (type_id < 0 || type_id > INT32_MAX) fail(Code::invalid_file, "the type_id is ", type_id);
    const auto type = static_cast<std::int32_t>(type_id);
    if (kind == "Sequence") {
      if (name != "A" && name != "B")
        fail(Code::invalid_file, "the Sequence ", quoted(name), " is neither A nor B");
      return {name == "A" ? PartKind::first : PartKind::second, type, {}};
    }
    for (const auto& [known, ids] : specials) {
      if (known == name) return {PartKind::special, type, ids};
    }
    fail(Code::invalid_file, quoted(name), " is not among the special_tokens");
  }

  Specials special_tokens(const Json& json, const std::string& place) const {
    Specials specials;
    for (const auto& [name, token] : json.as_object()) {
      require_known_keys(token, {"id", "ids", "tokens"});
      Ids ids;
      for (const Json& id : token.at("ids").as_array())
        ids.push_back(require(id.as_integer(), name, place));
      specials.emplace_back(name, std::move(ids));
    }
    return specials;
  }

  static Template elements(Component& component, const char* key, const Specials& specials,
                           std::ptrdiff_t second_texts) {
    return within(key, [&] {
      Template parts;
      for (const Json& part : component.at(key).as_array())
        parts.push_back(element(part, specials));
      const auto count = [&](PartKind kind) {
        return std::count_if(parts.begin(), parts.end(),
                             [&](const TemplatePart& part) { return part.kind == kind; });
      };
      const auto require_count = [&](PartKind kind, std::string_view name,
                                     std::ptrdiff_t expected) {
        if (count(kind) != expected) {
          fail(Code::invalid_file, "the Sequence ", name, " stands there ", count(kind),
               " times, expected ", expected);
        }
      };
      require_count(PartKind::first, "A", 1);
      require_count(PartKind::second, "B", second_texts);
      return parts;
    });
  }

  void parse_template(Component& component) {
    within(component.place(), [&] {
      const auto specials = special_tokens(component.at("special_tokens"), "special_tokens");
      PostProcessor templates;
      templates.single = elements(component, "single", specials, 0);
      templates.pair = elements(component, "pair", specials, 1);
      set_templates(component, std::move(templates));
    });
  }

  const TokenTable& tokens_;
  bool has_template_ = false;
};

}  // namespace

PostProcessor parse_post_processor(const Json& json, const TokenTable& tokens) {
  Reader reader(tokens);
  if (!json.is_null()) {
    Component component(json, "post_processor");
    reader.parse(component, 0);
  }
  return std::move(reader.result);
}

}  // namespace loquor
