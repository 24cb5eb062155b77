#include "nn/spec.h"

namespace loquor {

namespace {

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

const char* name(NormPlacement placement) {
  switch (placement) {
    case NormPlacement::pre:
      return "pre";
    case NormPlacement::post:
      return "post";
    case NormPlacement::sandwich:
      return "sandwich";
  }
  return "";
}

const char* name(HeadSpec::Pooling pooling) {
  switch (pooling) {
    case HeadSpec::Pooling::none:
      return "none";
    case HeadSpec::Pooling::first:
      return "first";
    case HeadSpec::Pooling::last:
      return "last";
    case HeadSpec::Pooling::mean:
      return "mean";
  }
  return "";
}

Json describe(const NormSpec& norm) {
  Json out = Json::object();
  if (norm.kind == NormKind::none) return out;
  out["kind"] = norm.kind == NormKind::rms ? "rms" : "layer";
  out["epsilon"] = norm.epsilon;
  if (norm.kind == NormKind::layer) out["bias"] = norm.bias;
  if (norm.offset != 0) out["offset"] = norm.offset;
  return out;
}

Json describe(const std::vector<double>& numbers) {
  Json out = Json::array();
  for (const double number : numbers) out.push_back(number);
  return out;
}

Json describe(const AttentionSpec& attention) {
  Json out = Json::object();
  out["heads"] = attention.heads;
  out["key_value_heads"] = attention.key_value_heads;
  out["head_width"] = attention.head_width;
  out["input_bias"] = attention.input_bias;
  out["output_bias"] = attention.output_bias;
  if (attention.scale) out["scale"] = *attention.scale;
  if (attention.soft_cap > 0) out["soft_cap"] = attention.soft_cap;
  out["window"] = attention.window;
  if (attention.head_norm) out["head_norm"] = describe(*attention.head_norm);
  if (attention.rope) out["rope"] = describe(*attention.rope);
  if (attention.relative_positions) out["relative_positions"] = true;
  if (attention.latent) {
    Json& latent = out["latent"];
    latent["query_rank"] = attention.latent->query_rank;
    latent["rank"] = attention.latent->rank;
    latent["value_width"] = attention.latent->value_width;
    latent["norm"] = describe(attention.latent->norm);
  }
  return out;
}

Json describe(const FeedForwardSpec& feed_forward) {
  Json out = Json::object();
  out["width"] = feed_forward.width;
  out["activation"] = feed_forward.activation;
  out["gated"] = feed_forward.gated;
  out["bias"] = feed_forward.bias;
  return out;
}

Json describe(const MixtureSpec& mixture) {
  Json out = Json::object();
  out["experts"] = mixture.experts;
  out["chosen"] = mixture.chosen;
  out["width"] = mixture.width;
  if (mixture.shared_width > 0) out["shared_width"] = mixture.shared_width;
  out["activation"] = mixture.activation;
  out["score"] = mixture.score == MixtureSpec::Score::softmax ? "softmax" : "sigmoid";
  out["choice_bias"] = mixture.choice_bias;
  out["normalize"] = mixture.normalize;
  out["scale"] = mixture.scale;
  out["groups"] = mixture.groups;
  out["chosen_groups"] = mixture.chosen_groups;
  return out;
}

Json describe(const BlockSpec& block) {
  Json out = Json::object();
  out["placement"] = name(block.placement);
  out["attention_norm"] = describe(block.attention_norm);
  out["attention"] = describe(block.attention);
  if (block.cross_attention) {
    out["cross_attention_norm"] = describe(block.cross_attention_norm);
    out["cross_attention"] = describe(*block.cross_attention);
  }
  out["feed_forward_norm"] = describe(block.feed_forward_norm);
  std::visit(Match{[&](const FeedForwardSpec& spec) { out["feed_forward"] = describe(spec); },
                   [&](const MixtureSpec& spec) { out["mixture"] = describe(spec); }},
             block.feed_forward);
  return out;
}

Json describe(const EmbeddingSpec& embedding) {
  Json out = Json::object();
  if (embedding.width > 0) out["width"] = embedding.width;
  if (embedding.scale != 1) out["scale"] = embedding.scale;
  std::visit(Match{[&](const EmbeddingSpec::NoPositions&) { out["positions"] = "none"; },
                   [&](const EmbeddingSpec::LearnedPositions&) { out["positions"] = "learned"; },
                   [&](const SinusoidSpec& sinusoid) {
                     out["positions"] = "sinusoids";
                     out["last_is_slowest"] = sinusoid.last_is_slowest;
                   }},
             embedding.positions);
  if (embedding.first_position > 0) out["first_position"] = embedding.first_position;
  if (embedding.types > 0) out["types"] = embedding.types;
  out["norm"] = describe(embedding.norm);
  return out;
}

Json describe(const StackSpec& stack) {
  Json out = Json::object();
  out["causal"] = stack.causal;
  out["embedding"] = describe(stack.embedding);
  if (stack.relative_bias) {
    Json& bias = out["relative_bias"];
    bias["buckets"] = stack.relative_bias->buckets;
    bias["max_distance"] = stack.relative_bias->max_distance;
  }
  out["shared_blocks"] = stack.shared_blocks;
  // Runs of equal blocks are told once.
  Json& blocks = out["blocks"] = Json::array();
  for (const BlockSpec& block : stack.blocks) {
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
  out["final_norm"] = describe(stack.final_norm);
  return out;
}

Json describe(const HeadSpec& head) {
  Json out = Json::object();
  out["task"] = name(head.task);
  out["pooling"] = name(head.pooling);
  if (head.transform) {
    Json& transform = out["transform"];
    transform["activation"] = head.transform->activation;
    transform["bias"] = head.transform->bias;
    transform["norm"] = describe(head.transform->norm);
  }
  out["outputs"] = head.outputs;
  out["tied"] = head.tied;
  out["bias"] = head.bias;
  if (head.scale != 1) out["scale"] = head.scale;
  if (head.soft_cap > 0) out["soft_cap"] = head.soft_cap;
  return out;
}

}  // namespace

Json describe(const RopeSpec& rope) {
  Json out = Json::object();
  out["theta"] = rope.theta;
  if (rope.width > 0) out["width"] = rope.width;
  out["interleaved"] = rope.interleaved;
  if (rope.attention_factor != 1) out["attention_factor"] = rope.attention_factor;
  std::visit(
      Match{[](const RopeSpec::None&) {},
            [&](const RopeSpec::Linear& linear) { out["linear_factor"] = linear.factor; },
            [&](const RopeSpec::Llama3& llama3) {
              Json& inner = out["llama3"];
              inner["factor"] = llama3.factor;
              inner["low_freq_factor"] = llama3.low_freq_factor;
              inner["high_freq_factor"] = llama3.high_freq_factor;
              inner["original_positions"] = llama3.original_positions;
            },
            [&](const RopeSpec::Yarn& yarn) {
              Json& inner = out["yarn"];
              inner["factor"] = yarn.factor;
              inner["beta_fast"] = yarn.beta_fast;
              inner["beta_slow"] = yarn.beta_slow;
              inner["original_positions"] = yarn.original_positions;
              inner["truncate"] = yarn.truncate;
            },
            [&](const RopeSpec::Factors& factors) { out["factors"] = describe(factors.factors); },
            [&](const RopeSpec::Dynamic& dynamic) {
              Json& inner = out["dynamic"];
              inner["factor"] = dynamic.factor;
              inner["original_positions"] = dynamic.original_positions;
            },
            [&](const RopeSpec::Long& scaling) {
              Json& inner = out["long"];
              inner["short_factors"] = describe(scaling.short_factors);
              inner["long_factors"] = describe(scaling.long_factors);
              inner["original_positions"] = scaling.original_positions;
            }},
      rope.scaling);
  return out;
}

double RopeSpec::original_positions() const {
  if (const auto* dynamic = std::get_if<Dynamic>(&scaling)) return dynamic->original_positions;
  if (const auto* both = std::get_if<Long>(&scaling)) return both->original_positions;
  return 0;
}

void set_usual_positions(ModelSpec& spec) {
  for (const BlockSpec& block : spec.last_stack().blocks) {
    if (!block.attention.rope || block.attention.rope->original_positions() <= 0) continue;
    spec.usual_positions = static_cast<std::int64_t>(block.attention.rope->original_positions());
    if (const auto* dynamic = std::get_if<RopeSpec::Dynamic>(&block.attention.rope->scaling))
      spec.positions = static_cast<std::int64_t>(dynamic->factor * dynamic->original_positions);
  }
  if (spec.usual_positions >= spec.positions) spec.usual_positions = 0;
}

std::string_view kind_of(const ModelSpec& spec) noexcept {
  if (!spec.decoder) return "encoder-only";
  return spec.encoder ? "encoder-decoder" : "decoder-only";
}

const char* name(HeadSpec::Task task) noexcept {
  switch (task) {
    case HeadSpec::Task::language:
      return "language";
    case HeadSpec::Task::masked:
      return "masked";
    case HeadSpec::Task::sequence:
      return "sequence";
    case HeadSpec::Task::token:
      return "token";
    case HeadSpec::Task::question:
      return "question";
  }
  return "";
}

Json describe(const ModelSpec& spec) {
  Json out = Json::object();
  out["vocabulary"] = spec.vocabulary;
  out["width"] = spec.width;
  out["positions"] = spec.positions;
  if (spec.usual_positions > 0) out["usual_positions"] = spec.usual_positions;
  if (spec.encoder) out["encoder"] = describe(*spec.encoder);
  if (spec.decoder) out["decoder"] = describe(*spec.decoder);
  if (spec.head) out["head"] = describe(*spec.head);
  return out;
}

}  // namespace loquor
