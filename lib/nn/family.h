// What a family file of lib/models says: how to read its architecture from a config, and how its
// weights are called.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nn/config.h"
#include "nn/spec.h"

namespace loquor {

/// Where a weight of ours lies in a checkpoint. Names are stems: ".weight" and ".bias" are added;
/// each "*" stands for a number of ours, in order. Several tensors of the checkpoint are joined
/// along their outputs. Of several entries for one weight the first counts whose tensors are there.
struct WeightName {
  std::string_view ours;
  std::vector<std::string_view> theirs;
  bool transposed = false;     // stored (inputs, outputs)
  std::string_view bias = {};  // where it is not theirs + ".bias"
  bool whole = false;          // names of tensors rather than stems
  bool stacked = false;        // stored (n, outputs, inputs), of which our last number picks one
  bool by_heads = false;       // stored (heads, outputs, inputs), the first (heads, inputs,
                               // outputs); joined head by head
};

/// Names of a family that replace those of another, or stand beside them.
std::vector<WeightName> with(const std::vector<WeightName>& names, std::vector<WeightName> changes);

/// What GGUF files call the weights, whatever the family.
std::vector<WeightName> gguf_names();

/// What the name of a class of transformers ends in ("ForCausalLM"), and the head that it means.
struct ClassEnd {
  std::string_view end;
  std::optional<HeadSpec::Task> task{};  // none: the bare model
  bool encoder_only = false;             // of a family that has a decoder too
};
inline constexpr ClassEnd kDecoderClasses[] = {
    {"Model"},
    {"ForCausalLM", HeadSpec::Task::language},
    {"ForSequenceClassification", HeadSpec::Task::sequence},
    {"ForTokenClassification", HeadSpec::Task::token}};
inline constexpr ClassEnd kEncoderClasses[] = {
    {"Model"},
    {"ForMaskedLM", HeadSpec::Task::masked},
    {"ForSequenceClassification", HeadSpec::Task::sequence},
    {"ForTokenClassification", HeadSpec::Task::token},
    {"ForQuestionAnswering", HeadSpec::Task::question}};
inline constexpr ClassEnd kEncoderDecoderClasses[] = {
    {"Model"}, {"ForConditionalGeneration", HeadSpec::Task::language}};

/// How some checkpoints begin the names of tensors that begin otherwise in WeightName::theirs.
struct Spelling {
  std::string_view usual;
  std::string_view other;
};

/// The head of a decoder: the vocabulary, or labels from the last row (sequence) or every one.
HeadSpec decoder_head(Config& config, HeadSpec::Task task);

/// The rotary embedding that a config speaks of: rope_theta and rope_scaling, or rope_parameters,
/// within it those of `layer_type` where they are told apart. `positions` is the context that an
/// original length defaults to.
RopeSpec rope_spec(Config& config, std::int64_t head_width, std::int64_t positions,
                   std::string_view layer_type = {});

/// A kind of GGUF file that is a family's.
struct GgufKind {
  std::string_view architecture{};                               // general.architecture
  std::optional<HeadSpec::Task> task{HeadSpec::Task::language};  // none: without a head
  /// Tensors that tell it from other families' files of the architecture: they are there, or,
  /// behind a "!", are not.
  std::array<std::string_view, 2> tensors{};
  bool encoder_only = false;  // of a family that has both
};

/// A family: everything that loquor knows of one architecture. Defined once, in its own file of
/// lib/models.
struct Family {
  std::array<std::string_view, 4> names;    // model_type of config.json; the first is ours
  std::array<std::string_view, 4> classes;  // of transformers, without what they end in: "Llama" of
                                            // "LlamaForCausalLM"
  std::span<const ClassEnd> ends = kDecoderClasses;  // that are built
  std::array<std::string_view, 4> tokenizers{};      // transformers' tokenizer class for each of
                                                     // `names`, where a model's files say none
  std::array<GgufKind, 2> gguf{};
  HeadSpec::Task task = HeadSpec::Task::language;  // where a config names no class
  ModelSpec (*spec)(Config& config);               // all but the head
  HeadSpec (*head)(Config& config, HeadSpec::Task task) = decoder_head;  // all but its outputs
  std::vector<WeightName> (*weights)();                    // in Hugging Face checkpoints
  std::vector<WeightName> (*gguf_weights)() = gguf_names;  // in GGUF files
  std::span<const Spelling> spellings{};
  // A head that reads the source in the decoder too begins there with the source's last id, rather
  // than with decoder_start_token_id.
  bool last_id_first = false;
  std::array<std::string_view, 12>
      ignored{};  // tensors that carry nothing, as names with "*"; "**" at an end stands for all
};

/// All families that are built in.
std::span<const Family* const> families();

}  // namespace loquor
