#include "text/languages.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "text/language_codes.h"
#include "text/special_roles.h"

namespace loquor {

namespace {

struct LanguageClass {
  std::string_view name;
  std::string_view usual_source;
  Languages::Place place;
  bool starts_output;
};
using Place = Languages::Place;
constexpr LanguageClass kClasses[] = {{"MBartTokenizer", "en_XX", Place::behind, true},
                                      {"MBart50Tokenizer", "en_XX", Place::front, false},
                                      {"NllbTokenizer", "eng_Latn", Place::front, false},
                                      {"M2M100Tokenizer", "en", Place::front, false}};

const LanguageClass* find_class(std::string_view name) {
  const auto found = std::ranges::find(kClasses, name, &LanguageClass::name);
  return found == std::end(kClasses) ? nullptr : found;
}

void add_words(std::string_view words, std::vector<std::string>& list) {
  std::istringstream in{std::string(words)};
  for (std::string word; in >> word;) list.push_back(word);
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// "en_XX", "eng_Latn": the code itself; "__en__" of M2M-100: "en". Empty for any other token.
std::string_view code_of(std::string_view token) {
  if (token.size() > 4 && token.starts_with("__") && token.ends_with("__"))
    return token.substr(2, token.size() - 4);
  const std::size_t middle = token.find('_');
  if (middle == std::string_view::npos) return {};
  const std::string_view language = token.substr(0, middle), script = token.substr(middle + 1);
  const bool is_code = language.size() >= 2 && language.size() <= 3 && script.size() >= 2 &&
                       script.size() <= 4 && std::ranges::all_of(language, is_lower) &&
                       std::ranges::all_of(script, is_letter) && !is_lower(script.front());
  return is_code ? token : std::string_view();
}

const std::string* text_at(const Json& config, const char* key) {
  const Json* value = config.find(key);
  return value ? within(key, [&] { return name_of(*value); }) : nullptr;
}

}  // namespace

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kSome = 6;
  std::string list;
  for (std::size_t i = 0; i < std::min(kSome, names.size()); ++i)
    list += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kSome ? text(list, ", ... (", names.size(), ")") : list;
}

std::int32_t Languages::id(std::string_view option, std::string_view code) const {
  std::vector<std::string> names;
  for (const auto& [name, id] : codes) {
    if (name == code) return id;
    names.push_back(name);
  }
  fail(Code::invalid_argument, "option ", option, ": found ", quoted(code),
       ", expected a language of the tokenizer: ", some_of(names));
}

bool Languages::has(std::int32_t id) const noexcept {
  return std::ranges::any_of(codes, [&](const auto& code) { return code.second == id; });
}

PostProcessor Languages::around(std::int32_t language) const {
  using Kind = TemplatePart::Kind;
  const TemplatePart end{Kind::special, 0,
                         place == Place::front ? std::vector{eos} : std::vector{eos, language}};
  PostProcessor post;
  post.single = {{Kind::first, 0, {}}, end};
  post.pair = {{Kind::first, 0, {}}, {Kind::second, 0, {}}, end};
  if (place == Place::behind) return post;
  for (PostProcessor::Template* parts : {&post.single, &post.pair})
    parts->insert(parts->begin(), {Kind::special, 0, {language}});
  return post;
}

std::vector<std::string> language_tokens(std::string_view tokenizer_class, const Json& config) {
  std::vector<std::string> names;
  if (tokenizer_class == "MBartTokenizer" || tokenizer_class == "MBart50Tokenizer")
    add_words(kMBartLanguages, names);
  if (tokenizer_class == "MBart50Tokenizer") add_words(kMBart50Languages, names);
  if (tokenizer_class == "NllbTokenizer") add_words(kNllbLanguages, names);
  if (tokenizer_class != "M2M100Tokenizer") return names;
  const std::string* set = text_at(config, "language_codes");
  if (set && *set != "m2m100" && *set != "wmt21") {
    fail(Code::unsupported, "language_codes ", quoted(*set),
         " are not known, expected m2m100 or wmt21");
  }
  add_words(set && *set == "wmt21" ? kWmt21Languages : kM2m100Languages, names);
  for (std::string& name : names) name = "__" + name + "__";
  return names;
}

std::optional<Languages> read_languages(std::string_view tokenizer_class, const Json& config,
                                        const std::vector<AddedToken>& added,
                                        std::optional<std::int32_t> eos) {
  const LanguageClass* known = find_class(tokenizer_class);
  if (!known) return {};
  if (!eos) fail(Code::invalid_file, "the vocabulary of ", tokenizer_class, " has no eos_token");
  Languages languages{.place = known->place,
                      .starts_output = known->starts_output,
                      .codes = {},
                      .source = std::string(known->usual_source),
                      .eos = *eos};
  for (const AddedToken& token : added) {
    const std::string_view code = code_of(token.content);
    if (token.special && !code.empty()) languages.codes.emplace_back(code, token.id);
  }
  if (const std::string* source = text_at(config, "src_lang")) languages.source = *source;
  if (std::ranges::find(languages.codes, languages.source, &std::pair<std::string, int>::first) ==
      languages.codes.end())
    fail(Code::invalid_file, "the vocabulary has no ", quoted(languages.source));
  const Json* legacy = config.find("legacy_behaviour");
  if (tokenizer_class == "NllbTokenizer" && legacy && !legacy->is_null() && legacy->as_bool())
    languages.place = Place::behind;
  return languages;
}

}  // namespace loquor
