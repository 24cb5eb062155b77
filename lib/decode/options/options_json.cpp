#include "loquor/options_json.hpp"

#include "base/error.h"
#include "decode/options/options.h"

namespace loquor {

namespace {

// What is malformed here is the caller's argument, not a file.
Json parse_argument(std::string_view json) {
  try {
    return Json::parse(json);
  } catch (const Error& error) {
    fail(Code::invalid_argument, "options: ", std::string_view(error.what()));
  }
}

OptionDescription description_of(const Json& option) {
  OptionDescription description{option.at("name").as_string(),
                                option.at("type").as_string(),
                                {},
                                option.at("default").as_string(),
                                option.at("description").as_string()};
  if (const Json* choices = option.find("choices")) {
    for (const Json& choice : choices->as_array())
      description.choices.push_back(choice.as_string());
  }
  return description;
}

template <class... Tables>
Json describe(std::string_view kind, const Tables&... tables) {
  Json found;
  std::string known;
  const auto visit = [&](const auto& table) {
    if (table.kind() == kind) found = table.describe();
    known += text(known.empty() ? "" : ", ", table.kind());
  };
  (visit(tables), ...);
  if (found.is_null())
    fail(Code::invalid_argument, "unknown kind of options ", quoted(kind), "; known are: ", known);
  return found;
}

}  // namespace

std::vector<OptionDescription> describe_options(std::string_view kind) {
  const Json table = describe(
      kind, runtime_options(), model_options(), session_options(), generate_options(),
      translate_options(), summarize_options(), chat_options(), encode_options(), render_options(),
      embed_options(), classify_options(), tag_options(), fill_mask_options(), rerank_options(),
      answer_options(), zero_shot_options(), score_options());
  std::vector<OptionDescription> list;
  for (const Json& option : table.as_array()) list.push_back(description_of(option));
  return list;
}

void set_json(RuntimeOptions& options, std::string_view json) {
  runtime_options().set_all(options, parse_argument(json));
}
void set_json(ModelOptions& options, std::string_view json) {
  model_options().set_all(options, parse_argument(json));
}
void set_json(SessionOptions& options, std::string_view json) {
  session_options().set_all(options, parse_argument(json));
}
void set_json(GenerateOptions& options, std::string_view json) {
  generate_options().set_all(options, parse_argument(json));
}
void set_json(TranslateOptions& options, std::string_view json) {
  translate_options().set_all(options, parse_argument(json));
}
void set_json(SummarizeOptions& options, std::string_view json) {
  summarize_options().set_all(options, parse_argument(json));
}
void set_json(ChatOptions& options, std::string_view json) {
  chat_options().set_all(options, parse_argument(json));
}
void set_json(EncodeOptions& options, std::string_view json) {
  encode_options().set_all(options, parse_argument(json));
}
void set_json(RenderOptions& options, std::string_view json) {
  render_options().set_all(options, parse_argument(json));
}
void set_json(EmbedOptions& options, std::string_view json) {
  embed_options().set_all(options, parse_argument(json));
}
void set_json(ClassifyOptions& options, std::string_view json) {
  classify_options().set_all(options, parse_argument(json));
}
void set_json(TagOptions& options, std::string_view json) {
  tag_options().set_all(options, parse_argument(json));
}
void set_json(FillMaskOptions& options, std::string_view json) {
  fill_mask_options().set_all(options, parse_argument(json));
}
void set_json(RerankOptions& options, std::string_view json) {
  rerank_options().set_all(options, parse_argument(json));
}
void set_json(AnswerOptions& options, std::string_view json) {
  answer_options().set_all(options, parse_argument(json));
}
void set_json(ZeroShotOptions& options, std::string_view json) {
  zero_shot_options().set_all(options, parse_argument(json));
}
void set_json(ScoreOptions& options, std::string_view json) {
  score_options().set_all(options, parse_argument(json));
}

std::string to_json(const GenerateOptions& options) {
  return generate_options().to_json(options).dump();
}

}  // namespace loquor
