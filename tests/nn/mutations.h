// Every option of a spec, changed; for mutation_test.cpp alone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nn/spec.h"

namespace loquor::tests {
namespace {

struct Mutation {
  std::string option;  // as describe() has it, without stacks and numbers of blocks
  std::function<void(ModelSpec&)> apply;
};

using Apply = std::function<void(ModelSpec&)>;

template <class Change>
Apply each_stack(Change change) {
  return [change](ModelSpec& spec) {
    if (spec.encoder) change(*spec.encoder);
    if (spec.decoder) change(*spec.decoder);
  };
}

template <class Change>
Apply each_block(Change change) {
  return each_stack([change](StackSpec& stack) {
    for (BlockSpec& block : stack.blocks) change(block);
  });
}

template <class Change>
Apply each_rope(Change change) {
  return each_block([change](BlockSpec& block) {
    if (block.attention.rope) change(*block.attention.rope);
  });
}

template <class Kind, class Change>
Apply each_scaling(Change change) {
  return each_rope([change](RopeSpec& rope) {
    if (auto* scaling = std::get_if<Kind>(&rope.scaling)) change(*scaling);
  });
}

template <class Kind, class Change>
Apply each_feed_forward(Change change) {
  return each_block([change](BlockSpec& block) {
    if (auto* sublayer = std::get_if<Kind>(&block.feed_forward)) change(*sublayer);
  });
}

template <class Change>
Apply each_latent(Change change) {
  return each_block([change](BlockSpec& block) {
    if (block.attention.latent) change(*block.attention.latent);
  });
}

template <class Change>
Apply head(Change change) {
  return [change](ModelSpec& spec) {
    if (spec.head) change(*spec.head);
  };
}

void flip(bool& flag) { flag = !flag; }

// `each(change)` makes an Apply that changes the norms of one place.
template <class Each>
void add_norm(std::vector<Mutation>& out, const std::string& place, Each each) {
  out.push_back({place + ".kind", each([](NormSpec& norm) {
                   norm.kind = norm.kind == NormKind::rms ? NormKind::layer : NormKind::rms;
                 })});
  out.push_back({place + ".epsilon", each([](NormSpec& norm) { norm.epsilon *= 10000; })});
  out.push_back({place + ".bias", each([](NormSpec& norm) { flip(norm.bias); })});
  out.push_back({place + ".offset", each([](NormSpec& norm) { norm.offset += 0.25; })});
}

void add_norms(std::vector<Mutation>& out) {
  add_norm(out, "attention_norm", [](auto change) {
    return each_block([=](BlockSpec& block) { change(block.attention_norm); });
  });
  add_norm(out, "cross_attention_norm", [](auto change) {
    return each_block([=](BlockSpec& block) { change(block.cross_attention_norm); });
  });
  add_norm(out, "feed_forward_norm", [](auto change) {
    return each_block([=](BlockSpec& block) { change(block.feed_forward_norm); });
  });
  add_norm(out, "attention.head_norm", [](auto change) {
    return each_block([=](BlockSpec& block) {
      if (block.attention.head_norm) change(*block.attention.head_norm);
    });
  });
  add_norm(out, "attention.latent.norm", [](auto change) {
    return each_latent([=](LatentSpec& latent) { change(latent.norm); });
  });
  add_norm(out, "embedding.norm", [](auto change) {
    return each_stack([=](StackSpec& stack) { change(stack.embedding.norm); });
  });
  add_norm(out, "final_norm", [](auto change) {
    return each_stack([=](StackSpec& stack) { change(stack.final_norm); });
  });
  add_norm(out, "head.transform.norm", [](auto change) {
    return head([=](HeadSpec& spec) {
      if (spec.transform) change(spec.transform->norm);
    });
  });
}

// `each(change)` makes an Apply that changes the attentions of one place.
template <class Each>
void add_attention(std::vector<Mutation>& out, const std::string& place, Each each) {
  using Spec = AttentionSpec;
  const auto add = [&](const char* option, auto change) {
    out.push_back({place + "." + option, each(change)});
  };
  add("heads", [](Spec& spec) { spec.heads *= 2; });
  add("key_value_heads", [](Spec& spec) {
    spec.key_value_heads = spec.heads;
    spec.heads *= 2;
  });
  add("head_width", [](Spec& spec) { spec.head_width += 2; });
  add("input_bias", [](Spec& spec) { flip(spec.input_bias); });
  add("output_bias", [](Spec& spec) { flip(spec.output_bias); });
  add("scale", [](Spec& spec) { spec.scale = spec.scale.value_or(1) * 1.1; });
  add("soft_cap", [](Spec& spec) { spec.soft_cap *= 1.1; });
  add("window", [](Spec& spec) { spec.window = spec.window > 0 ? spec.window + 1 : 3; });
}

void add_rope(std::vector<Mutation>& out) {
  const auto add = [&](const std::string& option, Apply apply) {
    out.push_back({"attention.rope." + option, std::move(apply)});
  };
  add("theta", each_rope([](RopeSpec& rope) { rope.theta *= 1.01; }));
  add("width", each_rope([](RopeSpec& rope) { rope.width -= 2; }));
  add("interleaved", each_rope([](RopeSpec& rope) { flip(rope.interleaved); }));
  add("attention_factor", each_rope([](RopeSpec& rope) { rope.attention_factor = 1; }));
  add("linear_factor", each_scaling<RopeSpec::Linear>([](auto& s) { s.factor *= 1.1; }));
  using Llama3 = RopeSpec::Llama3;
  add("llama3.factor", each_scaling<Llama3>([](auto& s) { s.factor *= 1.1; }));
  add("llama3.low_freq_factor", each_scaling<Llama3>([](auto& s) { s.low_freq_factor *= 1.5; }));
  add("llama3.high_freq_factor", each_scaling<Llama3>([](auto& s) { s.high_freq_factor *= 1.5; }));
  add("llama3.original_positions",
      each_scaling<Llama3>([](auto& s) { s.original_positions *= 1.5; }));
  using Yarn = RopeSpec::Yarn;
  add("yarn.factor", each_scaling<Yarn>([](auto& s) { s.factor *= 1.1; }));
  add("yarn.beta_fast", each_scaling<Yarn>([](auto& s) { s.beta_fast /= 2; }));
  add("yarn.beta_slow", each_scaling<Yarn>([](auto& s) { s.beta_slow /= 4; }));
  add("yarn.original_positions", each_scaling<Yarn>([](auto& s) { s.original_positions *= 2; }));
  add("yarn.truncate", each_scaling<Yarn>([](auto& s) { flip(s.truncate); }));
  add("factors", each_scaling<RopeSpec::Factors>([](auto& s) { s.factors.back() *= 2; }));
  using Dynamic = RopeSpec::Dynamic;
  add("dynamic.factor", each_scaling<Dynamic>([](auto& s) { s.factor *= 1.1; }));
  add("dynamic.original_positions",
      each_scaling<Dynamic>([](auto& s) { s.original_positions *= 1.5; }));
  using Long = RopeSpec::Long;
  add("long.short_factors", each_scaling<Long>([](auto& s) { s.short_factors.back() *= 2; }));
  add("long.long_factors", each_scaling<Long>([](auto& s) { s.long_factors.back() *= 2; }));
  add("long.original_positions", each_scaling<Long>([](auto& s) { s.original_positions *= 8; }));
}

void add_sublayers(std::vector<Mutation>& out) {
  const auto latent = [&](const std::string& option, auto change) {
    out.push_back({"attention.latent." + option, each_latent(change)});
  };
  latent("query_rank", [](LatentSpec& spec) { ++spec.query_rank; });
  latent("rank", [](LatentSpec& spec) { ++spec.rank; });
  latent("value_width", [](LatentSpec& spec) { ++spec.value_width; });
  const auto plain = [&](const std::string& option, auto change) {
    out.push_back({"feed_forward." + option, each_feed_forward<FeedForwardSpec>(change)});
  };
  const auto other = [](std::string& activation) {
    activation = activation == "gelu_new" ? "gelu" : "gelu_new";
  };
  plain("width", [](FeedForwardSpec& spec) { spec.width += 2; });
  plain("activation", [=](FeedForwardSpec& spec) { other(spec.activation); });
  plain("gated", [](FeedForwardSpec& spec) { flip(spec.gated); });
  plain("bias", [](FeedForwardSpec& spec) { flip(spec.bias); });
  const auto mixture = [&](const std::string& option, auto change) {
    out.push_back({"mixture." + option, each_feed_forward<MixtureSpec>(change)});
  };
  mixture("experts", [](MixtureSpec& spec) { --spec.experts; });
  mixture("chosen", [](MixtureSpec& spec) { --spec.chosen; });
  mixture("width", [](MixtureSpec& spec) { ++spec.width; });
  mixture("shared_width", [](MixtureSpec& spec) { spec.shared_width = 0; });
  mixture("activation", [=](MixtureSpec& spec) { other(spec.activation); });
  mixture("score", [](MixtureSpec& spec) {
    using Score = MixtureSpec::Score;
    spec.score = spec.score == Score::softmax ? Score::sigmoid : Score::softmax;
  });
  mixture("choice_bias", [](MixtureSpec& spec) { flip(spec.choice_bias); });
  mixture("normalize", [](MixtureSpec& spec) { flip(spec.normalize); });
  mixture("scale", [](MixtureSpec& spec) { spec.scale *= 1.1; });
  mixture("groups", [](MixtureSpec& spec) { spec.groups /= 2; });
  mixture("chosen_groups", [](MixtureSpec& spec) { ++spec.chosen_groups; });
}

void add_stacks(std::vector<Mutation>& out) {
  const auto add = [&](const std::string& option, Apply apply) {
    out.push_back({option, std::move(apply)});
  };
  add("vocabulary", [](ModelSpec& spec) { ++spec.vocabulary; });
  add("width", [](ModelSpec& spec) { spec.width += 2; });
  add("positions", [](ModelSpec& spec) { ++spec.positions; });
  add("causal", each_stack([](StackSpec& stack) { flip(stack.causal); }));
  add("shared_blocks", each_stack([](StackSpec& stack) { flip(stack.shared_blocks); }));
  add("count", each_stack([](StackSpec& stack) {
        if (stack.blocks.size() > 1) stack.blocks.pop_back();
      }));
  add("placement", each_block([](BlockSpec& block) {
        block.placement =
            block.placement == NormPlacement::pre ? NormPlacement::post : NormPlacement::pre;
      }));
  add("relative_bias.buckets", each_stack([](StackSpec& stack) {
        if (stack.relative_bias) stack.relative_bias->buckets /= 2;
      }));
  add("relative_bias.max_distance", each_stack([](StackSpec& stack) {
        if (stack.relative_bias) stack.relative_bias->max_distance /= 2;
      }));
  const auto embedding = [&](const std::string& option, auto change) {
    add("embedding." + option, each_stack([change](StackSpec& stack) { change(stack.embedding); }));
  };
  embedding("width", [](EmbeddingSpec& spec) { spec.width = 0; });
  embedding("scale", [](EmbeddingSpec& spec) { spec.scale *= 1.1; });
  embedding("positions", [](EmbeddingSpec& spec) {
    if (std::holds_alternative<EmbeddingSpec::NoPositions>(spec.positions)) {
      spec.positions = SinusoidSpec{};
    } else {
      spec.positions = EmbeddingSpec::NoPositions{};
    }
  });
  embedding("last_is_slowest", [](EmbeddingSpec& spec) {
    if (auto* sinusoid = std::get_if<SinusoidSpec>(&spec.positions))
      flip(sinusoid->last_is_slowest);
  });
  embedding("first_position", [](EmbeddingSpec& spec) { --spec.first_position; });
  embedding("types", [](EmbeddingSpec& spec) { spec.types = 0; });
}

void add_head(std::vector<Mutation>& out) {
  const auto add = [&](const std::string& option, auto change) {
    out.push_back({"head." + option, head(change)});
  };
  add("task", [](HeadSpec& spec) {
    using Task = HeadSpec::Task;
    spec.task = spec.task == Task::token ? Task::masked : Task::token;
  });
  add("pooling", [](HeadSpec& spec) {
    using Pooling = HeadSpec::Pooling;
    spec.pooling = spec.pooling == Pooling::none ? Pooling::last : Pooling::none;
  });
  add("outputs", [](HeadSpec& spec) { ++spec.outputs; });
  add("tied", [](HeadSpec& spec) { flip(spec.tied); });
  add("bias", [](HeadSpec& spec) { flip(spec.bias); });
  add("scale", [](HeadSpec& spec) { spec.scale *= 1.1; });
  add("soft_cap", [](HeadSpec& spec) { spec.soft_cap *= 1.1; });
  add("transform.activation", [](HeadSpec& spec) {
    if (spec.transform) spec.transform->activation = "sigmoid";
  });
  add("transform.bias", [](HeadSpec& spec) {
    if (spec.transform) flip(spec.transform->bias);
  });
}

void collect(const Json& value, const std::string& path, std::vector<std::string>& out) {
  if (value.is_array() && path == "blocks") {
    for (const Json& run : value.as_array()) {
      out.push_back("count");
      collect(run.at("block"), "", out);
    }
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.as_object()) {
      const bool stack = path.empty() && (key == "encoder" || key == "decoder");
      collect(inner, stack ? "" : path + (path.empty() ? "" : ".") + key, out);
    }
  } else {
    out.push_back(path);
  }
}

std::vector<Mutation> all_mutations() {
  std::vector<Mutation> out;
  add_stacks(out);
  add_norms(out);
  add_attention(out, "attention", [](auto change) {
    return each_block([=](BlockSpec& block) { change(block.attention); });
  });
  add_attention(out, "cross_attention", [](auto change) {
    return each_block([=](BlockSpec& block) {
      if (block.cross_attention) change(*block.cross_attention);
    });
  });
  out.push_back({"attention.relative_positions",
                 each_block([](BlockSpec& block) { block.attention.relative_positions = false; })});
  add_rope(out);
  add_sublayers(out);
  add_head(out);
  return out;
}

// The options that describe() tells of a spec.
std::vector<std::string> options_of(const ModelSpec& spec) {
  std::vector<std::string> out;
  collect(describe(spec), "", out);
  return out;
}

}  // namespace
}  // namespace loquor::tests
