// The order is that of transformers 5 (tokenization_utils_tokenizers.py), on which the ids of
// tokens that the vocabulary lacks depend.
#include "text/class_tokens.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "text/special_roles.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;

class Adder {
 public:
  Adder(const Json& config, TokenTable& tokens, Parts& parts)
      : config_(config), tokens_(tokens), parts_(parts) {}

  void add_numbered() {
    const Json* listed = config_.find("added_tokens_decoder");
    if (!listed || listed->is_null()) return;
    std::vector<AddedToken> numbered;
    for (const auto& [key, json] : listed->as_object()) {
      AddedToken token = read_added_token(json, false);
      token.id = parse_id(key);
      numbered.push_back(std::move(token));
    }
    std::ranges::sort(numbered, {}, &AddedToken::id);
    for (AddedToken& token : numbered) {
      require_consistent(token);
      add(std::move(token));
    }
  }

  std::optional<std::int32_t> add_role(const char* key, std::string_view usual,
                                       bool takes_space = false) {
    const Json* found = config_.find(key);
    if (found && found->is_null()) return {};
    AddedToken token;
    token.content = usual;
    token.special = true;
    token.lstrip = takes_space;
    if (found) {
      const std::string* name = within(key, [&] { return name_of(*found); });
      if (found->is_object()) {
        token = within(key, [&] { return read_added_token(*found, true); });
      } else if (!name->empty()) {
        token.content = *name;
      }
    }
    if (token.content.empty()) return {};
    return add(std::move(token));
  }

  void add_extra() {
    const Json* extra = config_.find("extra_special_tokens");
    if (!extra || extra->size() == 0) extra = config_.find("additional_special_tokens");
    if (!extra || extra->is_null()) return;
    if (extra->is_object()) {
      for (const auto& [name, json] : extra->as_object()) add(read_added_token(json, true));
    } else {
      for (const Json& json : extra->as_array()) add(read_added_token(json, true));
    }
  }

 private:
  static std::int32_t parse_id(const std::string& key) {
    std::int32_t id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size() || id < 0)
      fail(Code::invalid_file, "added_tokens_decoder: ", quoted(key), " is no id");
    return id;
  }

  // Neither another id for a known name, nor another name for a known id, nor a gap, which
  // transformers would close.
  void require_consistent(const AddedToken& token) const {
    const auto known = tokens_.find(token.content);
    const std::int32_t expected = known.value_or(tokens_.size());
    if (expected == token.id) return;
    fail(Code::invalid_file, "added_tokens_decoder: token ", quoted(token.content), " has id ",
         token.id, known ? ", in the vocabulary " : ", and the vocabulary goes on at ", expected);
  }

  // One that is there already becomes special, and stays as it is otherwise.
  std::int32_t add(AddedToken token) {
    const auto known = tokens_.find(token.content);
    token.id = known.value_or(tokens_.size());
    if (!known) tokens_.add(token.id, token.content);
    const auto listed = std::ranges::find(parts_.added, token.id, &AddedToken::id);
    if (listed != parts_.added.end()) {
      listed->special |= token.special;
      return listed->id;
    }
    return parts_.added.emplace_back(std::move(token)).id;
  }

  const Json& config_;
  TokenTable& tokens_;
  Parts& parts_;
};

}  // namespace

std::optional<bool> flag_of(const Json& config, const char* key) {
  const Json* found = config.find(key);
  if (!found || found->is_null()) return {};
  return within(key, [&] { return found->as_bool(); });
}

void add_class_tokens(const Json& config, const RoleNames& names, TokenTable& tokens,
                      Parts& parts) {
  Adder adder(config, tokens, parts);
  adder.add_numbered();
  parts.bos = adder.add_role("bos_token", names.bos);
  parts.eos = adder.add_role("eos_token", names.eos);
  parts.unk = adder.add_role("unk_token", names.unk);
  parts.sep = adder.add_role("sep_token", names.sep);
  parts.pad = adder.add_role("pad_token", names.pad);
  parts.cls = adder.add_role("cls_token", names.cls);
  parts.mask = adder.add_role("mask_token", names.mask, names.mask_takes_space);
  adder.add_extra();
}

}  // namespace loquor
