// Labels of whole inputs, and what is built on them: reranking and zero-shot classification.
#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"
#include "decode/tasks/label_scores.h"

namespace loquor {

namespace {

using Task = HeadSpec::Task;

std::string usual_function(const Model& model) {
  const std::string& type = model.impl()->loaded.problem_type;
  if (type == "regression") return "none";
  if (type == "multi_label_classification" || model.info().labels.size() == 1) return "sigmoid";
  return "softmax";
}

// A cross-encoder's, from the last part of a torch class.
std::string cross_encoder_function(const Model& model) {
  const std::string& activation = model.impl()->loaded.score_activation;
  const std::string name = activation.substr(activation.rfind('.') + 1);
  if (name.empty() || name == "Sigmoid") return "sigmoid";
  if (name == "Identity") return "none";
  fail(Code::unsupported, "the model's activation ", quoted(activation),
       " is not built: set function_to_apply");
}

// The head's outputs of each input, in order.
class SequenceLogits {
 public:
  using OnLogits = std::function<void(std::size_t input, std::span<const float> logits)>;
  SequenceLogits(const Model& model, const InputOptions& options, std::size_t inputs,
                 OnLogits on_logits)
      : model_(*model.impl()),
        read_(model, options, inputs),
        packer_(
            model_, options, inputs,
            [this, on_logits = std::move(on_logits)](Context& context, const PackedStates& states) {
              const Tensor logits =
                  model_.transformer().pooled_logits(context, states.hidden, states.segments);
              for (std::int64_t i = 0; i < logits.rows(); ++i) {
                on_logits(states.sequences[static_cast<std::size_t>(i)].input,
                          {logits.row(i), static_cast<std::size_t>(logits.columns())});
              }
            }) {}

  void add(const Input& input, std::size_t index) {
    PackedSequence sequence = read_(input, index);
    sequence.decoder_ids = shifted(model_, sequence.ids);
    end_where_head_looks(model_, sequence);
    packer_.add(std::move(sequence));
  }
  void finish() { packer_.finish(); }

 private:
  const Model::Impl& model_;
  InputReader read_;
  Packer packer_;
};

bool begins_with_entail(std::string label) {
  for (char& c : label) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return label.starts_with("entail");
}

std::size_t entailment(const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (begins_with_entail(labels[i])) return i;
  }
  std::string all;
  for (const std::string& label : labels) all += (all.empty() ? "" : ", ") + quoted(label);
  fail(Code::unsupported,
       "zero_shot needs a model of entailment: no label begins with entail; they are ", all);
}

std::string hypothesis(const std::string& pattern, const std::string& label) {
  const std::size_t place = pattern.find("{}");
  if (place == std::string::npos) {
    fail(Code::invalid_argument, "hypothesis_template is ", quoted(pattern),
         ", expected {} where the label goes");
  }
  return pattern.substr(0, place) + label + pattern.substr(place + 2);
}

}  // namespace

std::vector<std::vector<LabelScore>> Model::classify(const std::vector<Input>& inputs,
                                                     const ClassifyOptions& options) const {
  classify_options().validate(options);
  require_head(*impl_, Task::sequence);
  const std::string function =
      options.function_to_apply == "auto" ? usual_function(*this) : options.function_to_apply;
  std::vector<std::vector<LabelScore>> result(inputs.size());
  SequenceLogits heads(
      *this, options.input, inputs.size(), [&](std::size_t input, std::span<const float> values) {
        result[input] = best_labels(info().labels, apply_function(function, values), options.top_k);
      });
  for (std::size_t i = 0; i < inputs.size(); ++i) heads.add(inputs[i], i);
  heads.finish();
  return result;
}

std::vector<RankedText> Model::rerank(const std::string& query,
                                      const std::vector<std::string>& texts,
                                      const RerankOptions& options) const {
  rerank_options().validate(options);
  require_head(*impl_, Task::sequence);
  if (info().labels.size() != 1) {
    fail(Code::unsupported, "rerank needs a model with one label, and this one has ",
         info().labels.size());
  }
  const std::string function = options.function_to_apply == "auto" ? cross_encoder_function(*this)
                                                                   : options.function_to_apply;
  std::vector<double> scores(texts.size());
  SequenceLogits heads(*this, options.input, texts.size(),
                       [&](std::size_t input, std::span<const float> values) {
                         scores[input] = apply_function(function, values)[0];
                       });
  for (std::size_t i = 0; i < texts.size(); ++i) heads.add(TextPair{query, texts[i]}, i);
  heads.finish();
  std::vector<RankedText> result;
  for (const std::size_t i : best(scores, options.top_k))
    result.push_back({static_cast<std::int64_t>(i), scores[i]});
  return result;
}

std::vector<std::vector<LabelScore>> Model::zero_shot(const std::vector<std::string>& texts,
                                                      const std::vector<std::string>& labels,
                                                      const ZeroShotOptions& options) const {
  zero_shot_options().validate(options);
  require_head(*impl_, Task::sequence);
  if (labels.empty()) fail(Code::invalid_argument, "no labels were given, expected at least one");
  const std::size_t entailed = entailment(info().labels);
  if (info().labels.size() < 2)
    fail(Code::unsupported, "zero_shot needs a model with a label of contradiction too");
  // As transformers takes it: the first label, or where that is entailment the last.
  const std::size_t contradicted = entailed == 0 ? info().labels.size() - 1 : 0;
  const bool alone = options.multi_label || labels.size() == 1;
  std::vector<std::vector<LabelScore>> result(texts.size());
  std::vector<float> fits;           // entailment of the labels of one text
  std::vector<double> scores_alone;  // against contradiction
  SequenceLogits heads(
      *this, options.input, texts.size(), [&](std::size_t input, std::span<const float> values) {
        const float both[] = {values[contradicted], values[entailed]};
        fits.push_back(values[entailed]);
        scores_alone.push_back(softmax(both)[1]);
        if (fits.size() < labels.size()) return;
        result[input] = best_labels(labels, alone ? scores_alone : softmax(fits), 0);
        fits.clear();
        scores_alone.clear();
      });
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const std::string& label : labels)
      heads.add(TextPair{texts[i], hypothesis(options.hypothesis_template, label)}, i);
  }
  heads.finish();
  return result;
}

}  // namespace loquor
