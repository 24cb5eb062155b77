// The tasks, as methods of Model. One input gives one result, a list gives a list.
#include "arguments.h"
#include "code_points.h"
#include "handles.h"
#include "interrupt.h"
#include "results.h"

namespace loquor::python {

namespace {

bool is_pair(py::handle value) {
  return py::isinstance<py::tuple>(value) && py::len(value) == 2 && is_text(value[py::int_(0)]) &&
         is_text(value[py::int_(1)]);
}

// A text, a tuple of two texts, or token ids.
Input input_of(py::handle value) {
  if (is_text(value)) return text_of(value).value;
  if (is_pair(value))
    return TextPair{text_of(value[py::int_(0)]).value, text_of(value[py::int_(1)]).value};
  return TokenIds{ids_of(value).values};
}

struct Inputs {
  std::vector<Input> values;
  bool is_list = false;
};

Inputs inputs_of(const py::object& given) {
  const bool is_ids = py::isinstance<py::array>(given) ||
                      (py::isinstance<py::sequence>(given) && py::len(given) > 0 &&
                       PyIndex_Check(given[py::int_(0)].ptr()));
  if (is_text(given) || is_pair(given) || is_ids) return {{input_of(given)}};
  Inputs inputs{{}, true};
  for (const py::handle value : py::reinterpret_borrow<py::sequence>(given))
    inputs.values.push_back(input_of(value));
  return inputs;
}

std::vector<std::string> texts_of(const py::object& given, const char* what) {
  if (is_text(given)) return {text_of(given).value};
  std::vector<std::string> texts;
  for (const py::handle text : py::reinterpret_borrow<py::sequence>(given)) {
    if (!is_text(text))
      throw py::type_error(std::string(what) + ": expected str, or a list of str");
    texts.push_back(text_of(text).value);
  }
  return texts;
}

template <class Options>
std::optional<Cancel>& cancel_of(Options& options) {
  if constexpr (requires { options.input; })
    return options.input.cancel;
  else
    return options.generate.cancel;
}

// Runs call(model, options) without the GIL.
template <class Options, class Call>
auto run(const PyModel& self, const py::kwargs& keywords, Call&& call) {
  auto options = options_of<Options>(keywords);
  std::optional<Cancel>& cancel = cancel_of(options);
  if (!cancel) cancel.emplace();
  const Model model = self.model();
  return interruptible(*cancel, [&] { return call(model, options); });
}

// Dicts of a list, each made by `make`.
template <class Value, class Make>
py::list list_of(const std::vector<Value>& values, Make&& make) {
  py::list list;
  for (const Value& value : values) list.append(make(value));
  return list;
}

py::object one_or_all(py::list list, bool is_list) {
  return is_list ? py::object(std::move(list)) : py::object(list[0]);
}

py::dict label_dict(const LabelScore& label) {
  return py::dict(py::arg("label") = label.label, py::arg("score") = label.score);
}
py::list labels_list(const std::vector<LabelScore>& labels) { return list_of(labels, label_dict); }

py::array_t<float> embed(const PyModel& self, const py::object& texts, py::kwargs keywords) {
  const Inputs inputs = inputs_of(texts);
  if (keywords.contains("role") && keywords["role"].is_none()) keywords.attr("pop")("role");
  Matrix rows = run<EmbedOptions>(self, keywords, [&](const Model& model, const auto& options) {
    return model.embed(inputs.values, options);
  });
  if (!inputs.is_list) return array_of(std::move(rows.values), {rows.columns});
  return array_of(std::move(rows.values), {rows.rows, rows.columns});
}

// Embeddings, or texts that are embedded first.
Matrix matrix_of(const PyModel& self, const py::object& given) {
  const bool is_array = py::isinstance<py::array>(given);
  const auto array = py::array_t<float, py::array::c_style | py::array::forcecast>::ensure(
      is_array ? given : py::object(embed(self, given, py::kwargs())));
  if (!array) throw py::error_already_set();
  if (array.ndim() != 1 && array.ndim() != 2) {
    fail(Code::invalid_argument,
         "similarity: found an array of " + std::to_string(array.ndim()) + " dimensions");
  }
  const bool is_row = array.ndim() == 1;
  return {is_row ? 1 : array.shape(0), array.shape(is_row ? 0 : 1),
          std::vector<float>(array.data(), array.data() + array.size())};
}

py::array_t<float> similarity(const PyModel& self, const py::object& a, const py::object& b) {
  const Matrix rows = matrix_of(self, a), columns = matrix_of(self, b);
  const Model model = self.model();
  Matrix result = interruptible(Cancel(), [&] { return model.similarity(rows, columns); });
  return array_of(std::move(result.values), {result.rows, result.columns});
}

py::object classify(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const Inputs inputs = inputs_of(texts);
  const auto found =
      run<ClassifyOptions>(self, keywords, [&](const Model& model, const auto& options) {
        return model.classify(inputs.values, options);
      });
  return one_or_all(list_of(found, labels_list), inputs.is_list);
}

py::object tag(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const Inputs inputs = inputs_of(texts);
  const auto found = run<TagOptions>(self, keywords, [&](const Model& model, const auto& options) {
    return model.tag(inputs.values, options);
  });
  py::list list;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const CodePoints code_points(std::get<std::string>(inputs.values[i]));
    list.append(list_of(found[i], [&](const Entity& entity) {
      const auto [start, end] = code_points.range(entity.range);
      return py::dict(py::arg("label") = entity.label, py::arg("score") = entity.score,
                      py::arg("word") = entity.word, py::arg("start") = start, py::arg("end") = end,
                      py::arg("index") = entity.index);
    }));
  }
  return one_or_all(std::move(list), inputs.is_list);
}

py::object fill_mask(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const Inputs inputs = inputs_of(texts);
  const auto found =
      run<FillMaskOptions>(self, keywords, [&](const Model& model, const auto& options) {
        return model.fill_mask(inputs.values, options);
      });
  const auto fills = [](const std::vector<Fill>& mask) {
    return list_of(mask, [](const Fill& fill) {
      return py::dict(py::arg("id") = fill.id, py::arg("token") = fill.token,
                      py::arg("score") = fill.score, py::arg("sequence") = fill.sequence);
    });
  };
  return one_or_all(list_of(found, [&](const auto& masks) { return list_of(masks, fills); }),
                    inputs.is_list);
}

py::list rerank(const PyModel& self, const Text& query, const py::object& texts,
                const py::kwargs& keywords) {
  const auto list = texts_of(texts, "texts");
  const auto ranked =
      run<RerankOptions>(self, keywords, [&](const Model& model, const auto& options) {
        return model.rerank(query.value, list, options);
      });
  return list_of(ranked, [](const RankedText& text) {
    return py::dict(py::arg("index") = text.index, py::arg("score") = text.score);
  });
}

py::object answer(const PyModel& self, const py::object& question, const py::object& context,
                  const py::kwargs& keywords) {
  const auto questions = texts_of(question, "question"), contexts = texts_of(context, "context");
  if (questions.size() != contexts.size()) {
    fail(Code::invalid_argument, "answer: found " + std::to_string(questions.size()) +
                                     " questions and " + std::to_string(contexts.size()) +
                                     " contexts, expected as many");
  }
  std::vector<TextPair> pairs;
  for (std::size_t i = 0; i < questions.size(); ++i) pairs.push_back({questions[i], contexts[i]});
  const auto found = run<AnswerOptions>(
      self, keywords,
      [&](const Model& model, const auto& options) { return model.answer(pairs, options); });
  py::list list;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const CodePoints code_points(contexts[i]);
    list.append(list_of(found[i], [&](const Answer& one) {
      const auto [start, end] = code_points.range(one.range);
      return py::dict(py::arg("text") = one.text, py::arg("score") = one.score,
                      py::arg("start") = start, py::arg("end") = end);
    }));
  }
  return one_or_all(std::move(list), !is_text(question));
}

py::object zero_shot(const PyModel& self, const py::object& texts, const py::object& labels,
                     const py::kwargs& keywords) {
  const auto list = texts_of(texts, "texts"), candidates = texts_of(labels, "labels");
  const auto found =
      run<ZeroShotOptions>(self, keywords, [&](const Model& model, const auto& options) {
        return model.zero_shot(list, candidates, options);
      });
  return one_or_all(list_of(found, labels_list), !is_text(texts));
}

py::object score(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const Inputs inputs = inputs_of(texts);
  const auto found = run<ScoreOptions>(
      self, keywords,
      [&](const Model& model, const auto& options) { return model.score(inputs.values, options); });
  const auto dict = [](const Score& one) {
    const auto count = std::ssize(one.log_probabilities);
    return py::dict(py::arg("log_probability") = one.log_probability, py::arg("ids") = one.ids,
                    py::arg("log_probabilities") = array_of(one.log_probabilities, {count}));
  };
  return one_or_all(list_of(found, dict), inputs.is_list);
}

py::object translate(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const auto list = texts_of(texts, "texts");
  const auto outputs = run<TranslateOptions>(
      self, keywords,
      [&](const Model& model, const auto& options) { return model.translate(list, options); });
  return one_or_all(list_of(outputs, output_object), !is_text(texts));
}

py::object summarize(const PyModel& self, const py::object& texts, const py::kwargs& keywords) {
  const auto list = texts_of(texts, "texts");
  const auto outputs = run<SummarizeOptions>(
      self, keywords,
      [&](const Model& model, const auto& options) { return model.summarize(list, options); });
  return one_or_all(list_of(outputs, output_object), !is_text(texts));
}

}  // namespace

void add_tasks(py::class_<PyModel>& model) {
  model
      .def("embed", &embed, py::arg("texts"),
           "A row for each text, (B, C): its tokens pooled as the model says; of a single text "
           "(C,). "
           "role='query' or 'document' puts the model's prompt in front. Texts may be token ids.")
      .def("similarity", &similarity, py::arg("a"), py::arg("b"),
           "How alike embeddings (or texts) are, (rows of a, rows of b), by the model's measure.")
      .def("classify", &classify, py::arg("texts"),
           "The labels of each text, or pair of texts (a tuple), the likeliest first.")
      .def("tag", &tag, py::arg("texts"),
           "Names, places, ... in each text; start and end are characters of it.")
      .def("fill_mask", &fill_mask, py::arg("texts"),
           "For each text and each mask in it what may stand there, the likeliest first.")
      .def("rerank", &rerank, py::arg("query"), py::arg("texts"),
           "Which texts fit the query, the best first: their places and scores.")
      .def("answer", &answer, py::arg("question"), py::arg("context"),
           "Where the context answers the question, the best first.")
      .def("zero_shot", &zero_shot, py::arg("texts"), py::arg("labels"),
           "Which of the labels fit each text, the best first.")
      .def("score", &score, py::arg("texts"),
           "log p of each text, or of a pair's second text given the first.")
      .def("translate", &translate, py::arg("texts"),
           "Each text in another language, as an Output, by an encoder-decoder: src_lang and "
           "tgt_lang as the model names languages, and the options of generate().")
      .def("summarize", &summarize, py::arg("texts"),
           "Each text made short, as an Output, by an encoder-decoder and the options of "
           "generate().");
}

}  // namespace loquor::python
