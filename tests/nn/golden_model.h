// A golden model opened as its spec and weights, so that tests may build it with another spec.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "data.h"
#include "io/gguf.h"
#include "io/safetensors.h"
#include "nn/loader.h"

namespace loquor::tests {

struct GoldenModel {
  std::string name;
  const Family* family;
  ModelSpec spec;
  Checkpoint weights;
  Checkpoint expected;
};

inline std::vector<std::int32_t> ids(const GoldenModel& golden, const char* name) {
  std::vector<std::int32_t> out;
  if (const StoredTensor* tensor = golden.expected.find(name)) {
    for (const float id : to_floats(*tensor)) out.push_back(static_cast<std::int32_t>(id));
  }
  return out;
}

inline Segments one_segment(const std::vector<std::int32_t>& ids) {
  Segments segments;
  segments.add(std::ssize(ids), 0);
  return segments;
}

// What the head makes of the golden input, or the last hidden states where there is none.
inline Tensor run(const GoldenModel& golden, const Transformer& transformer,
                  const Runtime& runtime) {
  Context context(runtime);
  const ModelSpec& spec = golden.spec;
  const auto source = ids(golden, "ids"), types = ids(golden, "types");
  Segments segments = one_segment(source);
  Tensor hidden;
  if (spec.encoder) hidden = transformer.encode(context, source, types, segments);
  if (spec.decoder) {
    KeyValueCache encoded(runtime, cross_cache_layers(transformer.spec(), CacheType::f32));
    if (spec.encoder) transformer.remember(context, hidden, segments, {&encoded});
    const auto own = spec.encoder ? ids(golden, "decoder_ids") : source;
    segments = one_segment(own);
    KeyValueCache cache(runtime, cache_layers(transformer.spec(), CacheType::f32), std::ssize(own));
    PackedBatch batch{segments, {&cache}, {}};
    if (spec.encoder) batch.encoded.push_back(&encoded);
    hidden = transformer.forward(context, own, batch);
  }
  return spec.head ? transformer.pooled_logits(context, hidden, segments) : hidden;
}

/// A folder of tests/golden, or with ".gguf" behind its name the file of that name in it.
inline GoldenModel open_golden(const std::string& name) {
  const std::filesystem::path file(name);
  const auto folder = golden(file.stem());
  const bool gguf = file.extension() == ".gguf";
  const LoadedModel loaded =
      load_model((gguf ? folder / file : folder).string(), {.compute_type = "f32"});
  for (const Family* family : families()) {
    if (family->names[0] != loaded.info.architecture) continue;
    return {
        name, family, loaded.transformer->spec(),
        gguf ? read_gguf(folder / file).tensors : read_safetensors(folder / "model.safetensors"),
        read_safetensors(folder / "expected.safetensors")};
  }
  throw std::runtime_error("no family " + loaded.info.architecture);
}

/// The largest difference from what transformers computed, in units of the largest value; infinite
/// where a model of that spec does not even load.
inline double difference(const GoldenModel& golden, const ModelSpec& spec) {
  const Runtime runtime({.threads = 1});
  Weights weights(runtime, golden.weights, *golden.family, {});
  try {
    check(spec);
    const Tensor found = run(golden, Transformer(runtime, spec, weights), runtime);
    const std::string last =
        "hidden_states." + std::to_string(golden.spec.last_stack().blocks.size());
    const std::vector<float> expected =
        to_floats(golden.expected.at(golden.spec.head ? "logits" : last));
    if (found.size() != std::ssize(expected)) return INFINITY;
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto one = static_cast<double>(std::abs(found.data()[i] - expected[i]));
      most = std::isnan(one) ? INFINITY : std::max(most, one);
      scale = std::max(scale, static_cast<double>(std::abs(expected[i])));
    }
    return most / scale;
  } catch (const Error&) {
    return INFINITY;
  }
}

}  // namespace loquor::tests
