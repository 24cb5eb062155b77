// Generations: from models and sessions, piece by piece or in one call.
#include "guard.h"
#include "json.h"
#include "result.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

Generation stream_messages(const loquor_model* model, const char* messages, size_t length,
                           const loquor_options* options, const loquor_options* render) {
  const auto& value = handle(model, "model").value;
  const auto prompt = value.chat_template().render_json(text_argument(messages, length, "messages"),
                                                        options_argument<RenderOptions>(render));
  return value.stream(prompt, options_argument<GenerateOptions>(options));
}

// Calls the model with a list of texts, and gives an output for each.
template <class Call>
void give_outputs(const loquor_model* model, loquor_output** outputs, const char* const* given,
                  const size_t* lengths, size_t count, std::string_view what, Call&& call) {
  if (count != 0) required(outputs, "outputs");
  const Model& value = handle(model, "model").value;
  const auto texts = span_argument(given, count, what);
  const auto sizes = span_argument(lengths, count, "lengths");
  std::vector<std::string> list;
  for (size_t i = 0; i < count; ++i)
    list.emplace_back(text_argument(texts[i], sizes[i], text(what, "[", i, "]")));
  auto found = call(value, list);
  std::vector<std::unique_ptr<loquor_output>> made;
  for (Output& output : found) {
    loquor_output* one = nullptr;
    give_output(&one, std::move(output));
    made.emplace_back(one);
  }
  for (size_t i = 0; i < count; ++i) outputs[i] = made[i].release();
}

}  // namespace

int32_t loquor_model_generate(const loquor_model* model, const char* prompt, size_t length,
                              const loquor_options* options, loquor_output** output,
                              loquor_error** error) {
  return guard(error, [&] {
    required(output, "output");
    give_output(output, handle(model, "model")
                            .value.generate(text_argument(prompt, length, "prompt"),
                                            options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_model_generate_list(const loquor_model* model, const char* const* prompts,
                                   const size_t* lengths, size_t count,
                                   const loquor_options* options, loquor_output** outputs,
                                   loquor_error** error) {
  return guard(error, [&] {
    give_outputs(model, outputs, prompts, lengths, count, "prompts",
                 [&](const Model& value, const auto& list) {
                   return value.generate(list, options_argument<GenerateOptions>(options));
                 });
  });
}

int32_t loquor_model_generate_messages(const loquor_model* model, const char* messages,
                                       size_t length, const loquor_options* options,
                                       const loquor_options* render, loquor_output** output,
                                       loquor_error** error) {
  return guard(error, [&] {
    required(output, "output");
    give_output(output, stream_messages(model, messages, length, options, render).finish());
  });
}

int32_t loquor_model_stream(const loquor_model* model, const char* prompt, size_t length,
                            const loquor_options* options, loquor_generation** generation,
                            loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    give(generation, nullptr,
         handle(model, "model")
             .value.stream(text_argument(prompt, length, "prompt"),
                           options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_model_stream_ids(const loquor_model* model, const int32_t* ids, size_t count,
                                const loquor_options* options, loquor_generation** generation,
                                loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    give(generation, nullptr,
         handle(model, "model")
             .value.stream(span_argument(ids, count, "ids"),
                           options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_model_stream_messages(const loquor_model* model, const char* messages, size_t length,
                                     const loquor_options* options, const loquor_options* render,
                                     loquor_generation** generation, loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    give(generation, nullptr, stream_messages(model, messages, length, options, render));
  });
}

int32_t loquor_model_translate(const loquor_model* model, const char* const* texts,
                               const size_t* lengths, size_t count, const loquor_options* options,
                               loquor_output** outputs, loquor_error** error) {
  return guard(error, [&] {
    give_outputs(model, outputs, texts, lengths, count, "texts",
                 [&](const Model& value, const auto& list) {
                   return value.translate(list, options_argument<TranslateOptions>(options));
                 });
  });
}

int32_t loquor_model_summarize(const loquor_model* model, const char* const* texts,
                               const size_t* lengths, size_t count, const loquor_options* options,
                               loquor_output** outputs, loquor_error** error) {
  return guard(error, [&] {
    give_outputs(model, outputs, texts, lengths, count, "texts",
                 [&](const Model& value, const auto& list) {
                   return value.summarize(list, options_argument<SummarizeOptions>(options));
                 });
  });
}

int32_t loquor_generation_new(loquor_session* session, const char* prompt, size_t length,
                              const loquor_options* options, loquor_generation** generation,
                              loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    const auto& owner = handle(session, "session").value;
    give(generation, owner,
         Generation(*owner, text_argument(prompt, length, "prompt"),
                    options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_generation_new_ids(loquor_session* session, const int32_t* ids, size_t count,
                                  const loquor_options* options, loquor_generation** generation,
                                  loquor_error** error) {
  return guard(error, [&] {
    required(generation, "generation");
    const auto& owner = handle(session, "session").value;
    give(generation, owner,
         Generation(*owner, span_argument(ids, count, "ids"),
                    options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_generation_next(loquor_generation* generation, const char** text, size_t* length,
                               loquor_error** error) {
  return guard(error, [&]() -> std::int32_t {
    required(text, "text");
    required(length, "length");
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    auto piece = generation->value.next();
    if (!piece) return LOQUOR_DONE;
    generation->logprobs = logprob_arrays(piece->logprobs);
    generation->piece = std::move(*piece);
    *text = generation->piece.text.data();
    *length = generation->piece.text.size();
    return LOQUOR_OK;
  });
}

const int32_t* loquor_generation_ids(const loquor_generation* generation, size_t* count) {
  const bool any = usable(generation);
  if (count) *count = any ? generation->piece.ids.size() : 0;
  return any ? generation->piece.ids.data() : nullptr;
}

int32_t loquor_generation_logprobs(const loquor_generation* generation, size_t index,
                                   const int32_t** ids, const float** logprobs, size_t* count,
                                   loquor_error** error) {
  return guard(error, [&] {
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    give_logprobs(generation->logprobs, index, ids, logprobs, count);
  });
}

int64_t loquor_generation_live(const loquor_generation* generation) {
  return usable(generation) ? static_cast<int64_t>(generation->value.live().size()) : 0;
}

int32_t loquor_generation_live_ids(const loquor_generation* generation, size_t index,
                                   loquor_ids** ids, loquor_error** error) {
  return guard(error, [&] {
    required(ids, "ids");
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    const auto live = generation->value.live();
    if (index >= live.size()) {
      fail(Code::invalid_argument, "index: found ", index, ", expected less than ", live.size(),
           ", the sequences that go on");
    }
    give(ids, live[index]);
  });
}

int32_t loquor_generation_allow(loquor_generation* generation, size_t index, const int32_t* ids,
                                size_t count, loquor_error** error) {
  return guard(error, [&] {
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    const auto allowed = span_argument(ids, count, "ids");
    generation->value.allow(index, {allowed.begin(), allowed.end()});
  });
}

int32_t loquor_generation_finish_reason(const loquor_generation* generation) {
  return usable(generation) ? static_cast<int32_t>(generation->value.finish_reason()) : 0;
}

int32_t loquor_generation_output(const loquor_generation* generation, loquor_output** output,
                                 loquor_error** error) {
  return guard(error, [&] {
    required(output, "output");
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    give_output(output, generation->value.output());
  });
}

int32_t loquor_generation_finish(loquor_generation* generation, loquor_output** output,
                                 loquor_error** error) {
  return guard(error, [&] {
    required(output, "output");
    const Exclusive lock(handle(generation, "generation").busy, "the generation");
    give_output(output, generation->value.finish());
  });
}

void loquor_generation_cancel(const loquor_generation* generation) {
  if (usable(generation)) generation->value.cancel();
}

void loquor_generation_free(loquor_generation* generation) { release(generation); }
