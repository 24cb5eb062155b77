// The tables of all options.
#pragma once

#include "base/option_table.h"
#include "loquor/chat_template.hpp"
#include "loquor/options.hpp"
#include "loquor/tasks.hpp"
#include "loquor/tokenizer.hpp"

namespace loquor {

OptionTable<RuntimeOptions> runtime_options() noexcept;
OptionTable<ModelOptions> model_options() noexcept;
OptionTable<SessionOptions> session_options() noexcept;
/// Also what a model's generation_config.json is read by.
OptionTable<GenerateOptions> generate_options() noexcept;
OptionTable<TranslateOptions> translate_options() noexcept;
OptionTable<SummarizeOptions> summarize_options() noexcept;
OptionTable<ChatOptions> chat_options() noexcept;
OptionTable<EncodeOptions> encode_options() noexcept;
OptionTable<RenderOptions> render_options() noexcept;
OptionTable<EmbedOptions> embed_options() noexcept;
OptionTable<ClassifyOptions> classify_options() noexcept;
OptionTable<TagOptions> tag_options() noexcept;
OptionTable<FillMaskOptions> fill_mask_options() noexcept;
OptionTable<RerankOptions> rerank_options() noexcept;
OptionTable<AnswerOptions> answer_options() noexcept;
OptionTable<ZeroShotOptions> zero_shot_options() noexcept;
OptionTable<ScoreOptions> score_options() noexcept;

/// Checks options that were filled by hand. Throws Error(invalid_argument) naming the option, what
/// was found and what was expected.
void validate(const GenerateOptions& options);
/// Checks what a generation takes: options that go together. `given`, the caller's own, laid over
/// the model's, are `options`.
void validate_together(const GenerateOptions& given, const GenerateOptions& options);

}  // namespace loquor
