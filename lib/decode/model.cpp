#include "loquor/model.hpp"

#include "base/error.h"
#include "decode/chunks.h"
#include "decode/encode.h"
#include "decode/generation/generation_defaults.h"
#include "decode/options/options.h"
#include "decode/session_impl.h"
#include "loquor/version.hpp"
#include "ops/cross_entropy.h"

namespace loquor {

#define LOQUOR_TEXT(x) #x
#define LOQUOR_NUMBER(x) LOQUOR_TEXT(x)
const char* version() noexcept {
  return LOQUOR_NUMBER(LOQUOR_VERSION_MAJOR) "." LOQUOR_NUMBER(
      LOQUOR_VERSION_MINOR) "." LOQUOR_NUMBER(LOQUOR_VERSION_PATCH);
}

namespace {

class HiddenStates : public Taps {
 public:
  HiddenStates(std::string_view name, std::size_t blocks) : states(blocks + 1), name_(name) {}
  void see(std::string_view name, std::int64_t index, const Tensor& value) override {
    if (name != name_) return;
    HiddenState& state = states[static_cast<std::size_t>(index)];
    state.rows += value.rows();
    state.width = value.columns();
    state.values.insert(state.values.end(), value.data(), value.data() + value.size());
  }
  std::vector<HiddenState> states;

 private:
  std::string_view name_;
};

Logits values_of(const Tensor& tensor, std::int64_t last) {
  const std::int64_t from = tensor.rows() - last;
  return {last, tensor.columns(),
          std::vector<float>(tensor.row(from), tensor.data() + tensor.size())};
}

Model::Impl::Task task_of(const std::string& name, const Json& parameters, const Runtime& runtime) {
  Model::Impl::Task task{.name = name, .prefix = {}, .options = {}};
  Json options = Json::object();
  if (parameters.is_object()) {
    for (const auto& [key, value] : parameters.as_object()) {
      if (key != "prefix")
        options[key] = value;
      else if (value.is_string())
        task.prefix = value.as_string();
    }
  }
  task.options =
      generation_defaults(options, text("config.json: task_specific_params.", name), runtime);
  return task;
}

}  // namespace

Model::Impl::Impl(LoadedModel model) : loaded(std::move(model)) {
  defaults = loquor::generation_defaults(loaded.generation_config, loaded.generation_config_source,
                                         loaded.runtime);
  if (!loaded.task_parameters.is_object()) return;
  for (const auto& [name, parameters] : loaded.task_parameters.as_object())
    tasks.push_back(task_of(name, parameters, loaded.runtime));
}

static void fail_kind(const ModelSpec& spec, std::string_view call) {
  fail(Code::unsupported, "this model is ", kind_of(spec), ": it has no ", call);
}

void require_decoder(const Model& model, std::string_view call) {
  const ModelSpec& spec = model.impl()->transformer().spec();
  if (!spec.decoder) fail_kind(spec, call);
}

void require_encoder_decoder(const Model& model, std::string_view call) {
  const ModelSpec& spec = model.impl()->transformer().spec();
  if (!spec.encoder || !spec.decoder) fail_kind(spec, call);
}

Model::Model(const std::string& path, const ModelOptions& options) {
  model_options().validate(options);
  impl_ = std::make_shared<Impl>(load_model(path, options));
}

Model Model::from_memory(std::span<const std::byte> gguf, const ModelOptions& options) {
  model_options().validate(options);
  return Model(
      std::make_shared<Impl>(load_model(Bytes::borrow(gguf), "the model in memory", options)));
}

Model Model::from_reader(std::uint64_t size,
                         const std::function<std::size_t(std::uint64_t, void*, std::size_t)>& read,
                         const ModelOptions& options) {
  model_options().validate(options);
  return Model(std::make_shared<Impl>(
      load_model(Bytes::read(size, read), "the model from the reader", options)));
}

ModelInfo Model::inspect(const std::string& path, const ModelOptions& options) {
  model_options().validate(options);
  return inspect_model(path, options);
}

const ModelInfo& Model::info() const noexcept { return impl_->loaded.info; }
Runtime Model::runtime() const noexcept { return impl_->loaded.runtime; }
bool Model::has_tokenizer() const noexcept { return impl_->loaded.tokenizer.has_value(); }
bool Model::has_chat_template() const noexcept {
  return !std::holds_alternative<std::monostate>(impl_->loaded.chat_template);
}

const Tokenizer& Model::tokenizer() const {
  if (!has_tokenizer())
    fail(Code::unsupported, "this model has no tokenizer files: give token ids instead of text");
  return *impl_->loaded.tokenizer;
}

const ChatTemplate& Model::chat_template() const {
  if (const auto* error = std::get_if<Error>(&impl_->loaded.chat_template)) throw Error(*error);
  if (!has_chat_template()) {
    fail(Code::unsupported,
         "this model has no chat template: use generate() with text, or a model made for "
         "conversation");
  }
  return std::get<ChatTemplate>(impl_->loaded.chat_template);
}

const GenerateOptions& Model::generation_defaults() const noexcept { return impl_->defaults; }

Logits Model::logits(std::span<const std::int32_t> ids, std::optional<std::int64_t> last,
                     std::optional<Cancel> cancel) const {
  const ModelSpec& spec = impl_->transformer().spec();
  const auto count = static_cast<std::int64_t>(ids.size());
  if (spec.decoder) return one_call(*this, ids, cancel).append_logits(ids, last.value_or(count));
  Context context(runtime());
  if (cancel) context.cancels.push_back(*cancel);
  Segments segments;
  segments.add(count, 0);
  const Tensor hidden = encode_sequence(impl_->transformer(), context, ids);
  const Tensor logits = impl_->transformer().pooled_logits(context, hidden, segments);
  const std::int64_t wanted = last.value_or(logits.rows());
  if (wanted < 0 || wanted > logits.rows()) {
    fail(Code::invalid_argument, "logits of the last ", wanted, " of ", logits.rows(),
         " rows were asked for");
  }
  return values_of(logits, wanted);
}

Logits Model::logits(std::span<const std::int32_t> ids, std::span<const std::int32_t> decoder_ids,
                     std::optional<std::int64_t> last, std::optional<Cancel> cancel) const {
  require_encoder_decoder(*this, "logits of decoder_ids");
  Session session(*this, {.context_length = 0, .cancel = cancel});
  session.encode(ids);
  return session.append_logits(decoder_ids, last.value_or(std::ssize(decoder_ids)));
}

std::vector<HiddenState> Model::hidden_states(std::span<const std::int32_t> ids,
                                              std::optional<Cancel> cancel) const {
  const ModelSpec& spec = impl_->transformer().spec();
  if (!spec.encoder) {
    Session session = one_call(*this, ids, cancel);
    HiddenStates taps("hidden", spec.decoder->blocks.size());
    session.impl().context.taps = &taps;
    session.impl().read(ids, [](const Tensor&, std::int64_t) {});
    return std::move(taps.states);
  }
  HiddenStates taps(spec.decoder ? "encoder_hidden" : "hidden", spec.encoder->blocks.size());
  Context context(runtime());
  if (cancel) context.cancels.push_back(*cancel);
  context.taps = &taps;
  encode_sequence(impl_->transformer(), context, ids);
  return std::move(taps.states);
}

std::vector<HiddenState> Model::hidden_states(std::span<const std::int32_t> ids,
                                              std::span<const std::int32_t> decoder_ids,
                                              std::optional<Cancel> cancel) const {
  require_encoder_decoder(*this, "hidden_states of decoder_ids");
  Session session(*this, {.context_length = 0, .cancel = cancel});
  session.encode(ids);
  HiddenStates taps("hidden", impl_->transformer().spec().decoder->blocks.size());
  session.impl().context.taps = &taps;
  session.impl().read(decoder_ids, [](const Tensor&, std::int64_t) {});
  return std::move(taps.states);
}

std::vector<float> Model::log_probabilities(std::span<const std::int32_t> ids,
                                            std::optional<Cancel> cancel) const {
  require_decoder(*this, "log_probabilities");
  Session session = one_call(*this, ids, cancel);
  Context& context = session.impl().context;
  std::vector<float> out;
  const auto count = static_cast<std::int64_t>(ids.size());
  session.impl().read(ids, [&](const Tensor& hidden, std::int64_t first) {
    // The last id predicts nothing that is known.
    const std::int64_t scored = std::min(hidden.rows(), count - 1 - first);
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < scored; ++row) rows.push_back(row);
    each_logits(impl_->transformer(), context, hidden, rows,
                [&](const Tensor& logits, std::span<const std::int64_t> slice) {
                  std::vector<std::int32_t> next;
                  for (const std::int64_t row : slice)
                    next.push_back(ids[static_cast<std::size_t>(first + row + 1)]);
                  const Tensor losses = cross_entropy(context, logits, next);
                  for (std::int64_t i = 0; i < losses.rows(); ++i) out.push_back(-losses.row(i)[0]);
                });
  });
  return out;
}

}  // namespace loquor
