// The names of all members of a spec, so that none goes unnoticed; for mutation_test.cpp alone. A
// struct that gets a member more does not compile here before that is named too.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "nn/spec.h"

namespace loquor::tests {
namespace {

// Members that are structs with names of their own are left out.
using Members = std::vector<const char*>;

Members members(const NormSpec& spec) {
  [[maybe_unused]] const auto& [kind, epsilon, bias, offset] = spec;
  return {"kind", "epsilon", "bias", "offset"};
}

Members members(const RopeSpec& spec) {
  [[maybe_unused]] const auto& [theta, width, interleaved, attention_factor, scaling] = spec;
  static_assert(std::variant_size_v<decltype(RopeSpec::scaling)> == 7);
  return {"theta", "width", "interleaved", "attention_factor"};
}

Members members(const RopeSpec::Linear& spec) {
  [[maybe_unused]] const auto& [factor] = spec;
  return {"factor"};
}

Members members(const RopeSpec::Llama3& spec) {
  [[maybe_unused]] const auto& [factor, low, high, original_positions] = spec;
  return {"factor", "low_freq_factor", "high_freq_factor", "original_positions"};
}

Members members(const RopeSpec::Yarn& spec) {
  [[maybe_unused]] const auto& [factor, fast, slow, original_positions, truncate] = spec;
  return {"factor", "beta_fast", "beta_slow", "original_positions", "truncate"};
}

Members members(const RopeSpec::Factors& spec) {
  [[maybe_unused]] const auto& [factors] = spec;
  return {"factors"};
}

Members members(const RopeSpec::Dynamic& spec) {
  [[maybe_unused]] const auto& [factor, original_positions] = spec;
  return {"factor", "original_positions"};
}

Members members(const RopeSpec::Long& spec) {
  [[maybe_unused]] const auto& [short_factors, long_factors, original_positions] = spec;
  return {"short_factors", "long_factors", "original_positions"};
}

Members members(const RelativeBiasSpec& spec) {
  [[maybe_unused]] const auto& [buckets, max_distance] = spec;
  return {"buckets", "max_distance"};
}

Members members(const LatentSpec& spec) {
  [[maybe_unused]] const auto& [query_rank, rank, value_width, norm] = spec;
  return {"query_rank", "rank", "value_width"};
}

Members members(const AttentionSpec& spec) {
  [[maybe_unused]] const auto& [heads, key_value_heads, head_width, input_bias, output_bias, scale,
                                soft_cap, window, head_norm, rope, latent, relative_positions] =
      spec;
  return {"heads", "key_value_heads", "head_width", "input_bias",        "output_bias",
          "scale", "soft_cap",        "window",     "relative_positions"};
}

Members members(const FeedForwardSpec& spec) {
  [[maybe_unused]] const auto& [width, activation, gated, bias] = spec;
  return {"width", "activation", "gated", "bias"};
}

Members members(const MixtureSpec& spec) {
  [[maybe_unused]] const auto& [experts, chosen, width, shared_width, activation, score,
                                choice_bias, normalize, scale, groups, chosen_groups] = spec;
  return {"experts",     "chosen",    "width", "shared_width", "activation",   "score",
          "choice_bias", "normalize", "scale", "groups",       "chosen_groups"};
}

Members members(const BlockSpec& spec) {
  [[maybe_unused]] const auto& [placement, attention_norm, attention, cross_attention_norm,
                                cross_attention, feed_forward_norm, feed_forward] = spec;
  static_assert(std::variant_size_v<decltype(BlockSpec::feed_forward)> == 2);
  return {"placement"};
}

Members members(const SinusoidSpec& spec) {
  [[maybe_unused]] const auto& [last_is_slowest] = spec;
  return {"last_is_slowest"};
}

Members members(const EmbeddingSpec& spec) {
  [[maybe_unused]] const auto& [width, scale, positions, first_position, types, norm] = spec;
  static_assert(std::variant_size_v<decltype(EmbeddingSpec::positions)> == 3);
  return {"width", "scale", "positions", "first_position", "types"};
}

Members members(const StackSpec& spec) {
  [[maybe_unused]] const auto& [embedding, causal, blocks, shared_blocks, relative_bias,
                                final_norm] = spec;
  return {"causal", "count", "shared_blocks"};  // the count of blocks
}

Members members(const HeadSpec::Transform& spec) {
  [[maybe_unused]] const auto& [activation, bias, norm] = spec;
  return {"activation", "bias"};
}

Members members(const HeadSpec& spec) {
  [[maybe_unused]] const auto& [task, pooling, transform, outputs, tied, bias, scale, soft_cap] =
      spec;
  return {"task", "pooling", "outputs", "tied", "bias", "scale", "soft_cap"};
}

Members members(const ModelSpec& spec) {
  [[maybe_unused]] const auto& [vocabulary, width, positions, usual_positions, encoder, decoder,
                                head] = spec;
  return {"vocabulary", "width", "positions", "usual_positions"};
}

// As describe() names them; "*norm.": of whichever norm.
std::vector<std::string> all_members() {
  std::vector<std::string> out;
  const auto add = [&](const std::string& place, const Members& names) {
    for (const char* name : names) out.push_back(place + name);
  };
  add("", members(ModelSpec()));
  add("", members(StackSpec()));
  add("", members(BlockSpec()));
  add("*norm.", members(NormSpec()));
  add("embedding.", members(EmbeddingSpec()));
  add("embedding.", members(SinusoidSpec()));
  add("relative_bias.", members(RelativeBiasSpec()));
  add("attention.", members(AttentionSpec()));
  add("attention.latent.", members(LatentSpec()));
  add("attention.rope.", members(RopeSpec()));
  add("attention.rope.linear_", members(RopeSpec::Linear()));
  add("attention.rope.llama3.", members(RopeSpec::Llama3()));
  add("attention.rope.yarn.", members(RopeSpec::Yarn()));
  add("attention.rope.", members(RopeSpec::Factors()));
  add("attention.rope.dynamic.", members(RopeSpec::Dynamic()));
  add("attention.rope.long.", members(RopeSpec::Long()));
  add("feed_forward.", members(FeedForwardSpec()));
  add("mixture.", members(MixtureSpec()));
  add("head.", members(HeadSpec()));
  add("head.transform.", members(HeadSpec::Transform()));
  return out;
}

}  // namespace
}  // namespace loquor::tests
