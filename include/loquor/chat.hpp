// Chat: a conversation that keeps its history within the context.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "loquor/api.hpp"
#include "loquor/generation.hpp"
#include "loquor/message.hpp"
#include "loquor/model.hpp"

namespace LOQUOR_API loquor {

/// Renders the history by the model's own template, reads only what is new, and adds the answer to
/// it. Movable; one thread at a time. Throws Error(unsupported) for a model without a chat
/// template.
class Chat {
 public:
  explicit Chat(const Model& model, const ChatOptions& options = {});
  Chat(Chat&&) noexcept;
  Chat& operator=(Chat&&) noexcept;
  ~Chat();

  /// Adds a user turn and gives the answer. A call that fails before its
  /// first token leaves the history as it was; after that, what was said stays.
  Output send(std::string_view text, const GenerateOptions& options = {});
  /// send(), piece by piece. The answer joins the history at the stream's end (what there is of it
  /// when cancelled); the Chat must outlive the stream, and only one stream may be open.
  Generation stream(std::string_view text, const GenerateOptions& options = {});
  /// Adds any message (a tool's result, say) without an answer.
  void add(Message message);
  const std::vector<Message>& messages() const noexcept;
  /// Forgets all but the system message.
  void clear();

  class LOQUOR_HIDDEN Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace loquor
