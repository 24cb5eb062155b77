// Every option of a spec matters: a model built with one of them changed no longer agrees with
// transformers.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "base/bytes.h"
#include "data.h"
#include "io/safetensors.h"
#include "nn/loader.h"
#include "ops/gather.h"

namespace loquor {
namespace {

struct Golden {
  const char* name;
  const Family* family;
  ModelSpec spec;
  Checkpoint weights;
  Checkpoint expected;
};

Golden open(const char* name) {
  const auto folder = tests::golden(name);
  Config config(Json::parse(read_text(folder / "config.json")), name);
  const std::string type = config.string("model_type");
  for (const Family* family : families()) {
    if (family->names[0] != type) continue;
    ModelSpec spec = family->spec(config);
    spec.head = family->head(config, HeadSpec::Task::language);
    spec.head->outputs = spec.vocabulary;
    return {name, family, std::move(spec), read_safetensors(folder / "model.safetensors"),
            read_safetensors(folder / "expected.safetensors")};
  }
  throw std::runtime_error("no family " + type);
}

// The largest difference from the golden logits, in units of the largest; infinite where the model
// does not even load.
double difference(const Golden& golden, const ModelSpec& spec) {
  const Runtime runtime({.threads = 1});
  Weights weights(runtime, golden.weights, *golden.family, {});
  try {
    check(spec);
    const Transformer transformer(runtime, spec, weights);
    Context context(runtime);
    std::vector<std::int32_t> ids;
    for (const float id : to_floats(golden.expected.at("ids")))
      ids.push_back(static_cast<std::int32_t>(id));
    KeyValueCache cache(runtime, cache_layers(spec, CacheType::f32));
    PackedBatch batch;
    batch.segments.add(static_cast<std::int64_t>(ids.size()), 0);
    batch.caches.push_back(&cache);
    const Tensor logits = transformer.logits(context, transformer.forward(context, ids, batch));
    const auto expected = to_floats(golden.expected.at("logits"));
    if (static_cast<std::size_t>(logits.size()) != expected.size()) return INFINITY;
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      most = std::max(most, static_cast<double>(std::abs(logits.data()[i] - expected[i])));
      scale = std::max(scale, static_cast<double>(std::abs(expected[i])));
    }
    return most / scale;
  } catch (const Error&) {
    return INFINITY;
  }
}

struct Mutation {
  const char* option;
  std::function<void(ModelSpec&)> apply;  // no change where the option does not apply
};

template <class Function>
std::function<void(ModelSpec&)> each_block(Function change) {
  return [change](ModelSpec& spec) {
    for (BlockSpec& block : spec.decoder->blocks) change(block);
  };
}

template <class Function>
std::function<void(ModelSpec&)> each_rope(Function change) {
  return each_block([change](BlockSpec& block) {
    if (block.attention.rope) change(*block.attention.rope);
  });
}

template <class Kind, class Function>
std::function<void(ModelSpec&)> each_scaling(Function change) {
  return each_rope([change](RopeSpec& rope) {
    if (auto* scaling = std::get_if<Kind>(&rope.scaling)) change(*scaling);
  });
}

const std::vector<Mutation> kMutations = {
    {"norm.kind", each_block([](BlockSpec& block) {
       NormKind& kind = block.attention_norm.kind;
       kind = kind == NormKind::rms ? NormKind::layer : NormKind::rms;
     })},
    {"norm.epsilon", each_block([](BlockSpec& block) { block.attention_norm.epsilon *= 100; })},
    {"final_norm.kind",
     [](ModelSpec& spec) {
       spec.decoder->final_norm.kind =
           spec.decoder->final_norm.kind == NormKind::rms ? NormKind::layer : NormKind::rms;
     }},
    {"final_norm.epsilon", [](ModelSpec& spec) { spec.decoder->final_norm.epsilon *= 100; }},
    {"attention.heads", each_block([](BlockSpec& block) { block.attention.heads *= 2; })},
    {"attention.key_value_heads", each_block([](BlockSpec& block) {
       block.attention.key_value_heads = block.attention.heads;
       block.attention.heads = 2 * block.attention.heads;
     })},
    {"attention.head_width", each_block([](BlockSpec& block) { block.attention.head_width += 2; })},
    {"attention.input_bias", each_block([](BlockSpec& block) {
       block.attention.input_bias = !block.attention.input_bias;
     })},
    {"attention.output_bias", each_block([](BlockSpec& block) {
       block.attention.output_bias = !block.attention.output_bias;
     })},
    {"attention.window", each_block([](BlockSpec& block) {
       if (block.attention.window > 0) ++block.attention.window;
     })},
    {"attention.rope", each_block([](BlockSpec& block) { block.attention.rope.reset(); })},
    {"rope.theta", each_rope([](RopeSpec& rope) { rope.theta *= 1.01; })},
    {"rope.interleaved", each_rope([](RopeSpec& rope) { rope.interleaved = !rope.interleaved; })},
    {"rope.scaling", each_rope([](RopeSpec& rope) { rope.scaling = RopeSpec::None{}; })},
    {"linear.factor", each_scaling<RopeSpec::Linear>([](auto& scaling) { scaling.factor *= 1.1; })},
    {"llama3.factor", each_scaling<RopeSpec::Llama3>([](auto& scaling) { scaling.factor *= 1.1; })},
    {"llama3.low_freq_factor",
     each_scaling<RopeSpec::Llama3>([](auto& scaling) { scaling.low_freq_factor *= 1.5; })},
    {"llama3.high_freq_factor",
     each_scaling<RopeSpec::Llama3>([](auto& scaling) { scaling.high_freq_factor *= 1.5; })},
    {"llama3.original_positions",
     each_scaling<RopeSpec::Llama3>([](auto& scaling) { scaling.original_positions *= 1.5; })},
    {"feed_forward.width", each_block([](BlockSpec& block) { block.feed_forward.width += 2; })},
    {"feed_forward.activation", each_block([](BlockSpec& block) {
       block.feed_forward.activation =
           block.feed_forward.activation == "gelu_new" ? "gelu" : "gelu_new";
     })},
    {"feed_forward.gated",
     each_block([](BlockSpec& block) { block.feed_forward.gated = !block.feed_forward.gated; })},
    {"feed_forward.bias",
     each_block([](BlockSpec& block) { block.feed_forward.bias = !block.feed_forward.bias; })},
    {"learned_positions",
     [](ModelSpec& spec) {
       auto& positions = spec.decoder->embedding.positions;
       if (positions.index() == 0) {
         positions = EmbeddingSpec::LearnedPositions{};
       } else {
         positions = EmbeddingSpec::NoPositions{};
       }
     }},
    {"tied_head", [](ModelSpec& spec) { spec.head->tied = !spec.head->tied; }},
    {"vocabulary", [](ModelSpec& spec) { ++spec.vocabulary; }},
    {"width", [](ModelSpec& spec) { spec.width += 2; }},
    {"blocks", [](ModelSpec& spec) { spec.decoder->blocks.pop_back(); }},
};

TEST_CASE("a spec with any one option changed fails a golden test") {
  std::vector<Golden> models;
  for (const char* name : {"llama", "llama3_rope", "llama_linear_rope", "llama_biases", "mistral",
                           "qwen2", "qwen2_window", "gpt2"}) {
    models.push_back(open(name));
    REQUIRE(difference(models.back(), models.back().spec) <= 2e-5);
  }
  for (const Mutation& mutation : kMutations) {
    CAPTURE(mutation.option);
    int noticed = 0;
    for (const Golden& golden : models) {
      ModelSpec spec = golden.spec;
      mutation.apply(spec);
      noticed += difference(golden, spec) > 2e-5;
    }
    CHECK(noticed > 0);
  }
}

TEST_CASE("each option that a family sets matters in that family") {
  // Of the models in which the option has a meaning, every single one notices.
  const std::pair<const char*, const char*> pairs[] = {{"llama", "rope.theta"},
                                                       {"llama", "rope.interleaved"},
                                                       {"llama", "norm.epsilon"},
                                                       {"llama", "feed_forward.activation"},
                                                       {"llama", "tied_head"},
                                                       {"llama3_rope", "rope.scaling"},
                                                       {"llama_linear_rope", "rope.scaling"},
                                                       {"llama_biases", "attention.output_bias"},
                                                       {"llama_biases", "feed_forward.bias"},
                                                       {"mistral", "attention.window"},
                                                       {"mistral", "attention.head_width"},
                                                       {"qwen2", "attention.input_bias"},
                                                       {"qwen2", "rope.theta"},
                                                       {"qwen2_window", "attention.window"},
                                                       {"gpt2", "learned_positions"},
                                                       {"gpt2", "final_norm.epsilon"},
                                                       {"gpt2", "feed_forward.activation"}};
  for (const auto& [model, option] : pairs) {
    CAPTURE(model);
    CAPTURE(option);
    const Golden golden = open(model);
    for (const Mutation& mutation : kMutations) {
      if (std::string_view(mutation.option) != option) continue;
      ModelSpec spec = golden.spec;
      mutation.apply(spec);
      CHECK(difference(golden, spec) > 2e-5);
    }
  }
}

}  // namespace
}  // namespace loquor
