// Model::generate and Model::stream: a Generation with a session of its own.
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_impl.h"

namespace loquor {

namespace {

Generation with_own_session(const Model& model, std::vector<std::int32_t> ids,
                            const GenerateOptions& options) {
  const std::int64_t context = context_for(model, most_positions(options, std::ssize(ids)));
  auto session =
      std::make_unique<Session>(model, SessionOptions{.context_length = context, .cancel = {}});
  return Generation(
      make_generation(std::move(session), std::move(ids), options, model.generation_defaults()));
}

}  // namespace

std::vector<std::int32_t> encode_prompt(const Model& model, std::string_view prompt,
                                        const GenerateOptions& options) {
  return model.tokenizer().encode(prompt,
                                  {.add_special_tokens = options.add_special_tokens.value_or(true),
                                   .parse_special = options.parse_special});
}

std::vector<std::int32_t> encode_prompt(const Model& model, const Prompt& prompt,
                                        bool add_special_tokens) {
  return model.tokenizer().encode(prompt.text, prompt.from_template, add_special_tokens);
}

Generation Model::stream(std::string_view prompt, const GenerateOptions& options) const {
  require_decoder(*this, "generate");
  return with_own_session(*this, encode_prompt(*this, prompt, options), options);
}

Generation Model::stream(std::span<const std::int32_t> ids, const GenerateOptions& options) const {
  require_decoder(*this, "generate");
  return with_own_session(*this, {ids.begin(), ids.end()}, options);
}

Generation Model::stream(std::span<const Message> messages, const GenerateOptions& options,
                         const RenderOptions& render) const {
  require_decoder(*this, "generate");
  return stream(chat_template().render_marked(messages, render), options);
}

Generation Model::stream(const Prompt& prompt, const GenerateOptions& options) const {
  require_decoder(*this, "generate");
  return with_own_session(
      *this, encode_prompt(*this, prompt, options.add_special_tokens.value_or(false)), options);
}

Output Model::generate(std::string_view prompt, const GenerateOptions& options) const {
  return stream(prompt, options).finish();
}

Output Model::generate(std::span<const std::int32_t> ids, const GenerateOptions& options) const {
  return stream(ids, options).finish();
}

Output Model::generate(std::span<const Message> messages, const GenerateOptions& options,
                       const RenderOptions& render) const {
  return stream(messages, options, render).finish();
}

Output Model::generate(const Prompt& prompt, const GenerateOptions& options) const {
  return stream(prompt, options).finish();
}

}  // namespace loquor
