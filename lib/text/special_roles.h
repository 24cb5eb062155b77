// tokenizer_config.json: which tokens play which role, whether BOS and EOS are added, languages.
#pragma once

#include "base/json.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// A token as a name, or as {"content": name, ...}; nullptr where there is none.
const std::string* name_of(const Json& json);

/// A token as a name, or with its flags. `special` where the json does not say.
AddedToken read_added_token(const Json& json, bool special);

/// A token with a role is special and found in the text, though a file may list it as an ordinary
/// one only.
void make_special(std::int32_t id, const std::string& name, std::vector<AddedToken>& added);

/// Sets bos, eos, unk, pad, sep, cls and mask, makes every token with a role special, and follows
/// add_bos_token and add_eos_token.
void read_special_roles(const Json& config, Tokenizer::Impl::Parts& parts);

/// The config's tokenizer_class, without "Fast"; empty where it names none.
std::string_view tokenizer_class(const Json& config);

/// Sets the languages of that class, and the post-processor for a text of the usual one: whatever
/// it was for when a tokenizer.json was saved.
void set_languages(const Json& config, Tokenizer::Impl::Parts& parts);

}  // namespace loquor
