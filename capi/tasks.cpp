// Tasks of encoders: their inputs, and what they give.
#include "guard.h"
#include "loquor/json.hpp"

using namespace loquor;
using namespace loquor::capi;

namespace {

const std::vector<Input>& inputs_of(const loquor_inputs* inputs, std::string_view what = "inputs") {
  return handle(inputs, what).values;
}

// All inputs, for a task that takes one kind of them.
template <class Kind>
std::vector<Kind> all_of(const loquor_inputs* inputs, std::string_view what,
                         std::string_view expected) {
  std::vector<Kind> list;
  for (const Input& input : inputs_of(inputs, what)) {
    const auto* value = std::get_if<Kind>(&input);
    if (!value)
      fail(Code::invalid_argument, what, ": found another kind of input, expected ", expected);
    list.push_back(*value);
  }
  return list;
}
std::vector<std::string> texts_of(const loquor_inputs* inputs, std::string_view what) {
  return all_of<std::string>(inputs, what, "texts");
}

Matrix matrix(const loquor_tensor* tensor, std::string_view what) {
  const loquor_tensor& found = handle(tensor, what);
  if (found.shape.size() != 2)
    fail(Code::invalid_argument, what, ": found ", found.shape.size(), " axes, expected 2");
  return {found.shape[0], found.shape[1], found.values};
}

void give_matrix(loquor_tensor** out, Matrix matrix) {
  give(out, std::move(matrix.values), std::vector{matrix.rows, matrix.columns});
}

}  // namespace

int32_t loquor_inputs_new(loquor_inputs** inputs, loquor_error** error) {
  return guard(error, [&] {
    required(inputs, "inputs");
    give(inputs);
  });
}

int32_t loquor_inputs_add_text(loquor_inputs* inputs, const char* text, size_t length,
                               loquor_error** error) {
  return guard(error, [&] {
    handle(inputs, "inputs").values.emplace_back(std::string(text_argument(text, length, "text")));
  });
}

int32_t loquor_inputs_add_pair(loquor_inputs* inputs, const char* first, size_t first_length,
                               const char* second, size_t second_length, loquor_error** error) {
  return guard(error, [&] {
    handle(inputs, "inputs")
        .values.emplace_back(TextPair{std::string(text_argument(first, first_length, "first")),
                                      std::string(text_argument(second, second_length, "second"))});
  });
}

int32_t loquor_inputs_add_ids(loquor_inputs* inputs, const int32_t* ids, const int32_t* types,
                              size_t count, loquor_error** error) {
  return guard(error, [&] {
    auto& list = handle(inputs, "inputs").values;
    const auto all = span_argument(ids, count, "ids");
    const auto kinds = std::span(types, types ? count : 0);
    list.emplace_back(TokenIds{{all.begin(), all.end()}, {kinds.begin(), kinds.end()}});
  });
}

void loquor_inputs_free(loquor_inputs* inputs) { release(inputs); }

int32_t loquor_model_embed(const loquor_model* model, const loquor_inputs* inputs,
                           const loquor_options* options, loquor_tensor** embeddings,
                           loquor_error** error) {
  return guard(error, [&] {
    required(embeddings, "embeddings");
    give_matrix(embeddings,
                handle(model, "model")
                    .value.embed(inputs_of(inputs), options_argument<EmbedOptions>(options)));
  });
}

int32_t loquor_model_similarity(const loquor_model* model, const loquor_tensor* a,
                                const loquor_tensor* b, loquor_tensor** similarities,
                                loquor_error** error) {
  return guard(error, [&] {
    required(similarities, "similarities");
    give_matrix(similarities,
                handle(model, "model").value.similarity(matrix(a, "a"), matrix(b, "b")));
  });
}

int32_t loquor_model_classify(const loquor_model* model, const loquor_inputs* inputs,
                              const loquor_options* options, loquor_string** json,
                              loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.classify(inputs_of(inputs),
                                           options_argument<ClassifyOptions>(options))));
  });
}

int32_t loquor_model_tag(const loquor_model* model, const loquor_inputs* inputs,
                         const loquor_options* options, loquor_string** json,
                         loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.tag(inputs_of(inputs), options_argument<TagOptions>(options))));
  });
}

int32_t loquor_model_fill_mask(const loquor_model* model, const loquor_inputs* inputs,
                               const loquor_options* options, loquor_string** json,
                               loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.fill_mask(inputs_of(inputs),
                                            options_argument<FillMaskOptions>(options))));
  });
}

int32_t loquor_model_score(const loquor_model* model, const loquor_inputs* inputs,
                           const loquor_options* options, loquor_string** json,
                           loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json,
         to_json(handle(model, "model")
                     .value.score(inputs_of(inputs), options_argument<ScoreOptions>(options))));
  });
}

int32_t loquor_model_answer(const loquor_model* model, const loquor_inputs* inputs,
                            const loquor_options* options, loquor_string** json,
                            loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.answer(all_of<TextPair>(inputs, "inputs", "pairs of texts"),
                                         options_argument<AnswerOptions>(options))));
  });
}

int32_t loquor_model_rerank(const loquor_model* model, const char* query, size_t length,
                            const loquor_inputs* inputs, const loquor_options* options,
                            loquor_string** json, loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.rerank(std::string(text_argument(query, length, "query")),
                                         texts_of(inputs, "inputs"),
                                         options_argument<RerankOptions>(options))));
  });
}

int32_t loquor_model_zero_shot(const loquor_model* model, const loquor_inputs* inputs,
                               const loquor_inputs* labels, const loquor_options* options,
                               loquor_string** json, loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, to_json(handle(model, "model")
                           .value.zero_shot(texts_of(inputs, "inputs"), texts_of(labels, "labels"),
                                            options_argument<ZeroShotOptions>(options))));
  });
}
