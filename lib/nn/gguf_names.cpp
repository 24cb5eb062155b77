// What GGUF files call the weights of a decoder, whatever its family.
#include "nn/family.h"

namespace loquor {

std::vector<WeightName> gguf_decoder_names() {
  return {{"embedding.tokens", {"token_embd"}},
          {"embedding.positions", {"position_embd"}},
          {"blocks.*.attention.norm", {"blk.*.attn_norm"}},
          {"blocks.*.attention.qkv", {"blk.*.attn_q", "blk.*.attn_k", "blk.*.attn_v"}},
          {"blocks.*.attention.output", {"blk.*.attn_output"}},
          {"blocks.*.feed_forward.norm", {"blk.*.ffn_norm"}},
          {"blocks.*.feed_forward.in", {"blk.*.ffn_up"}},
          {"blocks.*.feed_forward.gate_up", {"blk.*.ffn_gate", "blk.*.ffn_up"}},
          {"blocks.*.feed_forward.out", {"blk.*.ffn_down"}},
          {"final_norm", {"output_norm"}},
          {"language.output", {"output"}}};
}

}  // namespace loquor
