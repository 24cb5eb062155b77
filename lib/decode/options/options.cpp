#include "decode/options/options.h"

namespace loquor {

namespace {

constexpr Option kRuntime[] = {
    {.name = "threads",
     .member = member<&RuntimeOptions::threads>(),
     .default_text = "0",
     .description =
         "Threads that compute, the caller's included. 0: as many as affinity and quota allow.",
     .range = at_least(0)},
    {.name = "memory_limit",
     .member = member<&RuntimeOptions::memory_limit>(),
     .default_text = "0",
     .description = "Bytes that weights, caches and workspaces may take together. 0: no limit.",
     .range = at_least(0)},
};

constexpr Option kSession[] = {
    {.name = "context_length",
     .member = member<&SessionOptions::context_length>(),
     .default_text = "0",
     .description = "Positions at most. 0: the model's (of a rope that depends on the length: its "
                    "original one).",
     .range = at_least(0)},
    {.name = "cancel",
     .member = member<&SessionOptions::cancel>(),
     .default_text = "none",
     .description = "Ends a call on the session, which stays as it was before that call."},
};

constexpr Option kChat[] = {
    {.name = "system",
     .member = member<&ChatOptions::system>(),
     .default_text = "none",
     .description = "The system message."},
    {.name = "context_overflow",
     .member = member<&ChatOptions::context_overflow>(),
     .default_text = "drop_oldest_turns",
     .description =
         "What happens when the history outgrows the context; dropping keeps the system message.",
     .choices = "drop_oldest_turns|error|truncate_left"},
    {.name = "tools",
     .member = member<&ChatOptions::tools>(),
     .default_text = "none",
     .description = "Tool definitions for the chat template: a JSON array.",
     .holds = Json::Kind::array},
    {.name = "variables",
     .member = member<&ChatOptions::variables>(),
     .default_text = "none",
     .description = "Further variables of the chat template: a JSON object.",
     .holds = Json::Kind::object},
    {.name = "context_length",
     .member = member<&ChatOptions::session, &SessionOptions::context_length>(),
     .default_text = "0",
     .description = "Positions at most. 0: the model's (of a rope that depends on the length: its "
                    "original one).",
     .range = at_least(0)},
    {.name = "cancel",
     .member = member<&ChatOptions::session, &SessionOptions::cancel>(),
     .default_text = "none",
     .description = "Ends a call on the chat, which stays as it was before that call."},
};

constexpr Option kEncode[] = {
    {.name = "add_special_tokens",
     .member = member<&EncodeOptions::add_special_tokens>(),
     .default_text = "true",
     .description = "Add what the tokenizer puts around a text (BOS, EOS, ...)."},
    {.name = "parse_special",
     .member = member<&EncodeOptions::parse_special>(),
     .default_text = "false",
     .description = "Turn the names of special tokens in the text into their ids."},
    {.name = "max_length",
     .member = member<&EncodeOptions::max_length>(),
     .default_text = "none",
     .description = "Tokens of the result at most, special ones too; what is longer is cut.",
     .range = at_least(0)},
    {.name = "truncation",
     .member = member<&EncodeOptions::truncation>(),
     .default_text = "longest_first",
     .description =
         "Which text of a pair is cut: the longer one until both are as long, then both; "
         "or only one of them.",
     .choices = "longest_first|only_first|only_second"},
    {.name = "truncation_side",
     .member = member<&EncodeOptions::truncation_side>(),
     .default_text = "right",
     .description = "Where tokens are taken off.",
     .choices = "right|left"},
    {.name = "src_lang",
     .member = member<&EncodeOptions::src_lang>(),
     .default_text = "the tokenizer's",
     .description = "The text's language, where the tokenizer marks it: en_XX, eng_Latn, en, ..."},
};

constexpr Option kRender[] = {
    {.name = "add_generation_prompt",
     .member = member<&RenderOptions::add_generation_prompt>(),
     .default_text = "true",
     .description = "End the prompt where the answer begins."},
    {.name = "tools",
     .member = member<&RenderOptions::tools>(),
     .default_text = "none",
     .description = "Tool definitions for the chat template: a JSON array.",
     .holds = Json::Kind::array},
    {.name = "variables",
     .member = member<&RenderOptions::variables>(),
     .default_text = "none",
     .description = "Further variables of the chat template: a JSON object.",
     .holds = Json::Kind::object},
};

}  // namespace

OptionTable<RuntimeOptions> runtime_options() noexcept { return {"runtime", kRuntime}; }
OptionTable<SessionOptions> session_options() noexcept { return {"session", kSession}; }
OptionTable<ChatOptions> chat_options() noexcept { return {"chat", kChat}; }
OptionTable<EncodeOptions> encode_options() noexcept { return {"encode", kEncode}; }
OptionTable<RenderOptions> render_options() noexcept { return {"render", kRender}; }

}  // namespace loquor
