// What stands behind a Generation: the loop, which has three forms. Greedy and sampled sequences
// (sampled_generation.cpp), beams (beam_generation.cpp) and speculation
// (speculative_generation.cpp) differ in one step.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/generation/logits_processors.h"
#include "decode/generation/output_text.h"
#include "decode/generation/sampler_impl.h"
#include "decode/session_impl.h"
#include "loquor/generation.hpp"

namespace loquor {

/// The session that a generation works in: the caller's, or one of its own.
struct WorkSession {
  WorkSession(Session& given) : session(&given) {}
  WorkSession(std::unique_ptr<Session> own) : owned(std::move(own)), session(owned.get()) {}
  std::unique_ptr<Session> owned;
  Session* session;
};

/// Ids that a step reads into a session, for the logits after the last of them.
struct Reading {
  Session* session;
  std::vector<std::int32_t> ids;
};

class Generation::Impl {
 public:
  virtual ~Impl();

  std::optional<Piece> next();

  /// The parts of next(), for whoever reads for many at once: begin() says whether another step is
  /// wanted, take() makes it from the logits (V) after each of reads(), end_with() ends all
  /// instead. What they settle is added to piece and output.
  bool begin(Piece& piece);
  /// Empty for a form that reads for itself, in next().
  virtual std::vector<Reading> reads() = 0;
  void take(std::vector<std::vector<float>> logits, Piece& piece);
  void end_with(FinishReason reason, Piece& piece);

  /// None before all has ended.
  FinishReason finish_reason() const noexcept {
    return over_ ? output.finish_reason : FinishReason::none;
  }
  /// Of each sequence that goes on, prompt and output ids.
  virtual std::vector<std::vector<std::int32_t>> live() const = 0;
  virtual void allow(std::size_t index, std::vector<std::int32_t> ids);

  /// Called once, when the text has ended, or with failed = true when it could not begin or is
  /// abandoned before its end.
  std::function<void(const Output& output, bool failed)> on_end;
  Output output;
  Cancel cancel;

 protected:
  using Allowed = std::vector<std::optional<std::vector<std::int32_t>>>;  // of each of live()

  /// `options` are the caller's, laid over the model's.
  Impl(WorkSession session, std::vector<std::int32_t> ids, const GenerateOptions& options);

  /// Goes one step on from the logits after each of reads(), with what it settles in `piece`; true
  /// where all has ended.
  virtual bool step(const std::vector<std::vector<float>>& logits, Piece& piece) = 0;
  /// Ends all that goes on for this reason.
  virtual void close(FinishReason reason, Piece& piece) = 0;
  /// All sequences, the one that `output` shows first.
  virtual std::vector<Sequence> sequences() const = 0;
  /// Whether max_time ends the generation before its next step; else the form itself says what it
  /// ends.
  virtual bool ends_by_time() const { return true; }

  Session& session() const noexcept { return *session_.session; }
  /// The first of reads(): what the session has not read of the prompt.
  std::vector<Reading> prompt_reading() const { return {{session_.session, unread_}}; }
  /// Reads ids into a session; logits of the last `last` of them.
  Logits read(Session& session, std::span<const std::int32_t> ids, std::int64_t last);
  /// Notes the time that reading the prompt took, up to now.
  void note_prompt_read();
  /// Why a sequence ends with this id as its `generated`-th; none where it goes on.
  FinishReason why_it_ends(std::int32_t id, std::int64_t generated) const;
  bool out_of_time() const;

  GenerateOptions options_;
  Sampler::Impl sampler_;
  std::vector<std::int32_t> prompt_;  // all ids before the output, those that the session had too
  std::int64_t limit_ = 0;            // ids to generate at most
  PromptFacts facts_;
  Allowed allowed_;          // for the next step
  std::uint64_t steps_ = 0;  // taken

 private:
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<float>> read_all(const std::vector<Reading>& readings);
  void advance(Piece& piece);
  void read_source();
  void end(bool failed) noexcept;

  WorkSession session_;
  Batch batch_;
  std::vector<std::int32_t> unread_;      // of the prompt
  std::vector<std::int32_t> source_ids_;  // what the encoder reads, or has read
  bool source_is_read_ = true;
  std::vector<std::vector<float>> logits_;  // after reads(), until a step has gone well
  FinishReason limit_reason_ = FinishReason::length;
  bool over_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point step_start_;
};

/// A generation of the form that the caller's options, laid over `defaults`, ask for. Throws where
/// they, or the ids, cannot be taken.
std::unique_ptr<Generation::Impl> make_generation(WorkSession session,
                                                  std::vector<std::int32_t> ids,
                                                  const GenerateOptions& options,
                                                  const GenerateOptions& defaults);

/// Model::generate on a list, over defaults that need not be the model's.
std::vector<Output> generate_list(const Model& model,
                                  std::span<const std::vector<std::int32_t>> prompts,
                                  const GenerateOptions& options, const GenerateOptions& defaults);

/// The ids of a text prompt, as the options say.
std::vector<std::int32_t> encode_prompt(const Model& model, std::string_view prompt,
                                        const GenerateOptions& options);
/// The ids of a rendered prompt; add_special_tokens: beside those that the template writes.
std::vector<std::int32_t> encode_prompt(const Model& model, const Prompt& prompt,
                                        bool add_special_tokens);

}  // namespace loquor
