#include "loquor/chat.hpp"

#include <algorithm>
#include <new>

#include "base/error.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_impl.h"
#include "decode/options/options.h"

namespace loquor {

class Chat::Impl : public std::enable_shared_from_this<Chat::Impl> {
 public:
  Impl(const Model& model, const ChatOptions& options);
  Generation stream(std::string_view text, const GenerateOptions& options);

  std::vector<Message> messages;

 private:
  struct Fitted {
    std::vector<std::int32_t> ids;
    std::int64_t dropped = 0;  // turns left out
  };
  Fitted fit(std::int64_t room) const;
  std::vector<std::int32_t> encode(std::span<const Message> shown) const;
  std::vector<std::int32_t> unread(const std::vector<std::int32_t>& ids);

  Model model_;
  ChatOptions options_;
  Session session_;
  bool streaming_ = false;
};

Chat::Impl::Impl(const Model& model, const ChatOptions& options)
    : model_((require_decoder(model, "chat"), model)),
      options_((chat_options().validate(options), options)),
      session_(model, options.session) {
  model.chat_template();
  model.tokenizer();
  if (!options.system.empty()) messages.push_back({"system", options.system, {}, {}});
}

std::vector<std::int32_t> Chat::Impl::encode(std::span<const Message> shown) const {
  const RenderOptions render{
      .add_generation_prompt = true, .tools = options_.tools, .variables = options_.variables};
  return encode_prompt(model_, model_.chat_template().render_marked(shown, render), false);
}

// The history's ids, cut as context_overflow says to leave the answer its room.
Chat::Impl::Fitted Chat::Impl::fit(std::int64_t room) const {
  Fitted fitted{encode(messages), 0};
  const auto fits = [&] { return static_cast<std::int64_t>(fitted.ids.size()) <= room; };
  if (fits()) return fitted;
  const std::size_t whole = fitted.ids.size();
  if (options_.context_overflow == "truncate_left") {
    fitted.ids.erase(fitted.ids.begin(), fitted.ids.end() - room);
    return fitted;
  }
  if (options_.context_overflow == "drop_oldest_turns") {
    std::vector<Message> shown = messages;
    const auto is_user = [](const Message& message) { return message.role == "user"; };
    while (true) {
      const auto oldest = std::find_if(shown.begin(), shown.end(), is_user);
      const auto next =
          oldest == shown.end() ? oldest : std::find_if(oldest + 1, shown.end(), is_user);
      if (next == shown.end()) break;  // the last turn is what is asked: it stays
      shown.erase(oldest, next);
      fitted = {encode(shown), fitted.dropped + 1};
      if (fits()) return fitted;
    }
  }
  fail(Code::context_full, "the conversation takes ", whole,
       " tokens, and the context has room for ", room, " beside the answer; context_overflow is ",
       quoted(options_.context_overflow));
}

// Goes back to what the session and `ids` have in common, and gives the rest.
std::vector<std::int32_t> Chat::Impl::unread(const std::vector<std::int32_t>& ids) {
  const std::vector<std::int32_t> read = session_.ids();
  const std::size_t most =
      std::min(read.size(), ids.size() - 1);  // one id at least is read, for its logits
  const auto split =
      std::mismatch(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(most), read.begin())
          .first;
  session_.rewind(split - ids.begin());
  return {split, ids.end()};
}

Generation Chat::Impl::stream(std::string_view text, const GenerateOptions& given) {
  if (streaming_) fail(Code::busy, "the chat has an open stream: finish it first");
  const GenerateOptions options = with_defaults(given, model_.generation_defaults());
  messages.push_back({"user", std::string(text), {}, {}});
  try {
    // The answer gets max_new_tokens, at most half of the context, or a quarter of it where nothing
    // is said.
    std::int64_t context = session_.context_length();
    if (!options.max_new_tokens && options.max_length)
      context = std::min(context, *options.max_length);
    const std::int64_t answer = std::min(options.max_new_tokens.value_or(context / 4), context / 2);
    Fitted fitted = fit(std::max<std::int64_t>(1, context - answer));
    auto generation =
        make_generation(session_, unread(fitted.ids), given, model_.generation_defaults());
    generation->output.dropped_turns = fitted.dropped;
    generation->on_end = [self = shared_from_this()](const Output& output, bool failed) {
      self->streaming_ = false;
      const bool given_up = failed || output.finish_reason == FinishReason::cancelled;
      if (given_up && output.ids.empty()) {
        self->messages.pop_back();  // as if not asked
        return;
      }
      try {
        self->messages.push_back({"assistant", output.text, {}, {}});
      } catch (const std::bad_alloc&) {
        self->messages.pop_back();  // no memory for the answer
      }
    };
    streaming_ = true;
    return Generation(std::move(generation));
  } catch (...) {
    messages.pop_back();
    throw;
  }
}

Chat::Chat(const Model& model, const ChatOptions& options)
    : impl_(std::make_shared<Impl>(model, options)) {}
Chat::Chat(Chat&&) noexcept = default;
Chat& Chat::operator=(Chat&&) noexcept = default;
Chat::~Chat() = default;

Generation Chat::stream(std::string_view text, const GenerateOptions& options) {
  return impl_->stream(text, options);
}
Output Chat::send(std::string_view text, const GenerateOptions& options) {
  return stream(text, options).finish();
}
void Chat::add(Message message) { impl_->messages.push_back(std::move(message)); }
const std::vector<Message>& Chat::messages() const noexcept { return impl_->messages; }

void Chat::clear() {
  auto& messages = impl_->messages;
  std::erase_if(messages, [](const Message& message) { return message.role != "system"; });
}

}  // namespace loquor
