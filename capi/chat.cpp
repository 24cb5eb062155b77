// Chat: a conversation that keeps its history.
#include "guard.h"
#include "loquor/json.hpp"
#include "result.h"

using namespace loquor;
using namespace loquor::capi;

int32_t loquor_chat_new(const loquor_model* model, const loquor_options* options,
                        loquor_chat** chat, loquor_error** error) {
  return guard(error, [&] {
    required(chat, "chat");
    give(chat, std::make_shared<Chat>(handle(model, "model").value,
                                      options_argument<ChatOptions>(options)));
  });
}

int32_t loquor_chat_send(loquor_chat* chat, const char* text, size_t length,
                         const loquor_options* options, loquor_output** output,
                         loquor_error** error) {
  return guard(error, [&] {
    required(output, "output");
    const Exclusive lock(handle(chat, "chat").busy, "the chat");
    give_output(output, chat->value->send(text_argument(text, length, "text"),
                                          options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_chat_stream(loquor_chat* chat, const char* text, size_t length,
                           const loquor_options* options, loquor_generation** generation,
                           loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    const Exclusive lock(handle(chat, "chat").busy, "the chat");
    give(generation, chat->value,
         chat->value->stream(text_argument(text, length, "text"),
                             options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_chat_add(loquor_chat* chat, const char* message, size_t length,
                        loquor_error** error) {
  return guard(error, [&] {
    const Exclusive lock(handle(chat, "chat").busy, "the chat");
    chat->value->add(message_from_json(text_argument(message, length, "message")));
  });
}

int32_t loquor_chat_messages(const loquor_chat* chat, loquor_string** json, loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    const Exclusive lock(handle(chat, "chat").busy, "the chat");
    give(json, to_json(chat->value->messages()));
  });
}

int32_t loquor_chat_clear(loquor_chat* chat, loquor_error** error) {
  return guard(error, [&] {
    const Exclusive lock(handle(chat, "chat").busy, "the chat");
    chat->value->clear();
  });
}

void loquor_chat_free(loquor_chat* chat) { release(chat); }
