// What the tasks of encoders read and give: embeddings, labels, entities, answers, scores. The
// calls are Model's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/runtime.hpp"
#include "loquor/tokenizer.hpp"

namespace LOQUOR_API loquor {

/// Two texts that are read together: a question and its context, a premise and a hypothesis.
struct TextPair {
  std::string first;
  std::string second;
};

/// Token ids that are read as they are, special tokens included. types: what BERT calls segments;
/// all 0 where empty.
struct TokenIds {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types{};
};

using Input = std::variant<std::string, TextPair, TokenIds>;

/// How many inputs are read. They are packed without padding, and each result is, to the bit, that
/// of a call with that input alone; memory does not grow with their number.
struct InputOptions {
  std::string truncation = "error";  ///< Of what is longer than max_length: "error", "head" keeps
                                     ///< its beginning, "tail" its end.
  std::int64_t max_length = 0;       ///< Tokens of an input, special ones too. 0: the model's.
  bool parse_special = false;  ///< Names of special tokens in texts become their ids; in fill_mask
                               ///< they always do.
  std::int64_t batch_tokens = 1024;  ///< Tokens that are read together; a longer input goes alone.
  /// Told on the caller's thread how many inputs are done; what it throws ends the call.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
  std::optional<Cancel> cancel{};  ///< Ends the call.
};

struct EmbedOptions {
  std::string role{};    ///< "query", "document": which of the model's prompts goes in front.
  std::string prompt{};  ///< Text that goes in front instead.
  std::string pooling = "auto";     ///< "mean", "cls", "last", "max", or "auto": the model's.
  std::optional<bool> normalize{};  ///< To length 1. The model's; false where it does not say.
  std::int64_t dimensions = 0;      ///< Only the first ones, before normalising. 0: all.
  InputOptions input{};
};

struct ClassifyOptions {
  std::int64_t top_k = 0;  ///< Labels that are given. 0: all.
  std::string function_to_apply =
      "auto";  ///< "softmax", "sigmoid", "none", or "auto": by the model's problem_type.
  InputOptions input{};
};

struct TagOptions {
  std::string aggregation_strategy =
      "none";  ///< Of tokens to words and entities: "none", "simple", "first", "average", "max".
  std::vector<std::string> ignore_labels{"O"};  ///< Labels that are not given.
  /// Read a text of any length in windows of input.max_length tokens that share so many, and join
  /// the entities of all; input.truncation is then not used. Not with "none" above.
  std::optional<std::int64_t> stride{};
  InputOptions input{};
};

struct FillMaskOptions {
  std::int64_t top_k = 5;              ///< Tokens for each mask.
  std::vector<std::string> targets{};  ///< Only these, each one token. None: the whole vocabulary.
  InputOptions input{};
};

struct RerankOptions {
  std::int64_t top_k = 0;  ///< Texts that are given. 0: all.
  std::string function_to_apply =
      "auto";  ///< "sigmoid", "none", or "auto": the model's, else "sigmoid".
  InputOptions input{};
};

/// input.max_length: of a question with a window of its context, 384 or the model's where 0;
/// input.truncation is not used, as windows reach everything.
struct AnswerOptions {
  std::int64_t top_k = 1;                 ///< Answers that are given.
  std::int64_t doc_stride = 0;            ///< Tokens that windows share. 0: 128, or half a window.
  std::int64_t max_answer_len = 15;       ///< Tokens of an answer.
  bool handle_impossible_answer = false;  ///< The empty text may be the answer.
  bool align_to_words = true;             ///< Answers begin and end with whole words.
  InputOptions input{};
};

struct ZeroShotOptions {
  std::string hypothesis_template = "This example is {}.";  ///< The label stands for {}.
  bool multi_label = false;  ///< Each label is scored by itself; else their scores add up to 1.
  InputOptions input{};
};

struct ScoreOptions {
  InputOptions input{};
};

/// values (rows, columns), row-major.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> values;
  std::span<const float> row(std::int64_t index) const {
    return std::span(values).subspan(static_cast<std::size_t>(index * columns),
                                     static_cast<std::size_t>(columns));
  }
};

struct LabelScore {
  std::string label;
  double score = 0;
};

/// A token, word or entity of a text.
struct Entity {
  std::string label;
  double score = 0;
  std::string word;        ///< As the tokens spell it; the text itself is at `range`.
  ByteRange range;         ///< In the text.
  std::int64_t index = 0;  ///< Of the first of its tokens.
};

/// What may stand at a mask.
struct Fill {
  std::int32_t id = 0;
  std::string token;
  double score = 0;
  std::string sequence;  ///< The whole text with it.
};

struct RankedText {
  std::int64_t index = 0;  ///< Among the texts that were given.
  double score = 0;
};

struct Answer {
  std::string text;
  double score = 0;
  ByteRange range;  ///< In the context.
};

/// log p of tokens, each given what its kind of model sees of the others.
struct Score {
  double log_probability = 0;  ///< The sum.
  std::vector<std::int32_t> ids;
  std::vector<float> log_probabilities;  ///< One an id.
};

}  // namespace loquor
