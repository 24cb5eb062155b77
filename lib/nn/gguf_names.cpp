// What GGUF files call weights; gguf-py/gguf/constants.py of llama.cpp lists the names.
#include "nn/family.h"

namespace loquor {

// Where a layer has several spellings, files differ: experts apart or stacked, q, k and v apart or
// in one matrix, and so gate and up; norms before a sublayer or, of encoders, behind.
std::vector<WeightName> gguf_names() {
  return {{"embedding.tokens", {"token_embd"}},
          {"embedding.positions", {"position_embd"}},
          {"embedding.types", {"token_types"}},
          {"embedding.norm", {"token_embd_norm"}},
          {"blocks.*.attention.norm", {"blk.*.attn_norm"}},
          {"blocks.*.attention.norm", {"blk.*.attn_output_norm"}},
          {"blocks.*.attention.post_norm", {"blk.*.post_attention_norm"}},
          {"blocks.*.attention.qkv", {"blk.*.attn_q", "blk.*.attn_k", "blk.*.attn_v"}},
          {"blocks.*.attention.qkv", {"blk.*.attn_qkv"}},
          {"blocks.*.attention.q_norm", {"blk.*.attn_q_norm"}},
          {"blocks.*.attention.k_norm", {"blk.*.attn_k_norm"}},
          {"blocks.*.attention.output", {"blk.*.attn_output"}},
          {"blocks.*.feed_forward.norm", {"blk.*.ffn_norm"}},
          {"blocks.*.feed_forward.norm", {"blk.*.layer_output_norm"}},
          {"blocks.*.feed_forward.post_norm", {"blk.*.post_ffw_norm"}},
          {"blocks.*.feed_forward.in", {"blk.*.ffn_up"}},
          {"blocks.*.feed_forward.gate_up", {"blk.*.ffn_gate", "blk.*.ffn_up"}},
          {"blocks.*.feed_forward.gate_up", {"blk.*.ffn_up"}},
          {"blocks.*.feed_forward.out", {"blk.*.ffn_down"}},
          {.ours = "blocks.*.feed_forward.router",
           .theirs = {"blk.*.ffn_gate_inp"},
           .bias = "blk.*.exp_probs_b.bias"},
          {.ours = "blocks.*.feed_forward.experts.*.gate_up",
           .theirs = {"blk.*.ffn_gate_exps", "blk.*.ffn_up_exps"},
           .stacked = true},
          {.ours = "blocks.*.feed_forward.experts.*.gate_up",
           .theirs = {"blk.*.ffn_gate_up_exps"},
           .stacked = true},
          {"blocks.*.feed_forward.experts.*.gate_up", {"blk.*.ffn_gate.*", "blk.*.ffn_up.*"}},
          {.ours = "blocks.*.feed_forward.experts.*.out",
           .theirs = {"blk.*.ffn_down_exps"},
           .stacked = true},
          {"blocks.*.feed_forward.experts.*.out", {"blk.*.ffn_down.*"}},
          {"blocks.*.feed_forward.shared.gate_up", {"blk.*.ffn_gate_shexp", "blk.*.ffn_up_shexp"}},
          {"blocks.*.feed_forward.shared.out", {"blk.*.ffn_down_shexp"}},
          {"final_norm", {"output_norm"}},
          {"language.output", {"output"}},
          {"sequence.transform", {"cls"}},
          {"sequence.norm", {"cls.norm"}},
          {"sequence.output", {"cls.output"}}};
}

}  // namespace loquor
