#include "loquor/session.hpp"

#include <algorithm>

#include "base/error.h"
#include "decode/chunks.h"
#include "decode/encode.h"
#include "decode/options/options.h"
#include "decode/session_impl.h"
#include "ops/embedding.h"

namespace loquor {

Busy::Busy(std::atomic<bool>& flag, const char* what) : flag_(flag) {
  if (flag_.exchange(true, std::memory_order_acquire)) {
    fail(Code::busy, what, " is in use by another call; one thread at a time may use it");
  }
}

namespace {

std::int64_t context_of(const Model& model, const SessionOptions& options) {
  require_decoder(model, "session");
  session_options().validate(options);
  const ModelSpec& spec = model.impl()->transformer().spec();
  if (options.context_length > spec.positions) {
    fail(Code::invalid_argument, "context_length is ", options.context_length,
         ", and the model has ", spec.positions, " positions");
  }
  if (options.context_length > 0) return options.context_length;
  return spec.usual_positions > 0 ? spec.usual_positions : spec.positions;
}

}  // namespace

std::int64_t context_for(const Model& model, std::int64_t positions) {
  const ModelSpec& spec = model.impl()->transformer().spec();
  if (spec.encoder) return 0;
  const bool usual = spec.usual_positions == 0 || positions <= spec.usual_positions;
  return usual ? 0 : std::min(positions, spec.positions);
}

Session::Impl::Impl(const Model& of, const SessionOptions& options)
    : model(of),
      context_length(context_of(of, options)),
      cache(new_cache()),
      encoded(of.runtime(), of.impl()->loaded.cross_cache),
      context(of.runtime()) {
  if (options.cancel) context.cancels.push_back(*options.cancel);
}

Session one_call(const Model& model, std::span<const std::int32_t> ids,
                 const std::optional<Cancel>& cancel) {
  const std::int64_t context = context_for(model, std::ssize(ids));
  Session session(model, {.context_length = context, .cancel = cancel});
  session.impl().require_room(ids.size());
  return session;
}

KeyValueCache Session::Impl::new_cache() const {
  return KeyValueCache(model.runtime(), model.impl()->loaded.cache, context_length);
}

void Session::Impl::require_room(std::size_t more) const {
  if (more == 0) fail(Code::invalid_argument, "no token ids were given, expected at least one");
  const std::int64_t used = cache.length();
  if (static_cast<std::int64_t>(more) > context_length - used) {
    fail(Code::context_full, more, " tokens do not fit: ", used, " of ", context_length,
         " positions are in use",
         context_length < transformer().spec().positions
             ? text("; the model has ", transformer().spec().positions,
                    ": open the session with a longer context_length")
             : "");
  }
}

void Session::Impl::read(std::span<const std::int32_t> more, const OnHidden& on_hidden) {
  require_room(more.size());
  check_ids(more, transformer().spec().vocabulary);
  ids.reserve(ids.size() + more.size());
  const Unread unread{&cache, more, source()};
  read_in_chunks(transformer(), context, {&unread, 1},
                 [&](const Tensor& hidden, std::span<const ChunkPart> parts) {
                   on_hidden(hidden, parts.front().first);
                 });
  ids.insert(ids.end(), more.begin(), more.end());
}

void Session::Impl::encode(std::span<const std::int32_t> source) {
  require_encoder_decoder(model, "encode");
  const Tensor hidden = encode_sequence(transformer(), context, source);
  Segments segments;
  segments.add(hidden.rows(), 0);
  KeyValueCache fresh(model.runtime(), model.impl()->loaded.cross_cache);
  transformer().remember(context, hidden, segments, {&fresh});
  source_ids.assign(source.begin(), source.end());
  encoded = std::move(fresh);
  cache.rewind(0);
  ids.clear();
}

const KeyValueCache* Session::Impl::source() const {
  if (!transformer().spec().encoder) return nullptr;
  if (source_ids.empty()) {
    fail(Code::invalid_argument,
         "the session has no source yet: give it one with encode() before the decoder's ids");
  }
  return &encoded;
}

void Session::Impl::rewind(std::int64_t n) {
  if (n < 0 || n > cache.length()) {
    fail(Code::invalid_argument, "cannot rewind to position ", n, " of ", cache.length());
  }
  if (cache.can_rewind(n)) {
    cache.rewind(n);
    ids.resize(static_cast<std::size_t>(n));
    return;
  }
  // A sliding window has left behind what position n would read: read the ids again.
  KeyValueCache whole = std::exchange(cache, new_cache());
  std::vector<std::int32_t> all = std::exchange(ids, {});
  try {
    read(std::span(all).first(static_cast<std::size_t>(n)), [](const Tensor&, std::int64_t) {});
  } catch (...) {
    cache = std::move(whole);
    ids = std::move(all);
    throw;
  }
}

Session::Session(const Model& model, const SessionOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Logits Session::append_logits(std::span<const std::int32_t> ids, std::int64_t last) {
  const Busy busy(impl_->busy, "the session");
  const auto count = static_cast<std::int64_t>(ids.size());
  if (last < 0 || (count > 0 && last > count)) {
    fail(Code::invalid_argument, "logits of the last ", last, " of ", count,
         " tokens were asked for");
  }
  const std::int64_t vocabulary = impl_->transformer().spec().vocabulary;
  Logits out{last, vocabulary, {}};
  out.values.reserve(static_cast<std::size_t>(last * vocabulary));
  const std::int64_t start = count - last;  // the first position whose logits are wanted
  impl_->read(ids, [&](const Tensor& hidden, std::int64_t first) {
    std::vector<std::int64_t> rows;
    for (std::int64_t row = std::max<std::int64_t>(0, start - first); row < hidden.rows(); ++row)
      rows.push_back(row);
    each_logits(impl_->transformer(), impl_->context, hidden, rows,
                [&](const Tensor& logits, std::span<const std::int64_t>) {
                  out.values.insert(out.values.end(), logits.data(), logits.data() + logits.size());
                });
  });
  return out;
}

std::vector<float> Session::append(std::span<const std::int32_t> ids) {
  return append_logits(ids, 1).values;
}

void Session::encode(std::span<const std::int32_t> source) {
  const Busy busy(impl_->busy, "the session");
  impl_->encode(source);
}

void Session::rewind(std::int64_t n) {
  const Busy busy(impl_->busy, "the session");
  impl_->rewind(n);
}

Session Session::fork() const {
  const Busy busy(impl_->busy, "the session");
  auto copy = std::make_unique<Impl>(
      impl_->model, SessionOptions{.context_length = impl_->context_length, .cancel = {}});
  copy->cache = impl_->cache;
  copy->ids = impl_->ids;
  copy->encoded = impl_->encoded;
  copy->source_ids = impl_->source_ids;
  copy->context.cancels = impl_->context.cancels;
  return Session(std::move(copy));
}

std::int64_t Session::position() const noexcept { return impl_->cache.length(); }
std::int64_t Session::context_length() const noexcept { return impl_->context_length; }
std::vector<std::int32_t> Session::ids() const { return impl_->ids; }
std::vector<std::int32_t> Session::source_ids() const { return impl_->source_ids; }
const Model& Session::model() const noexcept { return impl_->model; }

}  // namespace loquor
