// tokenizer.json's "post_processor". Of a template's two forms only "single" acts: one text is
// encoded at a time.
#include <optional>

#include "base/error.h"
#include "text/component.h"
#include "text/post_processor.h"

namespace loquor {
namespace {

using Ids = std::vector<std::int32_t>;

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
      around(component);
    } else if (type == "BertProcessing") {
      around(component);
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

  std::int32_t require(std::int64_t id, std::string_view name, const std::string& place) const {
    if (id < 0 || id >= tokens_.size() || !tokens_.contains(static_cast<std::int32_t>(id))) {
      fail(Code::invalid_file, place, ": ", quoted(name), " has id ", id,
           ", which is not in the vocabulary");
    }
    return static_cast<std::int32_t>(id);
  }

  // ["</s>", 2]
  std::int32_t named(Component& component, std::string_view key) const {
    const Json& pair = component.at(key);
    return within(text(component.place(), '.', key), [&] {
      if (pair.as_array().size() != 2) fail(Code::invalid_file, "expected a name and an id");
      return require(pair.as_array()[1].as_integer(), pair.as_array()[0].as_string(),
                     component.place());
    });
  }

  void around(Component& component) {
    result.prefix.insert(result.prefix.begin(), named(component, "cls"));
    result.suffix.push_back(named(component, "sep"));
  }

  // The ids of an element such as {"SpecialToken": {"id": "<s>", "type_id": 0}}; nothing for a
  // Sequence.
  static std::optional<Ids> element(const Json& json,
                                    const std::vector<std::pair<std::string, Ids>>& specials) {
    require_known_keys(json, {"SpecialToken", "Sequence"});
    for (const auto& [kind, part] : json.as_object()) require_known_keys(part, {"id", "type_id"});
    if (json.size() == 1 && json.find("Sequence")) return std::nullopt;
    if (json.size() != 1 || !json.find("SpecialToken"))
      fail(Code::invalid_file, "expected a SpecialToken or a Sequence");
    const std::string& name = json.at("SpecialToken").at("id").as_string();
    for (const auto& [known, ids] : specials) {
      if (known == name) return ids;
    }
    fail(Code::invalid_file, quoted(name), " is not among the special_tokens");
  }

  std::vector<std::pair<std::string, Ids>> special_tokens(const Json& json,
                                                          const std::string& place) const {
    std::vector<std::pair<std::string, Ids>> specials;
    for (const auto& [name, token] : json.as_object()) {
      require_known_keys(token, {"id", "ids", "tokens"});
      Ids ids;
      for (const Json& id : token.at("ids").as_array())
        ids.push_back(require(id.as_integer(), name, place));
      specials.emplace_back(name, std::move(ids));
    }
    return specials;
  }

  void parse_template(Component& component) {
    within(component.place(), [&] {
      const auto specials = special_tokens(component.at("special_tokens"), "special_tokens");
      for (const Json& part : component.at("pair").as_array()) element(part, specials);
      Ids prefix, suffix;
      int texts = 0;
      for (const Json& part : component.at("single").as_array()) {
        const auto ids = element(part, specials);
        if (!ids) {
          const std::string& which = part.at("Sequence").at("id").as_string();
          if (which != "A") fail(Code::invalid_file, "single asks for the text ", quoted(which));
          ++texts;
        } else {
          Ids& side = texts == 0 ? prefix : suffix;
          side.insert(side.end(), ids->begin(), ids->end());
        }
      }
      if (texts != 1)
        fail(Code::invalid_file, "single has the text ", texts, " times, expected once");
      result.prefix.insert(result.prefix.begin(), prefix.begin(), prefix.end());
      result.suffix.insert(result.suffix.end(), suffix.begin(), suffix.end());
    });
  }

  const TokenTable& tokens_;
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
