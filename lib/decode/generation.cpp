#include "loquor/generation.hpp"

#include <algorithm>

#include "base/error.h"
#include "decode/generation_defaults.h"
#include "decode/generation_impl.h"
#include "decode/options.h"

namespace loquor {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::string_view name(FinishReason reason) noexcept {
  constexpr std::string_view kNames[] = {"none",    "eos",  "stop",     "length",
                                         "context", "time", "cancelled"};
  return kNames[static_cast<std::size_t>(reason)];
}

Generation::Impl::Impl(Session& session, std::vector<std::int32_t> ids,
                       const GenerateOptions& options)
    : session_(session),
      options_((validate(options), with_defaults(options, session.model().generation_defaults()))),
      sampler_(options_),
      stops_(options_.stop_strings),
      pending_(std::move(ids)) {
  if (options_.cancel) cancel = *options_.cancel;
  if (session_.model().has_tokenizer()) {
    text_.emplace(session_.model().tokenizer(), options_.skip_special_tokens);
  } else if (!options_.stop_strings.empty()) {
    fail(Code::unsupported, "stop_strings need a tokenizer, and this model has none");
  }
  history_ = session_.ids();
  output.seed = sampler_.seed();
  output.timings.cached_tokens = session_.position();
  if (pending_.empty() && !history_.empty()) {
    // Going on without new ids needs the last position's logits: it is read once more.
    pending_.push_back(history_.back());
    history_.pop_back();
    session_.rewind(session_.position() - 1);
  }
  session_.impl().require_room(pending_.size());
  history_.insert(history_.end(), pending_.begin(), pending_.end());
  prompt_length_ = static_cast<std::int64_t>(history_.size());
}

Generation::Impl::Impl(std::unique_ptr<Session> session, std::vector<std::int32_t> ids,
                       const GenerateOptions& options)
    : Impl(*session, std::move(ids), options) {
  owned_ = std::move(session);
}

Generation::Impl::~Impl() { end(true); }

void Generation::Impl::end(bool failed) noexcept {
  if (auto call = std::exchange(on_end, nullptr)) call(output, failed);
}

std::optional<Piece> Generation::Impl::next() {
  Piece piece;
  if (begin(piece)) {
    try {
      read(piece);
    } catch (const Error& error) {
      if (error.code() != Code::cancelled) {
        end(true);
        throw;
      }
      end_with(FinishReason::cancelled, piece);
    }
  }
  if (output.finish_reason != FinishReason::none && piece.ids.empty() && piece.text.empty())
    return {};
  return piece;
}

void Generation::Impl::read(Piece& piece) {
  auto& cancels = session_.impl().context.cancels;
  cancels.push_back(cancel);
  std::vector<float> logits;
  try {
    logits = session_.append(pending_);
  } catch (...) {
    cancels.pop_back();
    throw;
  }
  cancels.pop_back();
  take(logits, piece);
}

FinishReason Generation::Impl::why_not_to_begin() const {
  if (cancel.cancelled()) return FinishReason::cancelled;
  if (output.ids.empty())
    return options_.max_new_tokens == 0 ? FinishReason::length : FinishReason::none;
  if (options_.max_time && seconds_since(start_) >= *options_.max_time) return FinishReason::time;
  if (session_.position() >= session_.context_length()) return FinishReason::context;
  return FinishReason::none;
}

bool Generation::Impl::begin(Piece& piece) {
  if (output.finish_reason != FinishReason::none) return false;
  const FinishReason reason = why_not_to_begin();
  if (reason != FinishReason::none) end_with(reason, piece);
  step_start_ = Clock::now();
  return reason == FinishReason::none;
}

void Generation::Impl::take(std::span<const float> logits, Piece& piece) {
  Timings& timings = output.timings;
  const bool first = output.ids.empty();
  if (first) {
    timings.prompt_tokens = static_cast<std::int64_t>(pending_.size());
    timings.prompt_seconds = seconds_since(step_start_);
  }
  draw(logits, piece);
  if (!first) timings.generate_seconds += seconds_since(step_start_);
  const std::int32_t id = piece.ids.back();
  FinishReason reason = why_it_ends(id);
  if (text_ && (reason != FinishReason::eos || !options_.skip_special_tokens))
    piece.text = stops_.push(text_->push(id));
  if (stops_.stopped()) reason = FinishReason::stop;
  if (reason == FinishReason::none) {
    output.text += piece.text;
  } else {
    end_with(reason, piece);
  }
}

// Draws a token, which is what the next step reads.
void Generation::Impl::draw(std::span<const float> logits, Piece& piece) {
  Sampler::Impl& sampler = sampler_.impl();
  sampler.process(logits, history_, prompt_length_, sampler.processed_logits);
  const std::int32_t id = sampler.choose(sampler.processed_logits);
  const Logprobs logprobs =
      log_probabilities_of(sampler.processed_logits, id, options_.logprobs.value_or(0));
  output.timings.generated_tokens += 1;
  output.ids.push_back(id);
  output.score += static_cast<double>(logprobs.chosen.logprob);
  if (options_.logprobs) {
    output.logprobs.push_back(logprobs);
    piece.logprobs.push_back(logprobs);
  }
  history_.push_back(id);
  pending_.assign(1, id);
  piece.ids.push_back(id);
}

FinishReason Generation::Impl::why_it_ends(std::int32_t id) const {
  if (options_.eos_token_id) {
    const auto& eos = *options_.eos_token_id;
    if (std::find(eos.begin(), eos.end(), id) != eos.end()) return FinishReason::eos;
  }
  if (options_.max_new_tokens && output.timings.generated_tokens >= *options_.max_new_tokens)
    return FinishReason::length;
  return FinishReason::none;
}

void Generation::Impl::end_with(FinishReason reason, Piece& piece) {
  output.finish_reason = reason;
  if (text_ && reason != FinishReason::stop) {
    piece.text += stops_.push(text_->finish());
    if (stops_.stopped()) {
      output.finish_reason = FinishReason::stop;
    } else {
      piece.text += stops_.finish();
    }
  }
  output.text += piece.text;
  end(false);
}

Generation::Generation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Generation::Generation(Session& session, std::string_view prompt, const GenerateOptions& options)
    : impl_(std::make_unique<Impl>(session, encode_prompt(session.model(), prompt, options),
                                   options)) {}
Generation::Generation(Session& session, std::span<const std::int32_t> ids,
                       const GenerateOptions& options)
    : impl_(std::make_unique<Impl>(session, std::vector<std::int32_t>(ids.begin(), ids.end()),
                                   options)) {}
Generation::Generation(Generation&&) noexcept = default;
Generation& Generation::operator=(Generation&&) noexcept = default;
Generation::~Generation() = default;

std::optional<Piece> Generation::next() { return impl_->next(); }

Output Generation::finish() {
  while (next()) {
  }
  return impl_->output;
}

void Generation::cancel() const noexcept { impl_->cancel.cancel(); }
FinishReason Generation::finish_reason() const noexcept { return impl_->output.finish_reason; }
const Timings& Generation::timings() const noexcept { return impl_->output.timings; }
const Output& Generation::output() const noexcept { return impl_->output; }

}  // namespace loquor
