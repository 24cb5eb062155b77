// What stands behind a Generation.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/sampler_impl.h"
#include "decode/session_impl.h"
#include "decode/stop_strings.h"
#include "loquor/generation.hpp"

namespace loquor {

class Generation::Impl {
 public:
  /// `options` as the caller gave them. Throws where they, or the ids, cannot be taken.
  Impl(Session& session, std::vector<std::int32_t> ids, const GenerateOptions& options);
  /// With a session of its own.
  Impl(std::unique_ptr<Session> session, std::vector<std::int32_t> ids,
       const GenerateOptions& options);
  ~Impl();

  std::optional<Piece> next();

  /// The steps of next(), for whoever reads pending() of many at once: begin() says whether another
  /// token is wanted, take() draws it from the logits (V) after pending(), end_with() ends the text
  /// instead. What they settle is added to piece and output.
  bool begin(Piece& piece);
  std::span<const std::int32_t> pending() const noexcept { return pending_; }
  void take(std::span<const float> logits, Piece& piece);
  void end_with(FinishReason reason, Piece& piece);
  Session& session() noexcept { return session_; }

  /// Called once, when the text has ended, or with failed = true when it could not begin or is
  /// abandoned before its end.
  std::function<void(const Output& output, bool failed)> on_end;
  Output output;
  Cancel cancel;

 private:
  using Clock = std::chrono::steady_clock;
  void read(Piece& piece);
  FinishReason why_not_to_begin() const;
  FinishReason why_it_ends(std::int32_t id) const;
  void draw(std::span<const float> logits, Piece& piece);
  void end(bool failed) noexcept;

  std::unique_ptr<Session> owned_;
  Session& session_;
  GenerateOptions options_;
  Sampler sampler_;
  StopStrings stops_;
  std::optional<Tokenizer::Stream> text_;
  std::vector<std::int32_t>
      pending_;  // read before the next token: the prompt, then the token drawn last
  std::vector<std::int32_t> history_;
  std::int64_t prompt_length_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point step_start_;
};

/// The ids of a text prompt, as the options say.
std::vector<std::int32_t> encode_prompt(const Model& model, std::string_view prompt,
                                        const GenerateOptions& options);
/// The ids of a rendered prompt; add_special_tokens: beside those that the template writes.
std::vector<std::int32_t> encode_prompt(const Model& model, const Prompt& prompt,
                                        bool add_special_tokens);

}  // namespace loquor
