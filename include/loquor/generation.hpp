// Generation: the loop of a session, a sampler and stop rules, pulled one piece at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/model.hpp"
#include "loquor/session.hpp"

namespace LOQUOR_API loquor {

/// Movable; one thread at a time, but cancel() may come from any. A session that was given keeps
/// what was read; with several beams, the prompt alone.
class Generation {
 public:
  /// Continues a session that must outlive the Generation, with a further prompt (text, or ids).
  Generation(Session& session, std::string_view prompt, const GenerateOptions& options = {});
  Generation(Session& session, std::span<const std::int32_t> ids,
             const GenerateOptions& options = {});
  Generation(Generation&&) noexcept;
  Generation& operator=(Generation&&) noexcept;
  ~Generation();

  /// The next piece, or nothing at the end. The first call reads the prompt.
  std::optional<Piece> next();
  /// Runs to the end and gives the whole, pieces already pulled included.
  Output finish();
  /// Ends it before the next token; next() then gives what is settled and nothing after that.
  void cancel() const noexcept;

  /// The sequences in the making, prompt and output ids: one, or the draws or beams that go on.
  std::vector<std::vector<std::int32_t>> live() const;
  /// Lets only these ids follow live()[index] at the next step: prefix_allowed_tokens without a
  /// callback. Throws Error(unsupported) for speculative decoding, which takes many steps at once.
  void allow(std::size_t index, std::vector<std::int32_t> ids);

  FinishReason finish_reason() const noexcept;
  const Timings& timings() const noexcept;
  /// What has been generated so far.
  const Output& output() const noexcept;

  struct End {};
  class Iterator {
   public:
    explicit Iterator(Generation& generation)
        : generation_(&generation), piece_(generation.next()) {}
    const Piece& operator*() const { return *piece_; }
    const Piece* operator->() const { return &*piece_; }
    Iterator& operator++() {
      piece_ = generation_->next();
      return *this;
    }
    bool operator==(End) const { return !piece_.has_value(); }

   private:
    Generation* generation_;
    std::optional<Piece> piece_;
  };
  Iterator begin() { return Iterator(*this); }
  End end() const { return {}; }

  class LOQUOR_HIDDEN Impl;
  LOQUOR_HIDDEN explicit Generation(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace loquor
