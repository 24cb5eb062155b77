#include "nn/rope.h"

#include <algorithm>
#include <map>

#include "nn/block.h"
#include "nn/rope_frequencies.h"

namespace loquor {

Rope::Rope(const Runtime& runtime, const RopeSpec& spec, std::int64_t head_width,
           std::int64_t positions)
    : runtime_(runtime),
      spec_(spec),
      width_(spec.width > 0 ? spec.width : head_width),
      positions_(positions),
      usual_(make(0)) {}

Rope::Table Rope::make(std::int64_t context_length) const {
  return std::make_shared<RopeTable>(runtime_, rope_frequencies(spec_, width_, context_length),
                                     spec_.attention_factor, positions_);
}

Rope::Table Rope::table(std::int64_t context_length) const {
  const double original = spec_.original_positions();
  if (original <= 0 || static_cast<double>(context_length) <= original) return usual_;
  // LongRoPE's factors are the same for all longer contexts.
  if (std::holds_alternative<RopeSpec::Long>(spec_.scaling)) context_length = positions_;
  constexpr std::size_t kKept = 8;
  const std::scoped_lock lock(mutex_);
  const auto known = std::find_if(longer_.begin(), longer_.end(),
                                  [&](const auto& entry) { return entry.first == context_length; });
  if (known != longer_.end()) return known->second;
  if (longer_.size() == kKept) longer_.erase(longer_.begin());
  return longer_.emplace_back(context_length, make(context_length)).second;
}

void Rope::operator()(Context& context, Tensor& x, RopeHeads heads,
                      const PackedBatch& batch) const {
  heads.interleaved = spec_.interleaved;
  const std::span<const std::int32_t> positions = batch.segments.positions();
  if (spec_.original_positions() <= 0 || batch.caches.empty())
    return rope(context, x, heads, positions, *usual_);
  // Sessions of several contexts: each table turns its own rows and passes over the others.
  std::map<Table, std::vector<std::int32_t>> rows;
  std::size_t first = 0;
  for (std::size_t i = 0; i < batch.caches.size(); ++i) {
    auto& own = rows[table(batch.caches[i]->context_length())];
    own.resize(positions.size(), kNoPosition);
    const auto count = static_cast<std::size_t>(batch.segments[static_cast<std::int64_t>(i)].rows);
    std::copy_n(positions.begin() + static_cast<std::ptrdiff_t>(first), count,
                own.begin() + static_cast<std::ptrdiff_t>(first));
    first += count;
  }
  for (const auto& [table, own] : rows) rope(context, x, heads, own, *table);
}

}  // namespace loquor
