// Model: an architecture, its weights and its tokenizer. Immutable; load once, use from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/chat_template.hpp"
#include "loquor/error.hpp"
#include "loquor/options.hpp"
#include "loquor/output.hpp"
#include "loquor/tasks.hpp"
#include "loquor/tokenizer.hpp"

namespace LOQUOR_API loquor {

class Generation;

/// One layer's activations: values (rows, width), row-major.
struct HiddenState {
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::vector<float> values;
};

/// How one layer's heads spread each row over the positions: values (heads, rows, positions),
/// row-major. A row adds up to 1; what it does not see is 0.
struct AttentionWeights {
  std::int64_t heads = 0;
  std::int64_t rows = 0;
  std::int64_t positions = 0;
  std::vector<float> values;
};

/// What a model is and what it needs, known before its weights are read.
struct ModelInfo {
  std::string architecture;  ///< "llama", "gpt2", ...
  std::string format;        ///< "safetensors" or "gguf"
  std::string compute_type;  ///< What it computes in on this machine: "f32" or "bf16".
  std::string cache_type;
  std::string isa;  ///< "scalar", "avx2" or "avx512"
  std::int64_t parameters = 0;
  std::int64_t layers = 0;
  std::int64_t width = 0;
  std::int64_t heads = 0;
  std::int64_t key_value_heads = 0;
  std::int64_t vocabulary = 0;
  std::int64_t context_length = 0;
  std::int64_t file_bytes = 0;    ///< As stored.
  std::int64_t weight_bytes = 0;  ///< As packed in memory.
  std::int64_t cache_bytes_per_position = 0;
  std::int64_t workspace_bytes = 0;  ///< Of a pass over as many tokens as are read at once, about.
  std::string class_name;  ///< transformers' class, "BertForMaskedLM"; empty where no file says.
  std::vector<std::string> labels;  ///< That its head chooses among, in the order of its outputs.
  std::string spec;                 ///< The whole architecture as JSON.
};

/// Copies share one model. Every call may be made from any thread at once. Errors: see Code.
class Model {
 public:
  /// Opens `path` (UTF-8): a directory (config.json + safetensors), a .gguf file, or "org/name":
  /// the last is looked up, offline, in the local Hugging Face cache. What the file asks for and
  /// loquor does not do is refused by name.
  explicit Model(const std::string& path, const ModelOptions& options = {});
  /// A .gguf file in memory (which must outlive the Model).
  static Model from_memory(std::span<const std::byte> gguf, const ModelOptions& options = {});
  /// A .gguf file behind a callback: read(offset, destination, count) returns the bytes it wrote, 0
  /// at an error.
  static Model from_reader(
      std::uint64_t size, const std::function<std::size_t(std::uint64_t, void*, std::size_t)>& read,
      const ModelOptions& options = {});
  /// What opening `path` would give, without reading the weights.
  static ModelInfo inspect(const std::string& path, const ModelOptions& options = {});

  const ModelInfo& info() const noexcept;
  Runtime runtime() const noexcept;
  bool has_tokenizer() const noexcept;
  /// Throws Error(unsupported) for a model without tokenizer files.
  const Tokenizer& tokenizer() const;
  bool has_chat_template() const noexcept;
  /// Throws Error(unsupported) for a model without a template.
  const ChatTemplate& chat_template() const;
  /// What generation_config.json sets; where there is none, what config.json says of it.
  const GenerateOptions& generation_defaults() const noexcept;

  /// Logits at every position of `ids`, or at the last `last` of them. Of an encoder whose head
  /// pools them: one row, a logit a label.
  Logits logits(std::span<const std::int32_t> ids, std::optional<std::int64_t> last = {},
                std::optional<Cancel> cancel = {}) const;
  /// Of an encoder-decoder: at every position of decoder_ids, or the last `last` of them, with ids
  /// for the encoder.
  Logits logits(std::span<const std::int32_t> ids, std::span<const std::int32_t> decoder_ids,
                std::optional<std::int64_t> last = {}, std::optional<Cancel> cancel = {}) const;
  /// Embedding output first, then each block's output; the last one is after the final norm, as
  /// transformers orders them.
  /// Of an encoder-decoder: the encoder's.
  std::vector<HiddenState> hidden_states(std::span<const std::int32_t> ids,
                                         std::optional<Cancel> cancel = {}) const;
  /// The decoder's of an encoder-decoder.
  std::vector<HiddenState> hidden_states(std::span<const std::int32_t> ids,
                                         std::span<const std::int32_t> decoder_ids,
                                         std::optional<Cancel> cancel = {}) const;
  /// Each layer's self-attention after the softmax, of T ids (H, T, T), as transformers'
  /// attentions: eager, without dropout. Of an encoder-decoder: the encoder's. Throws
  /// Error(out_of_memory) where all layers together are above 8 GiB, or above what the memory limit
  /// leaves.
  std::vector<AttentionWeights> attentions(std::span<const std::int32_t> ids,
                                           std::optional<Cancel> cancel = {}) const;
  /// The decoder's of an encoder-decoder.
  std::vector<AttentionWeights> attentions(std::span<const std::int32_t> ids,
                                           std::span<const std::int32_t> decoder_ids,
                                           std::optional<Cancel> cancel = {}) const;
  /// How its decoder's layers look at the encoder's output: (H, decoder_ids, ids).
  std::vector<AttentionWeights> cross_attentions(std::span<const std::int32_t> ids,
                                                 std::span<const std::int32_t> decoder_ids,
                                                 std::optional<Cancel> cancel = {}) const;
  /// log p(ids[i] | ids[0..i)) for i = 1 .. T - 1: T - 1 values.
  std::vector<float> log_probabilities(std::span<const std::int32_t> ids,
                                       std::optional<Cancel> cancel = {}) const;

  /// Completes raw text: no chat template is applied. For a conversation give messages, or use
  /// Chat.
  Output generate(std::string_view prompt, const GenerateOptions& options = {}) const;
  Output generate(std::span<const std::int32_t> ids, const GenerateOptions& options = {}) const;
  /// Answers messages, rendered by the model's chat template.
  Output generate(std::span<const Message> messages, const GenerateOptions& options = {},
                  const RenderOptions& render = {}) const;
  /// Answers what chat_template() rendered: names of special tokens count only where the template
  /// wrote them.
  Output generate(const Prompt& prompt, const GenerateOptions& options = {}) const;
  /// Completes many prompts together, a bounded number at a time. Each output is, bit for bit, that
  /// of a lone call with the seed that it reports: a seed that is given counts up from the first
  /// prompt. Its timings are those of the whole steps it took part in.
  std::vector<Output> generate(std::span<const std::string> prompts,
                               const GenerateOptions& options = {}) const;
  std::vector<Output> generate(std::span<const std::vector<std::int32_t>> prompts,
                               const GenerateOptions& options = {}) const;
  /// Translates each text by an encoder-decoder, as generate() on a list does: with the task's
  /// prefix and options of config.json, and languages as the tokenizer marks them. Throws
  /// Error(invalid_argument) for a language that the model does not know, naming some that it does.
  std::vector<Output> translate(const std::vector<std::string>& texts,
                                const TranslateOptions& options = {}) const;
  /// Shortens each text, likewise.
  std::vector<Output> summarize(const std::vector<std::string>& texts,
                                const SummarizeOptions& options = {}) const;
  /// generate(), piece by piece: for (const Piece& piece : model.stream("...")) ... (include
  /// <loquor/generation.hpp>)
  Generation stream(std::string_view prompt, const GenerateOptions& options = {}) const;
  Generation stream(std::span<const std::int32_t> ids, const GenerateOptions& options = {}) const;
  Generation stream(std::span<const Message> messages, const GenerateOptions& options = {},
                    const RenderOptions& render = {}) const;
  Generation stream(const Prompt& prompt, const GenerateOptions& options = {}) const;

  /// One row for each text: its tokens' last hidden states pooled into one, as the model's
  /// sentence-transformers files say. Of an encoder-decoder: the encoder's.
  Matrix embed(const std::vector<Input>& inputs, const EmbedOptions& options = {}) const;
  /// (rows of a, rows of b), by the measure that the model's files name; else the cosine.
  Matrix similarity(const Matrix& a, const Matrix& b) const;
  /// The labels of each input, the likeliest first. Of a regression: its values as scores.
  std::vector<std::vector<LabelScore>> classify(const std::vector<Input>& inputs,
                                                const ClassifyOptions& options = {}) const;
  /// What the tokens of each text are: names, places, ..., as transformers' pipeline joins them.
  std::vector<std::vector<Entity>> tag(const std::vector<Input>& inputs,
                                       const TagOptions& options = {}) const;
  /// For each input and each mask in it: the tokens that may stand there, the likeliest first.
  std::vector<std::vector<std::vector<Fill>>> fill_mask(const std::vector<Input>& inputs,
                                                        const FillMaskOptions& options = {}) const;
  /// How well each text fits the query, by a model with one label that reads both; the best first.
  std::vector<RankedText> rerank(const std::string& query, const std::vector<std::string>& texts,
                                 const RerankOptions& options = {}) const;
  /// For each question (first) and context (second): where the context answers it, the best first.
  std::vector<std::vector<Answer>> answer(const std::vector<TextPair>& questions,
                                          const AnswerOptions& options = {}) const;
  /// Which of the labels fit each text, by a model of entailment; the best first.
  std::vector<std::vector<LabelScore>> zero_shot(const std::vector<std::string>& texts,
                                                 const std::vector<std::string>& labels,
                                                 const ZeroShotOptions& options = {}) const;
  /// log p of each text, or of a pair's second text given the first. An encoder-decoder takes pairs
  /// only. An encoder scores each token given all others (https://arxiv.org/abs/1910.14659).
  std::vector<Score> score(const std::vector<Input>& inputs,
                           const ScoreOptions& options = {}) const;

  class LOQUOR_HIDDEN Impl;
  const std::shared_ptr<const Impl>& impl() const noexcept { return impl_; }

 private:
  explicit Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace loquor
