// What stands behind a Session: ids, their keys and values, and the memory of a forward pass.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "decode/model_impl.h"
#include "loquor/session.hpp"

namespace loquor {

/// Marks an object as inside a call; throws Error(busy) where a second thread comes.
class Busy {
 public:
  Busy(std::atomic<bool>& flag, const char* what);
  ~Busy() { flag_.store(false, std::memory_order_release); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<bool>& flag_;
};

/// The context_length to open a session with that is to hold so many positions, as far as the model
/// can: 0, which stands for the usual one, where they fit in that.
std::int64_t context_for(const Model& model, std::int64_t positions);

class Session::Impl {
 public:
  Impl(const Model& model, const SessionOptions& options);

  /// Reads ids in chunks and gives each chunk's hidden states (n, C), of which the first is that of
  /// ids[first]. After a throw the session is as it was.
  using OnHidden = std::function<void(const Tensor& hidden, std::int64_t first)>;
  void read(std::span<const std::int32_t> ids, const OnHidden& on_hidden);
  /// Throws Error(context_full) unless `more` positions fit, and Error(invalid_argument) for none.
  void require_room(std::size_t more) const;
  void rewind(std::int64_t n);
  /// Reads the source of an encoder-decoder, and forgets all else. After a throw the session is as
  /// it was.
  void encode(std::span<const std::int32_t> source);
  /// What the decoder reads of the encoder; nullptr in a model without one. Throws
  /// Error(invalid_argument) where encode() is still to come.
  const KeyValueCache* source() const;

  /// An empty one for this session's context.
  KeyValueCache new_cache() const;
  const Transformer& transformer() const noexcept { return model.impl()->transformer(); }

  Model model;
  std::int64_t context_length;
  KeyValueCache cache;
  std::vector<std::int32_t> ids;
  KeyValueCache encoded;  // keys and values of the encoder's output
  std::vector<std::int32_t> source_ids;
  Context context;
  std::atomic<bool> busy{false};
};

/// A session for one call on a model, which reads those ids. Throws as
/// Session::Impl::require_room() does.
Session one_call(const Model& model, std::span<const std::int32_t> ids,
                 const std::optional<Cancel>& cancel);

}  // namespace loquor
