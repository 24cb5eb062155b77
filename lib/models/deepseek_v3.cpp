// DeepSeek-V3 and R1: keys and values by way of latents, shared and routed experts.
// https://arxiv.org/abs/2412.19437
#include <cmath>

#include "models/llama.h"

namespace loquor::models {

static AttentionSpec attention(Config& config, const ModelSpec& spec) {
  AttentionSpec attention = spec.decoder->blocks.front().attention;
  const std::int64_t turning = config.size("qk_rope_head_dim", 64);
  attention.key_value_heads = attention.heads;
  attention.head_width = config.size("qk_nope_head_dim", 128) + turning;
  config.require("qk_head_dim", attention.head_width);
  LatentSpec& latent = attention.latent.emplace();
  latent.query_rank = config.integer("q_lora_rank", 0);
  latent.rank = config.size("kv_lora_rank", 512);
  latent.value_width = config.size("v_head_dim", 128);
  latent.norm = {NormKind::rms, 1e-6};  // whatever rms_norm_eps says
  attention.rope = rope_spec(config, turning, spec.positions);
  attention.rope->width = turning;
  attention.rope->interleaved = config.boolean("rope_interleave", true);
  // YaRN's magnitude of the scores that mscale leaves out of the rotation.
  double scale = 1 / std::sqrt(static_cast<double>(attention.head_width));
  if (const auto* yarn = std::get_if<RopeSpec::Yarn>(&attention.rope->scaling)) {
    Config* scaling =
        config.section(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    const double all = scaling->number("mscale_all_dim", 0.0);
    if (all != 0 && yarn->factor > 1) scale *= std::pow(0.1 * all * std::log(yarn->factor) + 1, 2);
  }
  attention.scale = scale;
  return attention;
}

static MixtureSpec mixture(Config& config) {
  config.rename("num_local_experts", "n_routed_experts");
  config.require("scoring_func", "sigmoid");
  config.require("topk_method", "noaux_tc");
  MixtureSpec mixture;
  mixture.experts = config.size("n_routed_experts", 256);
  mixture.chosen = config.size("num_experts_per_tok", 8);
  mixture.width = config.size("moe_intermediate_size", 2048);
  mixture.shared_width = mixture.width * config.size("n_shared_experts", 1);
  mixture.activation = config.string("hidden_act", "silu");
  mixture.score = MixtureSpec::Score::sigmoid;
  mixture.choice_bias = true;
  mixture.normalize = config.boolean("norm_topk_prob", true);
  mixture.scale = config.number("routed_scaling_factor", 2.5);
  mixture.groups = config.size("n_group", 8);
  mixture.chosen_groups = config.size("topk_group", 4);
  return mixture;
}

static ModelSpec spec(Config& config) {
  for (const char* key :  // of training, and of the layer that predicts a second token
       {"output_router_logits", "num_nextn_predict_layers", "num_mtp_layers", "aux_loss_alpha",
        "seq_aux", "ep_size"}) {
    config.value(key);
  }
  config.require("moe_layer_freq", 1);
  ModelSpec spec = llama_spec(config);
  const AttentionSpec latent = attention(config, spec);
  const MixtureSpec experts = mixture(config);
  const auto plain = static_cast<std::size_t>(config.integer("first_k_dense_replace", 3));
  for (std::size_t i = 0; i < spec.decoder->blocks.size(); ++i) {
    spec.decoder->blocks[i].attention = latent;
    if (i >= plain) spec.decoder->blocks[i].feed_forward = experts;
  }
  return spec;
}

static std::vector<WeightName> weights() {
  return with(
      llama_weights(),
      {{"blocks.*.attention.q", {"model.layers.*.self_attn.q_proj"}},
       {"blocks.*.attention.q_a", {"model.layers.*.self_attn.q_a_proj"}},
       {"blocks.*.attention.q_norm", {"model.layers.*.self_attn.q_a_layernorm"}},
       {"blocks.*.attention.q_b", {"model.layers.*.self_attn.q_b_proj"}},
       {"blocks.*.attention.kv_a", {"model.layers.*.self_attn.kv_a_proj_with_mqa"}},
       {"blocks.*.attention.kv_norm", {"model.layers.*.self_attn.kv_a_layernorm"}},
       {"blocks.*.attention.kv_b", {"model.layers.*.self_attn.kv_b_proj"}},
       {.ours = "blocks.*.feed_forward.router",
        .theirs = {"model.layers.*.mlp.gate"},
        .bias = "model.layers.*.mlp.gate.e_score_correction_bias"},
       {"blocks.*.feed_forward.experts.*.gate_up",
        {"model.layers.*.mlp.experts.*.gate_proj", "model.layers.*.mlp.experts.*.up_proj"}},
       {"blocks.*.feed_forward.experts.*.out", {"model.layers.*.mlp.experts.*.down_proj"}},
       {"blocks.*.feed_forward.shared.gate_up",
        {"model.layers.*.mlp.shared_experts.gate_proj",
         "model.layers.*.mlp.shared_experts.up_proj"}},
       {"blocks.*.feed_forward.shared.out", {"model.layers.*.mlp.shared_experts.down_proj"}}});
}

extern constinit const Family deepseek_v3{
    .names = {"deepseek_v3"},
    .classes = {"DeepseekV3"},
    .spec = spec,
    .weights = weights,
    .ignored = {"model.layers.61.**"}};  // of the published model: predicts a second token

}  // namespace loquor::models
