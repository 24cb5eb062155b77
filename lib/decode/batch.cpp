#include "base/error.h"
#include "decode/chunks.h"
#include "decode/session_impl.h"
#include "ops/embedding.h"

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
  const auto parts = std::exchange(impl_->parts, {});
  std::vector<std::unique_ptr<Busy>> busy;
  std::vector<Unread> unread;
  auto& cancels = impl_->context.cancels;
  cancels.clear();
  for (const auto& [of, ids] : parts) {
    Session::Impl& session = of->impl();
    busy.push_back(std::make_unique<Busy>(session.busy, "a session of the batch"));
    session.require_room(ids.size());
    session.ids.reserve(session.ids.size() + ids.size());
    unread.push_back({&session.cache, ids, session.source()});
    const auto& its_cancels = session.context.cancels;
    cancels.insert(cancels.end(), its_cancels.begin(), its_cancels.end());
  }
  const Transformer& transformer = impl_->model.impl()->transformer();
  Logits out{static_cast<std::int64_t>(parts.size()), transformer.spec().vocabulary, {}};
  out.values.reserve(static_cast<std::size_t>(out.rows * out.vocabulary));
  read_in_chunks(transformer, impl_->context, unread,
                 [&](const Tensor& hidden, std::span<const ChunkPart> chunk) {
                   std::vector<std::int64_t> last_rows;  // of the sequences that end in this chunk
                   std::int64_t end = 0;
                   for (const auto& [sequence, first, rows] : chunk) {
                     end += rows;
                     if (first + rows == std::ssize(unread[sequence].ids))
                       last_rows.push_back(end - 1);
                   }
                   each_logits(transformer, impl_->context, hidden, last_rows,
                               [&](const Tensor& logits, std::span<const std::int64_t>) {
                                 out.values.insert(out.values.end(), logits.data(),
                                                   logits.data() + logits.size());
                               });
                 });
  for (const auto& [of, ids] : parts) {
    auto& its_ids = of->impl().ids;
    its_ids.insert(its_ids.end(), ids.begin(), ids.end());
  }
  return out;
}

}  // namespace loquor
