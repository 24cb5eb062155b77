#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "decode/session_impl.h"
#include "ops/embedding.h"
#include "ops/gather.h"

namespace loquor {

class Batch::Impl {
 public:
  explicit Impl(const Model& of) : model(of), context(of.runtime()) {}

  struct Part {
    Session* session;
    std::vector<std::int32_t> ids;
  };
  Model model;
  Context context;
  std::vector<Part> parts;
};

Batch::Batch(const Model& model) : impl_(std::make_unique<Impl>(model)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

Batch& Batch::add(Session& session, std::span<const std::int32_t> ids) {
  if (session.model().impl() != impl_->model.impl()) {
    fail(Code::invalid_argument, "the session belongs to another model than the batch");
  }
  for (const Impl::Part& part : impl_->parts) {
    if (part.session == &session)
      fail(Code::invalid_argument, "the session is in the batch already");
  }
  session.impl().require_room(ids.size());
  check_ids(ids, impl_->model.impl()->transformer().spec().vocabulary);
  impl_->parts.push_back({&session, {ids.begin(), ids.end()}});
  return *this;
}

Logits Batch::step() {
  if (impl_->parts.empty())
    fail(Code::invalid_argument, "the batch is empty: add() sessions first");
  std::vector<std::unique_ptr<Busy>> busy;
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> last_rows;
  PackedBatch batch;
  const auto parts = std::exchange(impl_->parts, {});
  auto& cancels = impl_->context.cancels;
  cancels.clear();
  for (const auto& part : parts) {
    Session::Impl& session = part.session->impl();
    busy.push_back(std::make_unique<Busy>(session.busy, "a session of the batch"));
    session.require_room(part.ids.size());
    batch.segments.add(static_cast<std::int64_t>(part.ids.size()), session.cache.length());
    batch.caches.push_back(&session.cache);
    const auto& session_cancels = session.context.cancels;
    cancels.insert(cancels.end(), session_cancels.begin(), session_cancels.end());
    ids.insert(ids.end(), part.ids.begin(), part.ids.end());
    last_rows.push_back(static_cast<std::int64_t>(ids.size()) - 1);
  }
  const FlushDenormals flush;
  const ThreadPool::Awake awake(impl_->context.pool());
  const Transformer& transformer = impl_->model.impl()->transformer();
  Logits out;
  try {
    const Tensor hidden = transformer.forward(impl_->context, ids, batch);
    const Tensor logits =
        transformer.logits(impl_->context, gather_rows(impl_->context, hidden, last_rows));
    out = {logits.rows(), logits.columns(),
           std::vector<float>(logits.data(), logits.data() + logits.size())};
    for (const auto& part : parts) {
      auto& session_ids = part.session->impl().ids;
      session_ids.reserve(session_ids.size() + part.ids.size());
    }
  } catch (...) {
    batch.undo();
    throw;
  }
  batch.commit();
  for (const auto& part : parts) {
    auto& session_ids = part.session->impl().ids;
    session_ids.insert(session_ids.end(), part.ids.begin(), part.ids.end());
  }
  return out;
}

}  // namespace loquor
