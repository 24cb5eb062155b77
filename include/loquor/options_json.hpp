// Options by name, as bindings and command lines set them. Needed only by those: C++ programs fill
// the structs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/chat_template.hpp"
#include "loquor/options.hpp"
#include "loquor/tasks.hpp"
#include "loquor/tokenizer.hpp"

namespace LOQUOR_API loquor {

struct OptionDescription {
  std::string name;
  /// "boolean", "integer", "number", "string", "list of strings", "list of ids", "list of lists of
  /// ids", "map of ids to numbers", "map of lists of ids to numbers", "cancel", "runtime", "model"
  /// or "function". JSON cannot set the last four.
  std::string type;
  std::vector<std::string> choices;  ///< What a string may be; anything where empty.
  std::string default_text;          ///< What holds where it is not set.
  std::string description;           ///< One line.
};

/// The options of a kind of call: "runtime", "model", "session", "generate", "chat", "encode",
/// "render", or a task's name: "translate", "summarize", "embed", "classify", "tag", "fill_mask",
/// "rerank", "answer", "zero_shot" or "score". Throws Error(invalid_argument) for any other.
LOQUOR_API std::vector<OptionDescription> describe_options(std::string_view kind);

/// Sets each option that a JSON object names, or none where one is wrong; null gives the default.
/// Throws Error(invalid_argument): what was found and expected, or which names are known.
LOQUOR_API void set_json(RuntimeOptions& options, std::string_view json);
LOQUOR_API void set_json(ModelOptions& options, std::string_view json);
LOQUOR_API void set_json(SessionOptions& options, std::string_view json);
LOQUOR_API void set_json(GenerateOptions& options, std::string_view json);
LOQUOR_API void set_json(TranslateOptions& options, std::string_view json);
LOQUOR_API void set_json(SummarizeOptions& options, std::string_view json);
LOQUOR_API void set_json(ChatOptions& options, std::string_view json);
LOQUOR_API void set_json(EncodeOptions& options, std::string_view json);
LOQUOR_API void set_json(RenderOptions& options, std::string_view json);
LOQUOR_API void set_json(EmbedOptions& options, std::string_view json);
LOQUOR_API void set_json(ClassifyOptions& options, std::string_view json);
LOQUOR_API void set_json(TagOptions& options, std::string_view json);
LOQUOR_API void set_json(FillMaskOptions& options, std::string_view json);
LOQUOR_API void set_json(RerankOptions& options, std::string_view json);
LOQUOR_API void set_json(AnswerOptions& options, std::string_view json);
LOQUOR_API void set_json(ZeroShotOptions& options, std::string_view json);
LOQUOR_API void set_json(ScoreOptions& options, std::string_view json);

/// The options that differ from the defaults, as set_json() takes them; cancel is left out.
LOQUOR_API std::string to_json(const GenerateOptions& options);

}  // namespace loquor
