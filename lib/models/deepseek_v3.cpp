// DeepSeek-V3 and R1: keys and values by way of latents, shared and routed experts.
// https://arxiv.org/abs/2412.19437
#include <cmath>

#include "models/llama.h"

namespace loquor::models {

// GGUF files have a head's whole width and what turns of it; older ones have it, and the values'
// width, where other architectures have theirs. They leave out what has the default of DeepSeek-V2,
// and older ones the groups.
static void read_gguf_keys(Config& config) {
  config.rename("rotary_dim", "qk_rope_head_dim");
  if (!config.has("qk_head_dim")) config.rename("head_dim", "qk_head_dim");
  if (!config.has("v_head_dim")) config.rename("value_length", "v_head_dim");
  config.value("value_length");  // of the latents then
  config.set_default("qk_nope_head_dim",
                     config.size("qk_head_dim") - config.size("qk_rope_head_dim"));
  config.set_default("scoring_func", "softmax");
  config.set_default("norm_topk_prob", false);
  config.set_default("routed_scaling_factor", 1.0);
  config.set_default("first_k_dense_replace", 0);
  const bool grouped = config.integer("num_local_experts", 0) == 256;  // DeepSeek-V3 itself
  config.set_default("n_group", grouped ? 8 : 1);
  config.set_default("topk_group", grouped ? 4 : 1);
  // A tenth of mscale_all_dim, which mscale equals.
  Config* scaling = config.section("rope_scaling");
  if (!scaling || !scaling->has("log_multiplier")) return;
  const double scale = 10 * scaling->number("log_multiplier");
  scaling->set_default("mscale", scale);
  scaling->set_default("mscale_all_dim", scale);
}

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
  if (config.gguf()) read_gguf_keys(config);
  set_defaults(config, {.positions = 4096, .key_value_heads = 128});
  config.set_default("q_lora_rank", 1536);
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

static std::vector<WeightName> gguf_weights() {
  return with(gguf_names(), {{"blocks.*.attention.q", {"blk.*.attn_q"}},
                             {"blocks.*.attention.q_a", {"blk.*.attn_q_a"}},
                             {"blocks.*.attention.q_norm", {"blk.*.attn_q_a_norm"}},
                             {"blocks.*.attention.q_b", {"blk.*.attn_q_b"}},
                             {"blocks.*.attention.kv_a", {"blk.*.attn_kv_a_mqa"}},
                             {"blocks.*.attention.kv_norm", {"blk.*.attn_kv_a_norm"}},
                             {.ours = "blocks.*.attention.kv_b",
                              .theirs = {"blk.*.attn_k_b", "blk.*.attn_v_b"},
                              .by_heads = true},
                             {"blocks.*.attention.kv_b", {"blk.*.attn_kv_b"}}});
}

extern constinit const Family deepseek_v3{
    .names = {"deepseek_v3"},
    .classes = {"DeepseekV3"},
    .gguf = {{{.architecture = "deepseek2"}}},
    .spec = spec,
    .weights = weights,
    .gguf_weights = gguf_weights,
    .ignored = {"model.layers.61.**"}};  // of the published model: predicts a second token

}  // namespace loquor::models
