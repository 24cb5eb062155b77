// Sessions and batches.
#include "guard.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

Session& session_of(loquor_session* session) { return *handle(session, "session").value; }
const Session& session_of(const loquor_session* session) {
  return *handle(session, "session").value;
}

void give_logits(loquor_tensor** out, Logits logits) {
  std::vector shape{logits.rows, logits.vocabulary};
  give(out, std::move(logits.values), std::move(shape));
}

}  // namespace

int32_t loquor_session_new(const loquor_model* model, const loquor_options* options,
                           loquor_session** session, loquor_error** error) {
  return guard(error, [&] {
    required(session, "session");
    give(session, std::make_shared<Session>(handle(model, "model").value,
                                            options_argument<SessionOptions>(options)));
  });
}

int32_t loquor_session_append(loquor_session* session, const int32_t* ids, size_t count,
                              int64_t last, loquor_tensor** logits, loquor_error** error) {
  return guard(error, [&] {
    required(logits, "logits");
    give_logits(logits, session_of(session).append_logits(span_argument(ids, count, "ids"), last));
  });
}

int32_t loquor_session_encode(loquor_session* session, const int32_t* ids, size_t count,
                              loquor_error** error) {
  return guard(error, [&] { session_of(session).encode(span_argument(ids, count, "ids")); });
}

int32_t loquor_session_rewind(loquor_session* session, int64_t position, loquor_error** error) {
  return guard(error, [&] { session_of(session).rewind(position); });
}

int32_t loquor_session_fork(const loquor_session* session, loquor_session** fork,
                            loquor_error** error) {
  return guard(error, [&] {
    required(fork, "fork");
    give(fork, std::make_shared<Session>(session_of(session).fork()));
  });
}

int32_t loquor_session_save(const loquor_session* session, loquor_string** state,
                            loquor_error** error) {
  return guard(error, [&] {
    required(state, "state");
    give(state, session_of(session).save());
  });
}

int32_t loquor_session_restore(loquor_session* session, const void* state, size_t size,
                               loquor_error** error) {
  return guard(error, [&] {
    session_of(session).restore(text_argument(static_cast<const char*>(state), size, "state"));
  });
}

int32_t loquor_session_ids(const loquor_session* session, loquor_ids** ids, loquor_error** error) {
  return guard(error, [&] {
    required(ids, "ids");
    give(ids, session_of(session).ids());
  });
}

int64_t loquor_session_position(const loquor_session* session) {
  return usable(session) ? session->value->position() : 0;
}

int64_t loquor_session_context_length(const loquor_session* session) {
  return usable(session) ? session->value->context_length() : 0;
}

void loquor_session_free(loquor_session* session) { release(session); }

int32_t loquor_batch_new(const loquor_model* model, loquor_batch** batch, loquor_error** error) {
  return guard(error, [&] {
    required(batch, "batch");
    give(batch, Batch(handle(model, "model").value));
  });
}

int32_t loquor_batch_add(loquor_batch* batch, loquor_session* session, const int32_t* ids,
                         size_t count, loquor_error** error) {
  return guard(error, [&] {
    const Exclusive lock(handle(batch, "batch").busy, "the batch");
    auto& added = session_of(session);
    batch->sessions.reserve(batch->sessions.size() + 1);
    batch->value.add(added, span_argument(ids, count, "ids"));
    batch->sessions.push_back(session->value);
  });
}

int32_t loquor_batch_step(loquor_batch* batch, loquor_tensor** logits, loquor_error** error) {
  return guard(error, [&] {
    required(logits, "logits");
    const Exclusive lock(handle(batch, "batch").busy, "the batch");
    const auto kept = std::exchange(batch->sessions, {});
    give_logits(logits, batch->value.step());
  });
}

void loquor_batch_free(loquor_batch* batch) { release(batch); }
