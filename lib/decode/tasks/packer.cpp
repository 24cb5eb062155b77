#include "decode/tasks/packer.h"

#include <algorithm>
#include <deque>

#include "base/threads.h"
#include "decode/chunks.h"

namespace loquor {

namespace {

using Ids = std::vector<std::int32_t>;

Segments segments_of(std::span<const PackedSequence> sequences, Ids PackedSequence::*ids) {
  Segments segments;
  for (const PackedSequence& sequence : sequences) segments.add(std::ssize(sequence.*ids), 0);
  return segments;
}

Tensor encode(const Transformer& transformer, Context& context,
              std::span<const PackedSequence> sequences, const Segments& segments) {
  Ids ids, types;
  const bool has_types = std::any_of(sequences.begin(), sequences.end(),
                                     [](const PackedSequence& s) { return !s.types.empty(); });
  for (const PackedSequence& sequence : sequences) {
    ids.insert(ids.end(), sequence.ids.begin(), sequence.ids.end());
    types.insert(types.end(), sequence.types.begin(), sequence.types.end());
    if (has_types) types.resize(ids.size());
  }
  return transformer.encode(context, ids, types, segments);
}

// The decoder's hidden states of whole sequences, put together from the chunks that it reads.
Tensor decode(const Transformer& transformer, Context& context, std::span<const Unread> unread,
              const Segments& segments) {
  Tensor all = context.take(segments.rows(), transformer.spec().width);
  read_in_chunks(
      transformer, context, unread, [&](const Tensor& hidden, std::span<const ChunkPart> parts) {
        std::int64_t row = 0;
        for (const auto& [sequence, first, rows] : parts) {
          const Segment& segment = segments[static_cast<std::int64_t>(sequence)];
          std::copy_n(hidden.row(row), rows * hidden.columns(), all.row(segment.first_row + first));
          row += rows;
        }
      });
  return all;
}

}  // namespace

Packer::Packer(const Model::Impl& model, const InputOptions& options, std::size_t inputs,
               OnStates on_states)
    : model_(model),
      options_(options),
      inputs_(inputs),
      on_states_(std::move(on_states)),
      context_(model.loaded.runtime) {
  if (options.cancel) context_.cancels.push_back(*options.cancel);
}

void Packer::add(PackedSequence sequence) {
  const std::int64_t tokens = std::ssize(sequence.ids) + std::ssize(sequence.decoder_ids);
  if (!waiting_.empty() && tokens > options_.batch_tokens - tokens_) run(sequence.input);
  waiting_.push_back(std::move(sequence));
  tokens_ += tokens;
}

void Packer::finish() {
  if (!waiting_.empty()) run(inputs_);
}

void Packer::run(std::size_t inputs_done) {
  const std::vector<PackedSequence> sequences = std::exchange(waiting_, {});
  tokens_ = 0;
  const FlushDenormals flush;
  const ThreadPool::Awake awake(context_.pool());
  context_.check_cancelled();
  const Transformer& transformer = model_.transformer();
  Segments segments = segments_of(sequences, &PackedSequence::ids);
  Tensor hidden;
  std::deque<KeyValueCache> caches;
  const auto cache = [&](const std::vector<CacheLayer>& layers) {
    return &caches.emplace_back(context_.runtime, layers);
  };
  std::vector<Unread> unread;
  if (!transformer.spec().encoder) {
    for (const PackedSequence& sequence : sequences)
      unread.push_back({cache(model_.loaded.cache), sequence.ids});
    hidden = decode(transformer, context_, unread, segments);
  } else {
    hidden = encode(transformer, context_, sequences, segments);
    if (!sequences.front().decoder_ids.empty()) {
      std::vector<KeyValueCache*> encoded;
      for (std::size_t i = 0; i < sequences.size(); ++i)
        encoded.push_back(cache(model_.loaded.cross_cache));
      transformer.remember(context_, hidden, segments, encoded);
      for (std::size_t i = 0; i < sequences.size(); ++i)
        unread.push_back({cache(model_.loaded.cache), sequences[i].decoder_ids, encoded[i]});
      segments = segments_of(sequences, &PackedSequence::decoder_ids);
      hidden = decode(transformer, context_, unread, segments);
    }
  }
  on_states_(context_, {sequences, segments, hidden});
  if (options_.progress) {
    options_.progress(static_cast<std::int64_t>(inputs_done), static_cast<std::int64_t>(inputs_));
  }
}

}  // namespace loquor
