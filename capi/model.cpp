// Models: opening, information, and whole passes over ids.
#include "guard.h"
#include "loquor/json.hpp"

using namespace loquor;
using namespace loquor::capi;

namespace {

ModelOptions model_arguments(loquor_runtime* runtime, const loquor_options* options) {
  auto values = options_argument<ModelOptions>(options);
  if (runtime) values.runtime = handle(runtime, "runtime").value;
  return values;
}

// What a pass over whole texts is given.
struct PassArguments {
  const Model& model;
  std::span<const std::int32_t> ids;
  std::span<const std::int32_t> decoder_ids;
};
PassArguments pass_of(const loquor_model* model, const int32_t* ids, size_t count,
                      const int32_t* decoder_ids, size_t decoder_count) {
  return {handle(model, "model").value, span_argument(ids, count, "ids"),
          span_argument(decoder_ids, decoder_count, "decoder_ids")};
}

// Layers that have one shape, as one tensor.
template <class Layer>
void give_layers(loquor_tensor** out, std::vector<Layer> layers, std::vector<std::int64_t> shape) {
  std::vector<float> values;
  for (Layer& layer : layers) {
    const std::vector<float> own = std::move(layer.values);  // freed before the next is copied
    if (values.empty()) values.reserve(layers.size() * own.size());
    values.insert(values.end(), own.begin(), own.end());
  }
  shape.insert(shape.begin(), static_cast<std::int64_t>(layers.size()));
  give(out, std::move(values), std::move(shape));
}

void give_attentions(loquor_tensor** out, std::vector<AttentionWeights> layers) {
  const AttentionWeights& last = layers.back();
  std::vector shape{last.heads, last.rows, last.positions};
  give_layers(out, std::move(layers), std::move(shape));
}

}  // namespace

int32_t loquor_model_open(loquor_runtime* runtime, const char* path, const loquor_options* options,
                          loquor_model** model, loquor_error** error) {
  return guard(error, [&] {
    required(model, "model");
    required(path, "path");
    give(model, Model(path, model_arguments(runtime, options)));
  });
}

int32_t loquor_model_open_memory(loquor_runtime* runtime, const void* data, size_t size,
                                 const loquor_options* options, loquor_model** model,
                                 loquor_error** error) {
  return guard(error, [&] {
    required(model, "model");
    const auto bytes = span_argument(static_cast<const std::byte*>(data), size, "data");
    give(model, Model::from_memory(bytes, model_arguments(runtime, options)));
  });
}

int32_t loquor_model_open_reader(loquor_runtime* runtime, uint64_t size, loquor_read_callback read,
                                 void* context, const loquor_options* options, loquor_model** model,
                                 loquor_error** error) {
  return guard(error, [&] {
    required(model, "model");
    required(read, "read");
    const auto reader = [read, context](uint64_t offset, void* destination, size_t count) {
      return read(context, offset, destination, count);
    };
    give(model, Model::from_reader(size, reader, model_arguments(runtime, options)));
  });
}

int32_t loquor_model_inspect(const char* path, const loquor_options* options, loquor_string** json,
                             loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    required(path, "path");
    give(json, to_json(Model::inspect(path, model_arguments(nullptr, options))));
  });
}

int32_t loquor_model_info(const loquor_model* model, loquor_string** json, loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    const auto& value = handle(model, "model").value;
    auto info = Json::parse(to_json(value.info()));
    info["generation_defaults"] = generate_options().to_json(value.generation_defaults());
    give(json, info.dump());
  });
}

int64_t loquor_model_context_length(const loquor_model* model) {
  return usable(model) ? model->value.info().context_length : 0;
}

int32_t loquor_model_has_tokenizer(const loquor_model* model) {
  return usable(model) && model->value.has_tokenizer();
}

int32_t loquor_model_has_chat_template(const loquor_model* model) {
  return usable(model) && model->value.has_chat_template();
}

void loquor_model_free(loquor_model* model) { release(model); }

int32_t loquor_model_logits(const loquor_model* model, const int32_t* ids, size_t count,
                            const int32_t* decoder_ids, size_t decoder_count, int64_t last,
                            const loquor_cancel* cancel, loquor_tensor** logits,
                            loquor_error** error) {
  return guard(error, [&] {
    required(logits, "logits");
    const auto [value, source, own] = pass_of(model, ids, count, decoder_ids, decoder_count);
    const auto rows = last < 0 ? std::nullopt : std::optional(last);
    Logits values = decoder_ids ? value.logits(source, own, rows, cancel_argument(cancel))
                                : value.logits(source, rows, cancel_argument(cancel));
    std::vector shape{values.rows, values.vocabulary};
    give(logits, std::move(values.values), std::move(shape));
  });
}

int32_t loquor_model_hidden_states(const loquor_model* model, const int32_t* ids, size_t count,
                                   const int32_t* decoder_ids, size_t decoder_count,
                                   const loquor_cancel* cancel, loquor_tensor** states,
                                   loquor_error** error) {
  return guard(error, [&] {
    required(states, "states");
    const auto [value, source, own] = pass_of(model, ids, count, decoder_ids, decoder_count);
    auto layers = decoder_ids ? value.hidden_states(source, own, cancel_argument(cancel))
                              : value.hidden_states(source, cancel_argument(cancel));
    std::vector shape{layers.back().rows, layers.back().width};
    give_layers(states, std::move(layers), std::move(shape));
  });
}

int32_t loquor_model_attentions(const loquor_model* model, const int32_t* ids, size_t count,
                                const int32_t* decoder_ids, size_t decoder_count,
                                const loquor_cancel* cancel, loquor_tensor** attentions,
                                loquor_error** error) {
  return guard(error, [&] {
    required(attentions, "attentions");
    const auto [value, source, own] = pass_of(model, ids, count, decoder_ids, decoder_count);
    give_attentions(attentions, decoder_ids ? value.attentions(source, own, cancel_argument(cancel))
                                            : value.attentions(source, cancel_argument(cancel)));
  });
}

int32_t loquor_model_cross_attentions(const loquor_model* model, const int32_t* ids, size_t count,
                                      const int32_t* decoder_ids, size_t decoder_count,
                                      const loquor_cancel* cancel, loquor_tensor** attentions,
                                      loquor_error** error) {
  return guard(error, [&] {
    required(attentions, "attentions");
    const auto [value, source, own] = pass_of(model, ids, count, decoder_ids, decoder_count);
    give_attentions(attentions, value.cross_attentions(source, own, cancel_argument(cancel)));
  });
}

int32_t loquor_model_log_probabilities(const loquor_model* model, const int32_t* ids, size_t count,
                                       const loquor_cancel* cancel, loquor_tensor** values,
                                       loquor_error** error) {
  return guard(error, [&] {
    required(values, "values");
    auto found =
        handle(model, "model")
            .value.log_probabilities(span_argument(ids, count, "ids"), cancel_argument(cancel));
    const auto size = static_cast<std::int64_t>(found.size());
    give(values, std::move(found), std::vector{size});
  });
}
