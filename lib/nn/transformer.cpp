#include "nn/transformer.h"

#include <map>

#include "base/error.h"
#include "nn/rope_frequencies.h"
#include "ops/embedding.h"

namespace loquor {

namespace {

// Blocks with the same rotary embedding share its table.
std::shared_ptr<const RopeTable> rope_table(
    const Runtime& runtime, const ModelSpec& spec, const AttentionSpec& attention,
    std::map<std::vector<double>, std::shared_ptr<const RopeTable>>& made) {
  if (!attention.rope) return nullptr;
  std::vector<double> frequencies = rope_frequencies(*attention.rope, attention.head_width);
  auto& table = made[frequencies];
  if (!table)
    table = std::make_shared<RopeTable>(runtime, std::move(frequencies), 1.0, spec.positions);
  return table;
}

}  // namespace

void check(const ModelSpec& spec) {
  for (const BlockSpec& block : spec.blocks) {
    const AttentionSpec& attention = block.attention;
    if (attention.heads % attention.key_value_heads != 0) {
      fail(Code::invalid_file, "num_attention_heads ", attention.heads,
           " is no multiple of num_key_value_heads ", attention.key_value_heads);
    }
    if (attention.head_width < 2 || attention.head_width % 2 != 0) {
      fail(Code::invalid_file, "the head width is ", attention.head_width,
           ", expected an even number");
    }
    if (attention.window < 0) fail(Code::invalid_file, "sliding_window is ", attention.window);
  }
}

Transformer::Transformer(const Runtime& runtime, const ModelSpec& spec, Weights& weights)
    : spec_(spec) {
  tokens_ = weights.table("embedding.tokens", spec.vocabulary, spec.width);
  if (spec.learned_positions)
    positions_ = weights.table("embedding.positions", spec.positions, spec.width);
  std::map<std::vector<double>, std::shared_ptr<const RopeTable>> ropes;
  blocks_.reserve(spec.blocks.size());
  for (std::size_t i = 0; i < spec.blocks.size(); ++i) {
    blocks_.emplace_back(spec.blocks[i], i, spec.width, weights,
                         rope_table(runtime, spec, spec.blocks[i].attention, ropes));
  }
  final_norm_ = weights.norm("final_norm", spec.final_norm, spec.width);
  if (spec.tied_head) {
    head_.weight = tokens_;
    weights.skip("head");
  } else {
    head_ = weights.linear("head", spec.vocabulary, spec.width, false);
  }
  weights.require_all_used();
}

Tensor Transformer::forward(Context& context, std::span<const std::int32_t> ids,
                            PackedBatch& batch) const {
  check_ids(ids, spec_.vocabulary);
  batch.reserve();
  try {
    return run(context, ids, batch);
  } catch (...) {
    batch.undo();
    throw;
  }
}

Tensor Transformer::run(Context& context, std::span<const std::int32_t> ids,
                        const PackedBatch& batch) const {
  const auto tap = [&](std::size_t index, const Tensor& value) {
    if (context.taps) context.taps->see("hidden", static_cast<std::int64_t>(index), value);
  };
  Tensor x = embed(context, ids, tokens_);
  if (positions_) x = add_positions(context, std::move(x), batch.segments.positions(), positions_);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    tap(i, x);
    x = blocks_[i](context, std::move(x), batch);
  }
  x = final_norm_(context, x);
  tap(blocks_.size(), x);
  return x;
}

Tensor Transformer::logits(Context& context, const Tensor& hidden) const {
  return head_(context, hidden);
}

}  // namespace loquor
