// KeyValueCache: one sequence's keys and values in every layer, in blocks of 32 positions that
// forks share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/runtime.h"
#include "nn/spec.h"
#include "ops/key_value.h"

namespace loquor {

/// How one layer keeps keys and values: the layout of a block, and the window that bounds how far
/// back is read.
struct CacheLayer {
  KeyValueLayout layout;
  std::int64_t window = 0;
};

/// Of a decoder's own positions.
std::vector<CacheLayer> cache_layers(const ModelSpec& spec, CacheType type);
/// Of the encoder's output, as the decoder's blocks read it.
std::vector<CacheLayer> cross_cache_layers(const ModelSpec& spec, CacheType type);
/// Bytes that one more position takes in all layers together.
std::int64_t cache_bytes_per_position(const std::vector<CacheLayer>& layers);

/// Copying forks: both share all blocks, and the first to write to a partly filled one copies it.
/// One thread at a time.
class KeyValueCache {
 public:
  /// context_length: that its sequence was opened for, on which rotations may depend; 0: the usual
  /// one.
  KeyValueCache(const Runtime& runtime, const std::vector<CacheLayer>& layers,
                std::int64_t context_length = 0);

  std::int64_t context_length() const noexcept { return context_length_; }
  std::int64_t length() const noexcept { return length_; }
  /// Makes every layer writable for positions [length(), end): all of it or, when memory is out,
  /// nothing.
  void reserve(std::int64_t end);
  /// Counts positions up to `end` as written, and frees blocks that no window reaches any more.
  void advance(std::int64_t end) noexcept;
  /// Whether all that position n would read is still there.
  bool can_rewind(std::int64_t n) const noexcept;
  /// Forgets positions from n on (and what reserve() made ready). can_rewind(n) must hold.
  void rewind(std::int64_t n) noexcept;

  KeyValueView view(std::size_t layer) const noexcept;

  /// The positions written, layer by layer, in the cache's own type; restore() takes them back.
  std::string save() const;
  /// Throws Error(invalid_file) where the bytes are not those of `length` positions; the cache is
  /// then unchanged.
  void restore(std::string_view bytes, std::int64_t length);

 private:
  using Block = std::shared_ptr<Buffer>;
  struct Layer {
    CacheLayer shape;
    std::vector<Block> blocks;
    std::vector<void*> pointers;  // of blocks
    bool stale =
        false;  // the last block, shared when rewind() came, has slots that are no longer ours
    void set(std::size_t index, Block block);
    std::int64_t first_needed(std::int64_t position) const noexcept;  // by a query at that position
  };
  Block copy(const Layer& layer, const Buffer& from, std::int64_t positions) const;
  Block make(const Layer& layer) const;

  Runtime runtime_;
  std::vector<Layer> layers_;
  std::int64_t context_length_;
  std::int64_t length_ = 0;
  std::vector<float> zeros_;  // one head
};

}  // namespace loquor
