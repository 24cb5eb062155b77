// ChatTemplate: messages to the prompt text that the model was trained on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/message.hpp"
#include "loquor/tokenizer.hpp"

namespace LOQUOR_API loquor {

struct RenderOptions {
  bool add_generation_prompt = true;
  std::string tools{};      ///< A JSON array of tool definitions, or empty.
  std::string variables{};  ///< A JSON object of further variables of the template, or empty.
};

/// A rendered prompt and the byte ranges that the template itself wrote: names of special tokens
/// count there, not in the parts that come from messages.
struct Prompt {
  std::string text;
  std::vector<ByteRange> from_template;
};

/// The model's own Jinja template, run by a bounded interpreter: a template is untrusted input.
/// Immutable; any thread.
class ChatTemplate {
 public:
  /// Parses the template; `variables` is a JSON object of what it may read at every call
  /// (bos_token, eos_token, ...). Throws Error(unsupported) with the line for a construct that is
  /// not known, Error(invalid_file) for a syntax error.
  explicit ChatTemplate(std::string_view source, std::string_view variables = {});
  std::string render(std::span<const Message> messages, const RenderOptions& options = {}) const;
  /// render(), with the ranges that Tokenizer::encode takes.
  Prompt render_marked(std::span<const Message> messages, const RenderOptions& options = {}) const;
  /// render() on messages as a JSON array, for members that Message does not have.
  Prompt render_json(std::string_view messages, const RenderOptions& options = {}) const;
  const std::string& source() const noexcept;

  class LOQUOR_HIDDEN Impl;

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace loquor
