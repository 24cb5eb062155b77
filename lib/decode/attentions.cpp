// Attentions: how the layers of a model spread each row over the positions.
#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "decode/encode.h"
#include "decode/session_impl.h"

namespace loquor {

namespace {

// Of all layers together; 32 layers of 32 heads reach half of it with 1024 ids.
constexpr std::int64_t kMostBytes = std::int64_t{8} << 30;

/// Bytes that the runtime counts as long as this lives.
class Counted {
 public:
  Counted(const Runtime& runtime, std::int64_t bytes, std::string_view what)
      : runtime_(runtime), bytes_(bytes) {
    runtime_.state().take(bytes, what);
  }
  ~Counted() { runtime_.state().give_back(bytes_); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Runtime runtime_;
  std::int64_t bytes_;
};

std::vector<std::int64_t> heads_of(const StackSpec& stack, bool cross) {
  std::vector<std::int64_t> heads;
  for (const BlockSpec& block : stack.blocks)
    heads.push_back(cross ? block.cross_attention->heads : block.attention.heads);
  return heads;
}

/// What the values of the heads of all layers take. Throws Error(out_of_memory) for more than
/// kMostBytes.
std::int64_t bytes_of(const std::vector<std::int64_t>& heads, std::int64_t rows,
                      std::int64_t positions) {
  constexpr std::int64_t kFloat = sizeof(float), kMost = kMostBytes / kFloat;
  const std::int64_t all = std::accumulate(heads.begin(), heads.end(), std::int64_t{0});
  if (rows > kMost / all / positions) {
    fail(Code::out_of_memory, "attentions of ", rows, " rows to ", positions, " positions in ", all,
         " heads of all layers are too large: expected at most ", kMostBytes, " bytes");
  }
  return all * rows * positions * kFloat;
}

/// Puts together what the layers of a stack show of one sequence, chunk after chunk of its rows.
class Collector : public Taps {
 public:
  Collector(const Runtime& runtime, const StackSpec& stack, bool cross, std::int64_t rows,
            std::int64_t positions)
      : name_(cross ? "cross_attention" : "attention"),
        done_(stack.blocks.size(), 0),
        counted_(runtime, bytes_of(heads_of(stack, cross), rows, positions), "attentions") {
    for (const std::int64_t heads : heads_of(stack, cross)) {
      const std::int64_t size = heads * rows * positions;
      layers_.push_back(
          {heads, rows, positions, std::vector<float>(static_cast<std::size_t>(size))});
    }
  }

  bool wants(std::string_view name) const override { return name == name_; }

  // value: (n, H t), of which t positions are those read so far.
  void see(std::string_view name, std::int64_t index, const Tensor& value) override {
    if (name != name_) return;
    auto& [heads, rows, positions, values] = layers_[static_cast<std::size_t>(index)];
    std::int64_t& done = done_[static_cast<std::size_t>(index)];
    const std::int64_t read = value.columns() / heads;
    for (std::int64_t row = 0; row < value.rows(); ++row, ++done) {
      for (std::int64_t head = 0; head < heads; ++head) {
        std::copy_n(value.row(row) + head * read, read,
                    values.data() + (head * rows + done) * positions);
      }
    }
  }

  std::vector<AttentionWeights> take() { return std::move(layers_); }

 private:
  std::string_view name_;
  std::vector<std::int64_t> done_;  // rows of each layer
  Counted counted_;
  std::vector<AttentionWeights> layers_;
};

std::vector<AttentionWeights> read(Session& session, std::span<const std::int32_t> ids,
                                   Collector& collector) {
  session.impl().context.taps = &collector;
  session.impl().read(ids, [](const Tensor&, std::int64_t) {});
  return collector.take();
}

std::vector<AttentionWeights> of_decoder(const Model& model, std::span<const std::int32_t> ids,
                                         std::span<const std::int32_t> decoder_ids, bool cross,
                                         const std::optional<Cancel>& cancel) {
  Session session(model, {.context_length = 0, .cancel = cancel});
  session.encode(ids);
  session.impl().require_room(decoder_ids.size());
  const ModelSpec& spec = session.impl().transformer().spec();
  const std::int64_t rows = std::ssize(decoder_ids);
  Collector collector(model.runtime(), *spec.decoder, cross, rows, cross ? std::ssize(ids) : rows);
  return read(session, decoder_ids, collector);
}

}  // namespace

std::vector<AttentionWeights> Model::attentions(std::span<const std::int32_t> ids,
                                                std::optional<Cancel> cancel) const {
  const Transformer& transformer = impl_->transformer();
  const ModelSpec& spec = transformer.spec();
  const std::int64_t count = std::ssize(ids);
  if (!spec.encoder) {
    Session session = one_call(*this, ids, cancel);
    Collector collector(runtime(), *spec.decoder, false, count, count);
    return read(session, ids, collector);
  }
  require_positions(transformer, ids);
  Collector collector(runtime(), *spec.encoder, false, count, count);
  Context context(runtime());
  if (cancel) context.cancels.push_back(*cancel);
  context.taps = &collector;
  encode_sequence(transformer, context, ids);
  return collector.take();
}

std::vector<AttentionWeights> Model::attentions(std::span<const std::int32_t> ids,
                                                std::span<const std::int32_t> decoder_ids,
                                                std::optional<Cancel> cancel) const {
  require_encoder_decoder(*this, "attentions of decoder_ids");
  return of_decoder(*this, ids, decoder_ids, false, cancel);
}

std::vector<AttentionWeights> Model::cross_attentions(std::span<const std::int32_t> ids,
                                                      std::span<const std::int32_t> decoder_ids,
                                                      std::optional<Cancel> cancel) const {
  require_encoder_decoder(*this, "cross_attentions");
  return of_decoder(*this, ids, decoder_ids, true, cancel);
}

}  // namespace loquor
