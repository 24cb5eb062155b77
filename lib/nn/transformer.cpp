#include "nn/transformer.h"

#include "base/error.h"
#include "ops/embedding.h"

namespace loquor {

namespace {

void check(const AttentionSpec& attention) {
  if (attention.heads % attention.key_value_heads != 0) {
    fail(Code::invalid_file, "num_attention_heads ", attention.heads,
         " is no multiple of num_key_value_heads ", attention.key_value_heads);
  }
  const std::int64_t turning = attention.rope ? attention.rope->width : 0;
  if (attention.head_width < 2 || attention.head_width % 2 != 0) {
    fail(Code::invalid_file, "the head width is ", attention.head_width,
         ", expected an even number");
  }
  if (turning < 0 || turning % 2 != 0 || turning > attention.head_width) {
    fail(Code::invalid_file, "the rotary width is ", turning, ", expected an even number up to ",
         attention.head_width);
  }
  if (attention.window < 0) fail(Code::invalid_file, "sliding_window is ", attention.window);
}

void check(const AttentionSpec& attention, const LatentSpec& latent) {
  const std::int64_t turning = attention.rope ? attention.rope->width : 0;
  if (attention.key_value_heads != attention.heads || turning < 2 || latent.rank < 1 ||
      latent.query_rank < 0 || latent.value_width < 1 ||
      latent.value_width > attention.head_width) {
    fail(Code::invalid_file, "attention by latents has ", attention.heads, " heads of width ",
         attention.head_width, ", of which ", turning, " columns turn, ", attention.key_value_heads,
         " heads of keys, and values of width ", latent.value_width,
         "; expected as many heads of keys, and values that are not wider than keys");
  }
}

void check(const MixtureSpec& mixture) {
  const std::int64_t group = mixture.groups > 0 ? mixture.experts / mixture.groups : 0;
  const bool grouped = mixture.groups > 1;
  if (mixture.chosen < 1 || mixture.groups < 1 || mixture.experts % mixture.groups != 0 ||
      (grouped && group < 2) || mixture.chosen_groups < 1 ||
      mixture.chosen_groups > mixture.groups || mixture.chosen > mixture.chosen_groups * group) {
    fail(Code::invalid_file, "a mixture of ", mixture.experts, " experts in ", mixture.groups,
         " groups cannot choose ", mixture.chosen, " of ", mixture.chosen_groups, " groups");
  }
}

void check(const StackSpec& stack) {
  if (stack.blocks.empty()) fail(Code::invalid_file, "the model has no layers");
  for (const BlockSpec& block : stack.blocks) {
    check(block.attention);
    if (block.attention.latent) check(block.attention, *block.attention.latent);
    if (const auto* mixture = std::get_if<MixtureSpec>(&block.feed_forward)) check(*mixture);
    if (block.cross_attention) check(*block.cross_attention);
  }
}

}  // namespace

void check(const ModelSpec& spec) {
  if (spec.encoder) check(*spec.encoder);
  if (spec.decoder) check(*spec.decoder);
}

Transformer::Transformer(const Runtime& runtime, const ModelSpec& spec, Weights& weights)
    : spec_(spec) {
  if (spec.encoder) encoder_.emplace(runtime, *spec.encoder, spec, "encoder.", weights);
  if (spec.decoder) decoder_.emplace(runtime, *spec.decoder, spec, "decoder.", weights);
  const Stack& last = decoder_ ? *decoder_ : *encoder_;
  if (spec.head) head_.emplace(*spec.head, spec, last.embedding().tokens(), weights);
  weights.require_all_used();
}

Tensor Transformer::encode(Context& context, std::span<const std::int32_t> ids,
                           std::span<const std::int32_t> types, const Segments& segments) const {
  check_ids(ids, spec_.vocabulary);
  PackedBatch batch;
  batch.segments = segments;
  return (*encoder_)(context, ids, types, batch, decoder_ ? "encoder_hidden" : "hidden");
}

void Transformer::remember(Context& context, const Tensor& encoded, const Segments& segments,
                           std::vector<KeyValueCache*> caches) const {
  PackedBatch batch;
  batch.segments = segments;
  batch.caches = std::move(caches);
  batch.reserve();
  try {
    for (std::size_t layer = 0; layer < decoder_->depth(); ++layer) {
      decoder_->block(layer).cross_attention().store(context, encoded, batch, layer);
    }
  } catch (...) {
    batch.undo();
    throw;
  }
  batch.commit();
}

Tensor Transformer::forward(Context& context, std::span<const std::int32_t> ids,
                            PackedBatch& batch) const {
  check_ids(ids, spec_.vocabulary);
  batch.reserve();
  try {
    return (*decoder_)(context, ids, {}, batch, "hidden");
  } catch (...) {
    batch.undo();
    throw;
  }
}

const Head& Transformer::head() const {
  if (!head_) {
    fail(Code::unsupported,
         "this model has no head: its hidden states are all that it gives (embed, hidden_states)");
  }
  return *head_;
}

Tensor Transformer::logits(Context& context, const Tensor& hidden) const {
  return head()(context, hidden);
}

Tensor Transformer::pooled_logits(Context& context, const Tensor& hidden,
                                  const Segments& segments) const {
  return head()(context, hidden, segments);
}

}  // namespace loquor
