// Options of the tasks. Names are transformers' where its pipelines have them:
// https://huggingface.co/docs/transformers/main_classes/pipelines
#include "decode/options/joined.h"
#include "decode/options/options.h"

namespace loquor {

namespace {

// What all tasks share, reached through the member that holds it.
template <auto Input>
constexpr std::array kBatching{
    Option{.name = "batch_tokens",
           .member = member<Input, &InputOptions::batch_tokens>(),
           .default_text = "1024",
           .description = "Tokens that are read together; a longer input goes alone.",
           .range = at_least(1)},
    Option{.name = "cancel",
           .member = member<Input, &InputOptions::cancel>(),
           .default_text = "none",
           .description = "Ends the call."},
};
template <auto Input>
constexpr std::array kReading{
    Option{.name = "truncation",
           .member = member<Input, &InputOptions::truncation>(),
           .default_text = "error",
           .description = "Of inputs longer than max_length: refuse them, or read their head or "
                          "their tail.",
           .choices = "error|head|tail"},
    Option{.name = "max_length",
           .member = member<Input, &InputOptions::max_length>(),
           .default_text = "0",
           .description = "Tokens of an input at most, special ones too. 0: the model's.",
           .range = at_least(0)},
    Option{.name = "parse_special",
           .member = member<Input, &InputOptions::parse_special>(),
           .default_text = "false",
           .description = "Turn the names of special tokens in texts into their ids (fill_mask "
                          "always does)."},
};

template <auto Input, std::size_t Size>
constexpr auto with_input(const std::array<Option, Size>& own) {
  return joined(own, kReading<Input>, kBatching<Input>);
}

template <auto Member>
constexpr Option top_k(std::string_view default_text, std::string_view description, double least) {
  return {.name = "top_k",
          .member = member<Member>(),
          .default_text = default_text,
          .description = description,
          .range = at_least(least)};
}

constexpr auto kEmbed = with_input<&EmbedOptions::input>(std::array{
    Option{.name = "role",
           .member = member<&EmbedOptions::role>(),
           .default_text = "the model's",
           .description = "Which of the model's prompts goes in front: query, document, ..."},
    Option{.name = "prompt",
           .member = member<&EmbedOptions::prompt>(),
           .default_text = "the role's",
           .description = "Text that goes in front instead."},
    Option{.name = "pooling",
           .member = member<&EmbedOptions::pooling>(),
           .default_text = "auto",
           .description = "How tokens become one row. auto: as the model's files say, else mean.",
           .choices = "auto|mean|cls|last|max"},
    Option{.name = "normalize",
           .member = member<&EmbedOptions::normalize>(),
           .default_text = "the model's, else false",
           .description = "Make each row's length 1."},
    Option{.name = "dimensions",
           .member = member<&EmbedOptions::dimensions>(),
           .default_text = "0",
           .description = "Keep only the first ones, before normalising. 0: all.",
           .range = at_least(0)},
});

constexpr auto kClassify = with_input<&ClassifyOptions::input>(std::array{
    top_k<&ClassifyOptions::top_k>("0", "Labels that are given, the likeliest ones. 0: all.", 0),
    Option{.name = "function_to_apply",
           .member = member<&ClassifyOptions::function_to_apply>(),
           .default_text = "auto",
           .description = "What makes scores of logits. auto: by the model's problem_type.",
           .choices = "auto|softmax|sigmoid|none"},
});

constexpr auto kTag = with_input<&TagOptions::input>(std::array{
    Option{.name = "aggregation_strategy",
           .member = member<&TagOptions::aggregation_strategy>(),
           .default_text = "none",
           .description = "How tokens become entities. simple: neighbours of one label; first, "
                          "average and max: tokens of a word agree before that.",
           .choices = "none|simple|first|average|max"},
    Option{.name = "ignore_labels",
           .member = member<&TagOptions::ignore_labels>(),
           .default_text = "O",
           .description = "Labels that are not given."},
    Option{.name = "stride",
           .member = member<&TagOptions::stride>(),
           .default_text = "none",
           .description = "Read texts of any length in windows of max_length tokens that share so "
                          "many, and join the entities of all. truncation is then not used.",
           .range = at_least(0)},
});

constexpr auto kFillMask = with_input<&FillMaskOptions::input>(std::array{
    top_k<&FillMaskOptions::top_k>("5", "Tokens for each mask.", 1),
    Option{.name = "targets",
           .member = member<&FillMaskOptions::targets>(),
           .default_text = "all",
           .description = "Score these tokens only."},
});

constexpr auto kRerank = with_input<&RerankOptions::input>(std::array{
    top_k<&RerankOptions::top_k>("0", "Texts that are given, the best ones. 0: all.", 0),
    Option{.name = "function_to_apply",
           .member = member<&RerankOptions::function_to_apply>(),
           .default_text = "auto",
           .description = "What makes scores of logits. auto: the model's, else sigmoid.",
           .choices = "auto|sigmoid|none"},
});

constexpr auto kAnswer = joined(
    std::array{
        top_k<&AnswerOptions::top_k>("1", "Answers that are given.", 1),
        Option{.name = "max_length",
               .member = member<&AnswerOptions::input, &InputOptions::max_length>(),
               .default_text = "0",
               .description = "Tokens of a window, the question and special ones too. 0: 384, or "
                              "the model's where that is less.",
               .range = at_least(0)},
        Option{.name = "doc_stride",
               .member = member<&AnswerOptions::doc_stride>(),
               .default_text = "0",
               .description = "Tokens of the context that neighbouring windows share. 0: 128, or "
                              "half a window where that is less.",
               .range = at_least(0)},
        Option{.name = "max_answer_len",
               .member = member<&AnswerOptions::max_answer_len>(),
               .default_text = "15",
               .description = "Tokens of an answer at most.",
               .range = at_least(1)},
        Option{.name = "handle_impossible_answer",
               .member = member<&AnswerOptions::handle_impossible_answer>(),
               .default_text = "false",
               .description = "The empty text may be the answer."},
        Option{.name = "align_to_words",
               .member = member<&AnswerOptions::align_to_words>(),
               .default_text = "true",
               .description = "Answers begin and end with whole words."},
    },
    kBatching<&AnswerOptions::input>);

constexpr auto kZeroShot = with_input<&ZeroShotOptions::input>(std::array{
    Option{.name = "hypothesis_template",
           .member = member<&ZeroShotOptions::hypothesis_template>(),
           .default_text = "This example is {}.",
           .description = "What a text is to entail; the label stands for {}."},
    Option{.name = "multi_label",
           .member = member<&ZeroShotOptions::multi_label>(),
           .default_text = "false",
           .description = "Score each label by itself; else the scores add up to 1."},
});

constexpr auto kScore = joined(kReading<&ScoreOptions::input>, kBatching<&ScoreOptions::input>);

}  // namespace

OptionTable<EmbedOptions> embed_options() noexcept { return {"embed", kEmbed}; }
OptionTable<ClassifyOptions> classify_options() noexcept { return {"classify", kClassify}; }
OptionTable<TagOptions> tag_options() noexcept { return {"tag", kTag}; }
OptionTable<FillMaskOptions> fill_mask_options() noexcept { return {"fill_mask", kFillMask}; }
OptionTable<RerankOptions> rerank_options() noexcept { return {"rerank", kRerank}; }
OptionTable<AnswerOptions> answer_options() noexcept { return {"answer", kAnswer}; }
OptionTable<ZeroShotOptions> zero_shot_options() noexcept { return {"zero_shot", kZeroShot}; }
OptionTable<ScoreOptions> score_options() noexcept { return {"score", kScore}; }

}  // namespace loquor
