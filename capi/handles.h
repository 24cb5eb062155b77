// What stands behind the handles of loquor.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "decode/options/options.h"
#include "loquor.h"
#include "loquor/loquor.hpp"

namespace loquor::capi {

enum class Kind : std::uint32_t {
  error = 0x4c51e001,
  string,
  ids,
  tensor,
  output,
  options,
  cancel,
  runtime,
  model,
  tokenizer_stream,
  session,
  batch,
  sampler,
  generation,
  chat,
  inputs
};

/// Stands first in every handle, so that a handle of another kind, which languages without types
/// pass easily, is found out.
template <Kind K>
struct Handle {
  Kind kind = K;
  bool is_valid() const noexcept { return kind == K; }
};

/// Logprobs as C reads them: the chosen id first, then the most likely ones.
struct LogprobArrays {
  std::vector<std::int32_t> ids;
  std::vector<float> logprobs;
};
std::vector<LogprobArrays> logprob_arrays(const std::vector<Logprobs>& logprobs);

inline auto table(const RuntimeOptions&) { return runtime_options(); }
inline auto table(const ModelOptions&) { return model_options(); }
inline auto table(const SessionOptions&) { return session_options(); }
inline auto table(const GenerateOptions&) { return generate_options(); }
inline auto table(const TranslateOptions&) { return translate_options(); }
inline auto table(const SummarizeOptions&) { return summarize_options(); }
inline auto table(const ChatOptions&) { return chat_options(); }
inline auto table(const EncodeOptions&) { return encode_options(); }
inline auto table(const RenderOptions&) { return render_options(); }
inline auto table(const EmbedOptions&) { return embed_options(); }
inline auto table(const ClassifyOptions&) { return classify_options(); }
inline auto table(const TagOptions&) { return tag_options(); }
inline auto table(const FillMaskOptions&) { return fill_mask_options(); }
inline auto table(const RerankOptions&) { return rerank_options(); }
inline auto table(const AnswerOptions&) { return answer_options(); }
inline auto table(const ZeroShotOptions&) { return zero_shot_options(); }
inline auto table(const ScoreOptions&) { return score_options(); }

using AnyOptions =
    std::variant<RuntimeOptions, ModelOptions, SessionOptions, GenerateOptions, TranslateOptions,
                 SummarizeOptions, ChatOptions, EncodeOptions, RenderOptions, EmbedOptions,
                 ClassifyOptions, TagOptions, FillMaskOptions, RerankOptions, AnswerOptions,
                 ZeroShotOptions, ScoreOptions>;

}  // namespace loquor::capi

struct loquor_error : loquor::capi::Handle<loquor::capi::Kind::error> {
  std::int32_t code;
  std::string message;
};

struct loquor_string : loquor::capi::Handle<loquor::capi::Kind::string> {
  std::string value;
};

struct loquor_ids : loquor::capi::Handle<loquor::capi::Kind::ids> {
  std::vector<std::int32_t> ids;
  bool has_offsets = false;             // and origins
  std::vector<std::int64_t> offsets{};  // (count, 2)
  std::vector<std::int32_t> origins{};  // (count, 3)
};

struct loquor_tensor : loquor::capi::Handle<loquor::capi::Kind::tensor> {
  std::vector<float> values;
  std::vector<std::int64_t> shape;
};

struct loquor_output : loquor::capi::Handle<loquor::capi::Kind::output> {
  loquor::Output value;
  std::vector<loquor::capi::LogprobArrays> logprobs;
};

struct loquor_options : loquor::capi::Handle<loquor::capi::Kind::options> {
  loquor::capi::AnyOptions values;
};

struct loquor_cancel : loquor::capi::Handle<loquor::capi::Kind::cancel> {
  loquor::Cancel value{};
};

struct loquor_runtime : loquor::capi::Handle<loquor::capi::Kind::runtime> {
  loquor::Runtime value;
};

struct loquor_model : loquor::capi::Handle<loquor::capi::Kind::model> {
  loquor::Model value;
};

struct loquor_inputs : loquor::capi::Handle<loquor::capi::Kind::inputs> {
  std::vector<loquor::Input> values{};
};

struct loquor_tokenizer_stream : loquor::capi::Handle<loquor::capi::Kind::tokenizer_stream> {
  loquor::Tokenizer::Stream value;
  std::string text{};
  std::atomic<bool> busy{false};
};

struct loquor_session : loquor::capi::Handle<loquor::capi::Kind::session> {
  std::shared_ptr<loquor::Session> value;
};

struct loquor_batch : loquor::capi::Handle<loquor::capi::Kind::batch> {
  loquor::Batch value;
  std::vector<std::shared_ptr<loquor::Session>> sessions{};
  std::atomic<bool> busy{false};
};

struct loquor_sampler : loquor::capi::Handle<loquor::capi::Kind::sampler> {
  loquor::Sampler value;
  mutable std::atomic<bool> busy{false};
};

struct loquor_generation : loquor::capi::Handle<loquor::capi::Kind::generation> {
  std::shared_ptr<void> owner;  // the session or chat; outlives the value
  loquor::Generation value;
  loquor::Piece piece{};
  std::vector<loquor::capi::LogprobArrays> logprobs{};
  mutable std::atomic<bool> busy{false};
};

struct loquor_chat : loquor::capi::Handle<loquor::capi::Kind::chat> {
  std::shared_ptr<loquor::Chat> value;
  mutable std::atomic<bool> busy{false};
};
