// As transformers 5 reads it (tokenization_utils_tokenizers.py).
#include "text/special_roles.h"

#include <algorithm>

#include "base/error.h"
#include "text/component.h"

namespace loquor {

const std::string* name_of(const Json& json) {
  if (json.is_null()) return nullptr;
  return json.is_object() ? &json.at("content").as_string() : &json.as_string();
}

AddedToken read_added_token(const Json& json, bool special) {
  AddedToken token;
  token.special = special;
  if (json.is_string()) {
    token.content = json.as_string();
    return token;
  }
  require_known_keys(json, {"__type", "id", "content", "special", "single_word", "lstrip", "rstrip",
                            "normalized"});
  const auto flag = [&](std::string_view key, bool otherwise) {
    const Json* found = json.find(key);
    return found ? found->as_bool() : otherwise;
  };
  token.content = json.at("content").as_string();
  token.special = flag("special", special);
  token.single_word = flag("single_word", false);
  token.lstrip = flag("lstrip", false);
  token.rstrip = flag("rstrip", false);
  token.normalized = flag("normalized", false);
  return token;
}

void make_special(std::int32_t id, const std::string& name, std::vector<AddedToken>& added) {
  const bool listed = std::any_of(added.begin(), added.end(),
                                  [&](const AddedToken& token) { return token.id == id; });
  if (listed) return;
  AddedToken token;
  token.id = id;
  token.content = name;
  token.special = true;
  added.push_back(std::move(token));
}

void read_special_roles(const Json& config, Tokenizer::Impl::Parts& parts) {
  struct Role {
    const char* key;
    std::optional<std::int32_t>* id;
  };
  for (const Role& role :
       {Role{"bos_token", &parts.bos}, Role{"eos_token", &parts.eos}, Role{"unk_token", &parts.unk},
        Role{"pad_token", &parts.pad}, Role{"sep_token", &parts.sep}, Role{"cls_token", &parts.cls},
        Role{"mask_token", &parts.mask}}) {
    const Json* found = config.find(role.key);
    const std::string* name = found ? within(role.key, [&] { return name_of(*found); }) : nullptr;
    if (!name || name->empty()) continue;
    const auto id = parts.tokens->find(*name);
    if (!id) {
      // A model without such a token cannot meet it; only those that text generation depends on
      // matter.
      if (role.id == &parts.bos || role.id == &parts.eos) {
        fail(Code::invalid_file, role.key, ' ', quoted(*name), " is not in the vocabulary");
      }
      continue;
    }
    make_special(*id, *name, parts.added);
    *role.id = id;
  }

  const Json* add_bos = config.find("add_bos_token");
  const Json* add_eos = config.find("add_eos_token");
  if (!add_bos && !add_eos) return;
  const auto wanted = [](const Json* flag) { return flag && !flag->is_null() && flag->as_bool(); };
  std::vector<std::int32_t> prefix, suffix;
  if (wanted(add_bos) && parts.bos) prefix.push_back(*parts.bos);
  if (wanted(add_eos) && parts.eos) suffix.push_back(*parts.eos);
  parts.post_processor = PostProcessor::around(prefix, suffix);
}

std::string_view tokenizer_class(const Json& config) {
  const Json* given = config.find("tokenizer_class");
  std::string_view name = given && given->is_string() ? given->as_string() : std::string_view();
  if (name.ends_with("Fast")) name.remove_suffix(4);
  return name;
}

void set_languages(const Json& config, Tokenizer::Impl::Parts& parts) {
  parts.languages = read_languages(tokenizer_class(config), config, parts.added, parts.eos);
  if (!parts.languages) return;
  const std::int32_t usual = parts.languages->id("src_lang", parts.languages->source);
  parts.post_processor = parts.languages->around(usual);
}

}  // namespace loquor
