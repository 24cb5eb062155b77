// XLNet: an encoder whose scores look at distances and at kinds of segment; the stream of contents
// alone, which is all that inference on known tokens needs. https://arxiv.org/abs/1906.08237
#include "models/bert.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.require("attn_type", "bi");
  config.require("bi_data", false);
  config.require("clamp_len", -1);
  config.require("same_length", false);
  for (const char* key :  // of memories between segments, of training, and of heads
       {"mem_len", "reuse_len", "use_mems_eval", "use_mems_train", "untie_r", "d_head", "n_token",
        "summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout",
        "start_n_top", "end_n_top", "ff_activation"}) {
    config.value(key);
  }
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("d_model");
  spec.positions = 1 << 20;  // distances know no end

  StackSpec& encoder = spec.encoder.emplace();
  encoder.causal = false;
  BlockSpec block;
  block.placement = NormPlacement::post;
  block.attention_norm = {NormKind::layer, config.number("layer_norm_eps", 1e-12)};
  block.feed_forward_norm = block.attention_norm;
  block.attention.heads = block.attention.key_value_heads = config.size("n_head");
  block.attention.head_width = spec.width / block.attention.heads;
  block.attention.relative_positions = true;
  block.feed_forward = FeedForwardSpec{.width = config.size("d_inner"),
                                       .activation = config.string("ff_activation", "gelu"),
                                       .bias = true};
  encoder.blocks.assign(config.layers("n_layer"), block);
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  HeadSpec head{.task = task, .bias = true};
  if (task == Task::masked) {
    head.tied = config.boolean("tie_word_embeddings", true);
  } else if (task == Task::sequence) {
    config.require("summary_type", "last");
    config.require("summary_use_proj", true);
    head.pooling = HeadSpec::Pooling::last;
    head.transform = {.activation = config.string("summary_activation", "tanh")};
  }
  return head;
}

static std::vector<WeightName> weights() {
  return {{"embedding.tokens", {"transformer.word_embedding"}},
          {.ours = "blocks.*.attention.qkv",
           .theirs = {"transformer.layer.*.rel_attn.q", "transformer.layer.*.rel_attn.k",
                      "transformer.layer.*.rel_attn.v"},
           .transposed = true,
           .whole = true},
          {.ours = "blocks.*.attention.relative.distance",
           .theirs = {"transformer.layer.*.rel_attn.r"},
           .transposed = true,
           .whole = true},
          {.ours = "blocks.*.attention.relative.content_bias",
           .theirs = {"transformer.layer.*.rel_attn.r_w_bias"},
           .whole = true},
          {.ours = "blocks.*.attention.relative.distance_bias",
           .theirs = {"transformer.layer.*.rel_attn.r_r_bias"},
           .whole = true},
          {.ours = "blocks.*.attention.relative.kind_bias",
           .theirs = {"transformer.layer.*.rel_attn.r_s_bias"},
           .whole = true},
          {.ours = "blocks.*.attention.relative.kinds",
           .theirs = {"transformer.layer.*.rel_attn.seg_embed"},
           .whole = true},
          {.ours = "blocks.*.attention.output",
           .theirs = {"transformer.layer.*.rel_attn.o"},
           .whole = true},
          {"blocks.*.attention.norm", {"transformer.layer.*.rel_attn.layer_norm"}},
          {"blocks.*.feed_forward.in", {"transformer.layer.*.ff.layer_1"}},
          {"blocks.*.feed_forward.out", {"transformer.layer.*.ff.layer_2"}},
          {"blocks.*.feed_forward.norm", {"transformer.layer.*.ff.layer_norm"}},
          {"masked.output", {"lm_loss"}},
          {"sequence.transform", {"sequence_summary.summary"}},
          {"sequence.output", {"logits_proj"}},
          {"token.output", {"classifier"}},
          {"question.output", {"qa_outputs"}}};
}

static constexpr ClassEnd kClasses[] = {{"Model"},
                                        {"LMHeadModel", HeadSpec::Task::masked},
                                        {"ForSequenceClassification", HeadSpec::Task::sequence},
                                        {"ForTokenClassification", HeadSpec::Task::token},
                                        {"ForQuestionAnsweringSimple", HeadSpec::Task::question}};

extern constinit const Family xlnet{.names = {"xlnet"},
                                    .classes = {"XLNet"},
                                    .ends = kClasses,
                                    .tokenizers = {"XLNetTokenizer"},
                                    .task = HeadSpec::Task::masked,
                                    .spec = spec,
                                    .head = head,
                                    .weights = weights,
                                    .ignored = {"transformer.mask_emb"}};

}  // namespace loquor::models
