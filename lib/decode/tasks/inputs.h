// What a caller gives a task, as the sequences that a model reads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "decode/tasks/packer.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// Turns inputs into sequences, of a length that the model takes. Keeps nothing of them.
class InputReader {
 public:
  /// encode: how texts are read beside what `options` say, which must outlive this. Throws
  /// Error(invalid_argument) for options out of range, and for no inputs at all.
  InputReader(const Model& model, const InputOptions& options, std::size_t inputs,
              EncodeOptions encode = {});

  /// The input in one sequence, with `prompt` in front of its text. Throws Error(invalid_argument)
  /// for an empty one, and Error(context_full) for a longer one than options allow.
  PackedSequence operator()(const Input& input, std::size_t index,
                            std::string_view prompt = {}) const;
  /// The same for a text whose tokens' places are asked for.
  Encoding encode(const Input& input, std::size_t index) const;
  /// Of those tokens.
  PackedSequence sequence(const Encoding& encoding, std::size_t index) const;
  std::int64_t max_length() const noexcept { return max_length_; }
  /// Throws Error(invalid_argument) where it is empty.
  void require_text(std::string_view text, std::size_t index) const;
  /// Throws Error(context_full) for more tokens than max_length().
  void require_fit(std::size_t count, std::size_t index) const;

 private:
  Encoding tokenize(const Input& input, std::size_t index, std::string_view prompt,
                    bool with_offsets) const;
  PackedSequence cut(const TokenIds& ids, std::size_t index) const;

  const Model& model_;
  const InputOptions& options_;
  EncodeOptions encode_;
  std::int64_t max_length_;
};

/// Throws Error(unsupported) unless the model's head is the one for a task, naming what it is.
void require_head(const Model::Impl& model, HeadSpec::Task task);

/// What the decoder of an encoder-decoder reads for its head: the ids, one place later, behind the
/// model's first one. Nothing for other models.
std::vector<std::int32_t> shifted(const Model::Impl& model, const std::vector<std::int32_t>& ids);

/// Leaves the row that a classifier of texts looks at as the last that its decoder reads. Throws
/// Error(invalid_argument) where there is no such row.
void end_where_head_looks(const Model::Impl& model, PackedSequence& sequence);

}  // namespace loquor
