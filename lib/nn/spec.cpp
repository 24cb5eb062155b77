#include "nn/spec.h"

#include "base/error.h"

namespace loquor {

namespace {

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

Json describe(const NormSpec& norm) {
  Json out = Json::object();
  out["kind"] = norm.kind == NormKind::rms ? "rms" : "layer";
  out["epsilon"] = norm.epsilon;
  return out;
}

Json describe(const RopeSpec& rope) {
  Json out = Json::object();
  out["theta"] = rope.theta;
  out["interleaved"] = rope.interleaved;
  std::visit(Match{[](const RopeSpec::None&) {},
                   [&](const RopeSpec::Linear& linear) { out["linear_factor"] = linear.factor; },
                   [&](const RopeSpec::Llama3& llama3) {
                     Json& inner = out["llama3"];
                     inner["factor"] = llama3.factor;
                     inner["low_freq_factor"] = llama3.low_freq_factor;
                     inner["high_freq_factor"] = llama3.high_freq_factor;
                     inner["original_positions"] = llama3.original_positions;
                   },
                   [&](const RopeSpec::Factors& factors) {
                     Json& list = out["factors"] = Json::array();
                     for (const double factor : factors.factors) list.push_back(factor);
                   }},
             rope.scaling);
  return out;
}

Json describe(const BlockSpec& block) {
  Json out = Json::object();
  out["norm"] = describe(block.norm);
  Json& attention = out["attention"];
  attention["heads"] = block.attention.heads;
  attention["key_value_heads"] = block.attention.key_value_heads;
  attention["head_width"] = block.attention.head_width;
  attention["input_bias"] = block.attention.input_bias;
  attention["output_bias"] = block.attention.output_bias;
  attention["window"] = block.attention.window;
  if (block.attention.rope) attention["rope"] = describe(*block.attention.rope);
  Json& feed_forward = out["feed_forward"];
  feed_forward["width"] = block.feed_forward.width;
  feed_forward["activation"] = block.feed_forward.activation;
  feed_forward["gated"] = block.feed_forward.gated;
  feed_forward["bias"] = block.feed_forward.bias;
  return out;
}

}  // namespace

Json describe(const ModelSpec& spec) {
  Json out = Json::object();
  out["vocabulary"] = spec.vocabulary;
  out["width"] = spec.width;
  out["positions"] = spec.positions;
  out["learned_positions"] = spec.learned_positions;
  out["tied_head"] = spec.tied_head;
  out["final_norm"] = describe(spec.final_norm);
  // Runs of equal blocks are told once.
  Json& blocks = out["blocks"] = Json::array();
  for (const BlockSpec& block : spec.blocks) {
    Json described = describe(block);
    if (blocks.size() > 0) {
      Json& last = blocks.as_array().back();
      if (last.at("block") == described) {
        last["count"] = last.at("count").as_integer() + 1;
        continue;
      }
    }
    Json run = Json::object();
    run["count"] = std::int64_t{1};
    run["block"] = std::move(described);
    blocks.push_back(std::move(run));
  }
  return out;
}

}  // namespace loquor
