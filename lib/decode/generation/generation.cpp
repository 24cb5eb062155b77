#include "loquor/generation.hpp"

#include <algorithm>

#include "base/error.h"
#include "decode/encode.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_impl.h"

namespace loquor {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Lets a cancel end calls on a session while it lives.
class Watch {
 public:
  Watch(Session& session, const Cancel& cancel) : cancels_(session.impl().context.cancels) {
    cancels_.push_back(cancel);
  }
  ~Watch() { cancels_.pop_back(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::vector<Cancel>& cancels_;
};

// Where positions know no end, as T5's, an output has one.
constexpr std::int64_t kEndlessContext = 1 << 19;
constexpr std::int64_t kEnd = 512;

// What the decoder of an encoder-decoder reads first: its start, then decoder_input_ids, which may
// begin with it.
std::vector<std::int32_t> decoder_prompt(const GenerateOptions& options) {
  std::vector<std::int32_t> ids = options.decoder_input_ids.value_or(std::vector<std::int32_t>());
  const std::int32_t start = decoder_start(options);
  if (ids.empty() || ids.front() != start) ids.insert(ids.begin(), start);
  return ids;
}

}  // namespace

std::string_view name(FinishReason reason) noexcept {
  constexpr std::string_view kNames[] = {"none",    "eos",  "stop",     "length",
                                         "context", "time", "cancelled"};
  return kNames[static_cast<std::size_t>(reason)];
}

Generation::Impl::Impl(WorkSession given, std::vector<std::int32_t> ids,
                       const GenerateOptions& options)
    : options_(options),
      sampler_(options_),
      session_(std::move(given)),
      batch_(session().model()),
      unread_(std::move(ids)) {
  if (options_.cancel) cancel = *options_.cancel;
  source_ids_ = session().source_ids();
  if (session().impl().transformer().spec().encoder && source_ids_.empty()) {
    // The prompt is the encoder's; the decoder begins with ids of its own.
    source_ids_ = std::exchange(unread_, decoder_prompt(options_));
    require_positions(session().impl().transformer(), source_ids_);
    source_is_read_ = false;
  } else if (options_.decoder_input_ids) {
    fail(Code::invalid_argument, "option decoder_input_ids: ",
         source_ids_.empty() ? "this model is decoder-only: what its output begins after is the "
                               "prompt"
                             : "the session has read its source: what follows is the prompt");
  }
  prompt_ = session().ids();
  output.seed = sampler_.seed;
  output.timings.cached_tokens = session().position();
  if (unread_.empty() && !prompt_.empty()) {
    // Going on without new ids needs the last position's logits: it is read once more.
    unread_.push_back(prompt_.back());
    prompt_.pop_back();
    session().rewind(session().position() - 1);
  }
  session().impl().require_room(unread_.size());
  prompt_.insert(prompt_.end(), unread_.begin(), unread_.end());
  const auto length = static_cast<std::int64_t>(prompt_.size());
  limit_ = session().context_length() - length + 1;  // the last id is not read
  const std::optional<std::int64_t> most = most_new_tokens(options_, length);
  if (!source_ids_.empty() && limit_ >= kEndlessContext)
    limit_ = std::min(limit_, most.value_or(kEnd));
  if (most && *most <= limit_) {
    limit_ = *most;
  } else {
    limit_reason_ = FinishReason::context;
  }
  facts_ = {.length = length,
            .encoder_ids = source_ids_.empty() ? prompt_ : source_ids_,
            .max_length = length + limit_};
}

Generation::Impl::~Impl() { end(true); }

void Generation::Impl::end(bool failed) noexcept {
  if (auto call = std::exchange(on_end, nullptr)) call(output, failed);
}

bool Generation::Impl::out_of_time() const {
  return options_.max_time && seconds_since(start_) >= *options_.max_time;
}

Logits Generation::Impl::read(Session& of, std::span<const std::int32_t> ids, std::int64_t last) {
  const Watch watch(of, cancel);
  return of.append_logits(ids, last);
}

std::vector<std::vector<float>> Generation::Impl::read_all(const std::vector<Reading>& readings) {
  if (readings.size() == 1) return {read(*readings[0].session, readings[0].ids, 1).values};
  const Watch watch(*readings[0].session, cancel);
  for (const Reading& reading : readings) batch_.add(*reading.session, reading.ids);
  const Logits logits = batch_.step();
  std::vector<std::vector<float>> rows;
  for (std::int64_t i = 0; i < logits.rows; ++i)
    rows.emplace_back(logits.row(i).begin(), logits.row(i).end());
  return rows;
}

FinishReason Generation::Impl::why_it_ends(std::int32_t id, std::int64_t generated) const {
  if (options_.eos_token_id && std::ranges::count(*options_.eos_token_id, id) != 0)
    return FinishReason::eos;
  return generated >= limit_ ? limit_reason_ : FinishReason::none;
}

void Generation::Impl::allow(std::size_t index, std::vector<std::int32_t> ids) {
  const std::size_t count = live().size();
  if (index >= count) {
    fail(Code::invalid_argument, "index: found ", index, ", expected less than ", count,
         ", the sequences that go on");
  }
  allowed_.resize(count);
  allowed_[index] = std::move(ids);
}

bool Generation::Impl::begin(Piece& piece) {
  if (over_) return false;
  step_start_ = Clock::now();
  FinishReason reason = FinishReason::none;
  if (cancel.cancelled()) {
    reason = FinishReason::cancelled;
  } else if (limit_ == 0) {
    reason = limit_reason_;
  } else if (steps_ > 0 && ends_by_time() && out_of_time()) {
    reason = FinishReason::time;
  }
  if (reason != FinishReason::none) end_with(reason, piece);
  if (over_ || source_is_read_) return !over_;
  try {
    read_source();
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) throw;
    end_with(FinishReason::cancelled, piece);
  }
  return !over_;
}

void Generation::Impl::read_source() {
  const Watch watch(session(), cancel);
  session().encode(source_ids_);
  source_is_read_ = true;
}

void Generation::Impl::note_prompt_read() {
  const bool encoded = !source_ids_.empty() && prompt_.size() == unread_.size();
  output.timings.prompt_tokens =
      std::ssize(unread_) + (encoded ? std::ssize(source_ids_) : std::ptrdiff_t{0});
  output.timings.prompt_seconds = seconds_since(step_start_);
}

void Generation::Impl::take(std::vector<std::vector<float>> logits, Piece& piece) {
  logits_ = std::move(logits);
  if (steps_ == 0) note_prompt_read();
  const bool over = step(logits_, piece);
  if (steps_++ > 0) output.timings.generate_seconds += seconds_since(step_start_);
  logits_.clear();
  allowed_.clear();
  if (!over) return;
  over_ = true;
  output.sequences = sequences();
  end(false);
}

void Generation::Impl::end_with(FinishReason reason, Piece& piece) {
  close(reason, piece);
  over_ = true;
  output.sequences = sequences();
  end(false);
}

// One step. Logits that were read before a step failed are there still.
void Generation::Impl::advance(Piece& piece) {
  try {
    if (logits_.empty()) {
      const std::vector<Reading> readings = reads();
      if (!readings.empty()) logits_ = read_all(readings);
    }
    take(std::move(logits_), piece);
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) throw;
    end_with(FinishReason::cancelled, piece);
  }
}

std::optional<Piece> Generation::Impl::next() {
  Piece piece;
  if (begin(piece)) {
    try {
      advance(piece);
    } catch (...) {
      end(true);
      throw;
    }
  }
  if (over_ && piece.ids.empty() && piece.text.empty()) return {};
  return piece;
}

Generation::Generation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Generation::Generation(Session& session, std::string_view prompt, const GenerateOptions& options)
    : impl_(make_generation(session, encode_prompt(session.model(), prompt, options), options,
                            session.model().generation_defaults())) {}
Generation::Generation(Session& session, std::span<const std::int32_t> ids,
                       const GenerateOptions& options)
    : impl_(make_generation(session, {ids.begin(), ids.end()}, options,
                            session.model().generation_defaults())) {}
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
std::vector<std::vector<std::int32_t>> Generation::live() const { return impl_->live(); }
void Generation::allow(std::size_t index, std::vector<std::int32_t> ids) {
  impl_->allow(index, std::move(ids));
}
FinishReason Generation::finish_reason() const noexcept { return impl_->finish_reason(); }
const Timings& Generation::timings() const noexcept { return impl_->output.timings; }
const Output& Generation::output() const noexcept { return impl_->output; }

}  // namespace loquor
