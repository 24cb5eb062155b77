// Session: one sequence's state. Batch: the next steps of many sessions at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/model.hpp"

namespace LOQUOR_API loquor {

/// The tokens read so far and their keys and values. Movable; one thread at a time (a second one
/// gets Error(busy)). A call that fails leaves the session as it was. The bits of its logits do not
/// depend on how the ids were cut into calls.
class Session {
 public:
  explicit Session(const Model& model, const SessionOptions& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Reads the source of an encoder-decoder, once before its decoder's ids, and forgets all that
  /// the session held. Throws Error(unsupported) for a model without an encoder.
  void encode(std::span<const std::int32_t> source);
  /// Reads ids and gives the logits after the last one, (V). Throws Error(context_full),
  /// Error(invalid_argument) (no ids, an id out of range), Error(cancelled).
  std::vector<float> append(std::span<const std::int32_t> ids);
  /// append(), with the logits after each of the last `last` ids.
  Logits append_logits(std::span<const std::int32_t> ids, std::int64_t last);
  /// Forgets everything from position n on.
  void rewind(std::int64_t n);
  /// A second session with the same past. Nothing is copied until one of them writes to a shared
  /// block.
  Session fork() const;
  /// The state as bytes: a header (format, model fingerprint, cache type, sizes, checksum), ids,
  /// keys and values.
  std::string save() const;
  /// Takes the state over; throws Error(invalid_file) and changes nothing where the bytes do not
  /// belong to this model or are damaged.
  void restore(std::string_view bytes);

  std::int64_t position() const noexcept;  ///< Ids read.
  std::int64_t context_length() const noexcept;
  std::vector<std::int32_t> ids() const;
  std::vector<std::int32_t> source_ids() const;  ///< What encode() read.
  const Model& model() const noexcept;

  class LOQUOR_HIDDEN Impl;
  Impl& impl() const noexcept { return *impl_; }

 private:
  LOQUOR_HIDDEN explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs the next ids of several sessions of one model as one packed batch. Each gets the same bits
/// as alone.
class Batch {
 public:
  explicit Batch(const Model& model);
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();
  /// Adds ids for a session, which must outlive step(). Throws for a session of another model or
  /// one that is in the batch already.
  Batch& add(Session& session, std::span<const std::int32_t> ids);
  /// Appends all, or none where one fails, and empties the batch. One row of logits a session, in
  /// the order added.
  Logits step();

 private:
  class LOQUOR_HIDDEN Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loquor
