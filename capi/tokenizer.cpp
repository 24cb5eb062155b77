// The model's tokenizer and chat template.
#include "guard.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

const Tokenizer& tokenizer(const loquor_model* model) {
  return handle(model, "model").value.tokenizer();
}

std::optional<std::int32_t> special_id(const Tokenizer& tokenizer, std::string_view role) {
  if (role == "bos") return tokenizer.bos_token_id();
  if (role == "eos") return tokenizer.eos_token_id();
  if (role == "unk") return tokenizer.unk_token_id();
  if (role == "pad") return tokenizer.pad_token_id();
  if (role == "sep") return tokenizer.sep_token_id();
  if (role == "cls") return tokenizer.cls_token_id();
  if (role == "mask") return tokenizer.mask_token_id();
  fail(Code::invalid_argument, "role: found ", quoted(role),
       ", expected bos, eos, unk, pad, sep, cls or mask");
}

void give_encoding(loquor_ids** ids, Encoding encoding) {
  std::vector<std::int64_t> offsets;
  std::vector<std::int32_t> origins;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    const auto [begin, end] = encoding.offsets[i];
    offsets.insert(offsets.end(), {begin, end});
    origins.insert(origins.end(),
                   {encoding.type_ids[i], encoding.sequence_ids[i], encoding.word_ids[i]});
  }
  give(ids, std::move(encoding.ids), true, std::move(offsets), std::move(origins));
}

// Keeps a stream's text alive until its next call, and gives it out.
void give_text(loquor_tokenizer_stream& stream, std::string value, const char** text,
               size_t* length) {
  stream.text = std::move(value);
  *text = stream.text.data();
  *length = stream.text.size();
}

}  // namespace

int32_t loquor_tokenizer_encode(const loquor_model* model, const char* text, size_t length,
                                const loquor_options* options, loquor_ids** ids,
                                loquor_error** error) {
  return guard(error, [&] {
    required(ids, "ids");
    give(ids, tokenizer(model).encode(text_argument(text, length, "text"),
                                      options_argument<EncodeOptions>(options)));
  });
}

int32_t loquor_tokenizer_encode_with_offsets(const loquor_model* model, const char* text,
                                             size_t length, const loquor_options* options,
                                             loquor_ids** ids, loquor_error** error) {
  return guard(error, [&] {
    required(ids, "ids");
    give_encoding(ids,
                  tokenizer(model).encode_with_offsets(text_argument(text, length, "text"),
                                                       options_argument<EncodeOptions>(options)));
  });
}

int32_t loquor_tokenizer_encode_pair(const loquor_model* model, const char* first,
                                     size_t first_length, const char* second, size_t second_length,
                                     const loquor_options* options, loquor_ids** ids,
                                     loquor_error** error) {
  return guard(error, [&] {
    required(ids, "ids");
    give_encoding(ids, tokenizer(model).encode_pair(text_argument(first, first_length, "first"),
                                                    text_argument(second, second_length, "second"),
                                                    options_argument<EncodeOptions>(options)));
  });
}

int32_t loquor_tokenizer_decode(const loquor_model* model, const int32_t* ids, size_t count,
                                int32_t skip_special_tokens, loquor_string** text,
                                loquor_error** error) {
  return guard(error, [&] {
    required(text, "text");
    give(text, tokenizer(model).decode(span_argument(ids, count, "ids"), skip_special_tokens != 0));
  });
}

int32_t loquor_tokenizer_vocabulary_size(const loquor_model* model, int32_t* size,
                                         loquor_error** error) {
  return guard(error, [&] {
    required(size, "size");
    *size = tokenizer(model).vocabulary_size();
  });
}

int32_t loquor_tokenizer_token(const loquor_model* model, int32_t id, loquor_string** token,
                               loquor_error** error) {
  return guard(error, [&] {
    required(token, "token");
    give(token, tokenizer(model).token(id));
  });
}

int32_t loquor_tokenizer_id(const loquor_model* model, const char* token, size_t length,
                            int32_t* id, loquor_error** error) {
  return guard(error, [&] {
    required(id, "id");
    const auto name = text_argument(token, length, "token");
    const auto found = tokenizer(model).id(name);
    if (!found) fail(Code::not_found, "the vocabulary has no token ", quoted(name));
    *id = *found;
  });
}

int32_t loquor_tokenizer_special_id(const loquor_model* model, const char* role, int32_t* id,
                                    loquor_error** error) {
  return guard(error, [&] {
    required(id, "id");
    const auto found = special_id(tokenizer(model), required(role, "role"));
    if (!found) fail(Code::not_found, "the tokenizer has no ", std::string_view(role), " token");
    *id = *found;
  });
}

int32_t loquor_tokenizer_stream_new(const loquor_model* model, int32_t skip_special_tokens,
                                    loquor_tokenizer_stream** stream, loquor_error** error) {
  return guard(error, [&] {
    required(stream, "stream");
    give(stream, Tokenizer::Stream(tokenizer(model), skip_special_tokens != 0));
  });
}

int32_t loquor_tokenizer_stream_push(loquor_tokenizer_stream* stream, int32_t id, const char** text,
                                     size_t* length, loquor_error** error) {
  return guard(error, [&] {
    required(text, "text");
    required(length, "length");
    const Exclusive lock(handle(stream, "stream").busy, "the tokenizer stream");
    give_text(*stream, stream->value.push(id), text, length);
  });
}

int32_t loquor_tokenizer_stream_finish(loquor_tokenizer_stream* stream, const char** text,
                                       size_t* length, loquor_error** error) {
  return guard(error, [&] {
    required(text, "text");
    required(length, "length");
    const Exclusive lock(handle(stream, "stream").busy, "the tokenizer stream");
    give_text(*stream, stream->value.finish(), text, length);
  });
}

void loquor_tokenizer_stream_free(loquor_tokenizer_stream* stream) { release(stream); }

int32_t loquor_chat_template_render(const loquor_model* model, const char* messages, size_t length,
                                    const loquor_options* options, loquor_string** prompt,
                                    loquor_error** error) {
  return guard(error, [&] {
    required(prompt, "prompt");
    const auto& chat_template = handle(model, "model").value.chat_template();
    give(prompt, chat_template
                     .render_json(text_argument(messages, length, "messages"),
                                  options_argument<RenderOptions>(options))
                     .text);
  });
}
