#include "nn/stack.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "nn/sinusoid.h"
#include "ops/embedding.h"

namespace loquor {

namespace {

// The last frequency may be 1 / 10000 itself.
Weight sinusoids(const SinusoidSpec& spec, std::int64_t rows, std::int64_t width,
                 const std::string& name, Weights& weights) {
  const Sinusoid sinusoid(width, spec.last_is_slowest ? width / 2 - 1 : width / 2);
  const auto fill = [&](std::int64_t first, std::int64_t count, float* out) {
    for (std::int64_t row = 0; row < count; ++row) sinusoid.write(first + row, out + row * width);
  };
  return weights.computed(name, rows, width, fill);
}

// Blocks with the same rotary embedding share its tables.
using Ropes = std::map<std::string, std::shared_ptr<const Rope>>;

std::shared_ptr<const Rope> make_rope(const Runtime& runtime, std::int64_t positions,
                                      const AttentionSpec& attention, Ropes& made) {
  if (!attention.rope) return nullptr;
  auto& rope = made[text(describe(*attention.rope).dump(), attention.head_width)];
  if (!rope)
    rope = std::make_shared<Rope>(runtime, *attention.rope, attention.head_width, positions);
  return rope;
}

}  // namespace

Embedding::Embedding(const EmbeddingSpec& spec, const ModelSpec& model, const std::string& name,
                     Weights& weights)
    : spec_(spec) {
  const std::int64_t width = spec.width > 0 ? spec.width : model.width;
  const std::int64_t rows = spec.first_position + model.positions;
  tokens_ = weights.table(name + ".tokens", model.vocabulary, width);
  if (std::holds_alternative<EmbeddingSpec::LearnedPositions>(spec.positions))
    positions_ = weights.table(name + ".positions", rows, width);
  if (const auto* sinusoid = std::get_if<SinusoidSpec>(&spec.positions))
    positions_ = sinusoids(*sinusoid, rows, width, name + ".positions", weights);
  if (spec.types > 0) types_ = weights.table(name + ".types", spec.types, width);
  norm_ = weights.norm(name + ".norm", spec.norm, width);
  if (spec.width > 0) projection_ = weights.linear(name + ".projection", model.width, width, true);
}

Tensor Embedding::operator()(Context& context, std::span<const std::int32_t> ids,
                             std::span<const std::int32_t> types,
                             std::span<const std::int32_t> positions) const {
  Tensor x = embed(context, ids, tokens_, static_cast<float>(spec_.scale));
  if (spec_.types > 0) {
    const std::vector<std::int32_t> zeros(types.empty() ? ids.size() : 0);
    x = add(context, std::move(x), embed(context, types.empty() ? zeros : types, types_));
  }
  if (positions_) {
    std::vector<std::int32_t> rows(positions.begin(), positions.end());
    for (std::int32_t& row : rows) row += static_cast<std::int32_t>(spec_.first_position);
    x = add_positions(context, std::move(x), rows, positions_);
  }
  x = norm_(context, x);
  return projection_ ? (*projection_)(context, x) : x;
}

Stack::Stack(const Runtime& runtime, const StackSpec& spec, const ModelSpec& model,
             const std::string& name, Weights& weights)
    : embedding_(spec.embedding, model, name + "embedding", weights), depth_(spec.blocks.size()) {
  Ropes ropes;
  const std::size_t distinct = spec.shared_blocks ? 1 : depth_;
  blocks_.reserve(distinct);
  for (std::size_t i = 0; i < distinct; ++i) {
    blocks_.emplace_back(spec.blocks[i], spec.causal, text(name, "blocks.", i), model.width,
                         weights,
                         make_rope(runtime, model.positions, spec.blocks[i].attention, ropes));
  }
  relative_positions_ = spec.blocks.front().attention.relative_positions;
  if (spec.relative_bias) {
    relative_bias_.emplace(*spec.relative_bias, spec.causal, spec.blocks.front().attention.heads,
                           name + "relative_bias", weights);
  }
  final_norm_ = weights.norm(name + "final_norm", spec.final_norm, model.width);
}

Tensor Stack::operator()(Context& context, std::span<const std::int32_t> ids,
                         std::span<const std::int32_t> types, const PackedBatch& batch,
                         std::string_view tap) const {
  const auto see = [&](std::size_t index, const Tensor& value) {
    if (context.taps) context.taps->see(tap, static_cast<std::int64_t>(index), value);
  };
  Tensor x = embedding_(context, ids, types, batch.segments.positions());
  std::int64_t positions = 1;
  for (const Segment& segment : batch.segments)
    positions = std::max(positions, segment.first_position + segment.rows);
  Pass pass{batch};
  pass.types = types;
  Tensor table;
  ScoreBias bias;
  if (relative_bias_) {
    table = relative_bias_->table(context, positions);
    bias = RelativeBias::view(table, positions);
    pass.bias = &bias;
  }
  if (relative_positions_)
    pass.distances = RelativePositions::distances(context, positions, x.columns());
  for (std::size_t layer = 0; layer < depth_; ++layer) {
    see(layer, x);
    pass.layer = layer;
    x = block(layer)(context, std::move(x), pass);
  }
  x = final_norm_(context, x);
  see(depth_, x);
  return x;
}

}  // namespace loquor
