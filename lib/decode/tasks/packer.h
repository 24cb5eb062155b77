// Packer: sequences into packed batches of bounded size, and those through the model.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "decode/model_impl.h"

namespace loquor {

/// What a model reads at once.
struct PackedSequence {
  std::size_t input = 0;  // that it belongs to; inputs come in order
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types{};        // one an id, or empty where all are 0
  std::vector<std::int32_t> decoder_ids{};  // where the decoder of an encoder-decoder reads too
};

/// The last hidden states of some sequences, (N, C): the decoder's where it read, else the
/// encoder's, of a decoder alone its own.
struct PackedStates {
  std::span<const PackedSequence> sequences;
  const Segments& segments;  // one a sequence
  const Tensor& hidden;
};

class Packer {
 public:
  using OnStates = std::function<void(Context& context, const PackedStates& states)>;
  /// inputs: how many there are, for the progress that options ask for.
  Packer(const Model::Impl& model, const InputOptions& options, std::size_t inputs,
         OnStates on_states);
  /// Runs what was added before where this one is too much. on_states sees sequences in the order
  /// in which they were added.
  void add(PackedSequence sequence);
  /// Runs the rest.
  void finish();
  Context& context() noexcept { return context_; }

 private:
  void run(std::size_t inputs_done);

  const Model::Impl& model_;
  const InputOptions& options_;
  std::size_t inputs_;
  OnStates on_states_;
  Context context_;
  std::vector<PackedSequence> waiting_;
  std::int64_t tokens_ = 0;  // of those that wait
};

}  // namespace loquor
