// Embeddings: one row for each text, pooled from its hidden states.
// https://arxiv.org/abs/1908.10084, https://arxiv.org/abs/2205.13147 (dimensions)
#include <algorithm>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"
#include "ops/gather.h"
#include "ops/l2_normalize.h"
#include "ops/pool.h"

namespace loquor {

namespace {

Pooling pooling_named(std::string_view name) {
  if (name == "cls") return Pooling::first;
  if (name == "last") return Pooling::last;
  return name == "max" ? Pooling::max : Pooling::mean;
}

// What is asked for, where it is, and what the model's files say.
class Embedder {
 public:
  Embedder(const Model& model, const EmbedOptions& options) : options_(options) {
    const LoadedModel& loaded = model.impl()->loaded;
    if (const auto* error = std::get_if<Error>(&loaded.sentence)) throw Error(*error);
    if (const auto* found = std::get_if<SentenceConfig>(&loaded.sentence)) config_ = *found;
    if (options.pooling != "auto") config_.pooling = options.pooling;
    normalize_ = options.normalize.value_or(config_.normalize);
    prompt_ = options.prompt.empty() ? prompt_of_role() : options.prompt;
    width_ = model.info().width;
    if (options.dimensions > width_) {
      fail(Code::invalid_argument, "dimensions is ", options.dimensions,
           ", and the model's embeddings have ", width_);
    }
    if (options.dimensions > 0) width_ = options.dimensions;
    if (!config_.include_prompt && !prompt_.empty()) unpooled_ = prompt_tokens(model.tokenizer());
  }

  const std::string& prompt() const noexcept { return prompt_; }
  std::int64_t width() const noexcept { return width_; }

  // (N, C) -> (sequences, width)
  Tensor operator()(Context& context, const PackedStates& states) const {
    Tensor rows = pooled(context, states);
    if (width_ < rows.columns()) rows = first_columns(context, rows);
    return normalize_ ? l2_normalize(context, std::move(rows)) : rows;
  }

 private:
  std::string prompt_of_role() const {
    const std::string& role = options_.role.empty() ? config_.default_role : options_.role;
    if (role.empty()) return {};
    const auto found = config_.prompts.find(role);
    if (found != config_.prompts.end()) return found->second;
    // A model without prompts reads queries and documents alike.
    if (role == "query" || role == "document") return {};
    std::string known = "query, document";
    for (const auto& [name, prompt] : config_.prompts) {
      if (name != "query" && name != "document") known += ", " + name;
    }
    fail(Code::invalid_argument, "the model has no prompt for role ", quoted(role), "; known are ",
         known);
  }

  // The tokens of the prompt and those in front of it, which do not count.
  std::int64_t prompt_tokens(const Tokenizer& tokenizer) const {
    const auto ids = tokenizer.encode(prompt_);
    const bool ends = !ids.empty() && tokenizer.is_special(ids.back());
    return std::ssize(ids) - (ends ? 1 : 0);
  }

  Tensor pooled(Context& context, const PackedStates& states) const {
    const Pooling pooling = pooling_named(config_.pooling);
    if (unpooled_ == 0) return pool(context, states.hidden, states.segments, pooling);
    std::vector<std::int64_t> rows;
    Segments segments;
    for (const Segment& segment : states.segments) {
      const std::int64_t skipped = std::min(unpooled_, segment.rows);
      for (std::int64_t row = skipped; row < segment.rows; ++row)
        rows.push_back(segment.first_row + row);
      segments.add(segment.rows - skipped, 0);
    }
    return pool(context, gather_rows(context, states.hidden, rows), segments, pooling);
  }

  Tensor first_columns(Context& context, const Tensor& rows) const {
    Tensor result = context.take(rows.rows(), width_);
    for (std::int64_t i = 0; i < rows.rows(); ++i) std::copy_n(rows.row(i), width_, result.row(i));
    return result;
  }

  const EmbedOptions& options_;
  SentenceConfig config_;
  bool normalize_ = false;
  std::string prompt_;
  std::int64_t width_ = 0;
  std::int64_t unpooled_ = 0;
};

}  // namespace

Matrix Model::embed(const std::vector<Input>& inputs, const EmbedOptions& options) const {
  embed_options().validate(options);
  const Embedder embedder(*this, options);
  const InputReader read(*this, options.input, inputs.size());
  Matrix result{std::ssize(inputs), embedder.width(), {}};
  result.values.reserve(inputs.size() * static_cast<std::size_t>(result.columns));
  Packer packer(*impl_, options.input, inputs.size(),
                [&](Context& context, const PackedStates& states) {
                  const Tensor rows = embedder(context, states);
                  result.values.insert(result.values.end(), rows.data(), rows.data() + rows.size());
                });
  for (std::size_t i = 0; i < inputs.size(); ++i) packer.add(read(inputs[i], i, embedder.prompt()));
  packer.finish();
  return result;
}

}  // namespace loquor
