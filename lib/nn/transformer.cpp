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

void check(const StackSpec& stack) {
  for (const BlockSpec& block : stack.blocks) {
    check(block.attention);
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
