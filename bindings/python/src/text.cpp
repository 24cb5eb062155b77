// Tokenizer and ChatTemplate.
#include "arguments.h"
#include "code_points.h"
#include "handles.h"
#include "results.h"

namespace loquor::python {

namespace {

std::vector<std::int32_t> encode(const Tokenizer& tokenizer, const Text& text,
                                 const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  const Unlocked unlocked;
  return tokenizer.encode(text.value, encode_options);
}

std::vector<std::vector<std::int32_t>> encode_batch(const Tokenizer& tokenizer,
                                                    const py::sequence& texts,
                                                    const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  if (is_text(texts)) throw py::type_error("texts: found one text, expected a list of texts");
  std::vector<Text> values;
  for (const py::handle text : texts) {
    if (!is_text(text)) throw py::type_error("texts: expected a list of str");
    values.push_back(text_of(text));
  }
  const Unlocked unlocked;
  std::vector<std::vector<std::int32_t>> result;
  result.reserve(values.size());
  for (const Text& text : values) result.push_back(tokenizer.encode(text.value, encode_options));
  return result;
}

using Offsets = std::vector<std::pair<std::int64_t, std::int64_t>>;

// In characters, each within the text that its token is of.
Offsets offsets_of(const Encoding& encoding, const std::string& first, const std::string& second) {
  const CodePoints texts[] = {CodePoints(first), CodePoints(second)};
  Offsets offsets;
  offsets.reserve(encoding.offsets.size());
  for (std::size_t i = 0; i < encoding.offsets.size(); ++i)
    offsets.push_back(texts[encoding.sequence_ids[i] == 1].range(encoding.offsets[i]));
  return offsets;
}

Offsets offsets(const Tokenizer& tokenizer, const Text& text, const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  const Unlocked unlocked;
  return offsets_of(tokenizer.encode_with_offsets(text.value, encode_options), text.value, {});
}

// The numbers, with None for those below 0.
py::list or_none(const std::vector<std::int32_t>& numbers) {
  py::list list;
  for (const std::int32_t number : numbers)
    list.append(number < 0 ? py::object(py::none()) : py::object(py::int_(number)));
  return list;
}

// call() encodes; second is empty where there is one text.
template <class Call>
py::object encoding(const Text& first, const Text& second, Call&& call) {
  Encoding found;
  Offsets offsets;
  {
    const Unlocked unlocked;
    found = call();
    offsets = offsets_of(found, first.value, second.value);
  }
  return py::module_::import("loquor._results")
      .attr("Encoding")(found.ids, offsets, found.type_ids, or_none(found.sequence_ids),
                        or_none(found.word_ids));
}

py::object encode_with_offsets(const Tokenizer& tokenizer, const Text& text,
                               const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  return encoding(text, {},
                  [&] { return tokenizer.encode_with_offsets(text.value, encode_options); });
}

py::object encode_pair(const Tokenizer& tokenizer, const Text& first, const Text& second,
                       const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  return encoding(first, second,
                  [&] { return tokenizer.encode_pair(first.value, second.value, encode_options); });
}

std::string decode(const Tokenizer& tokenizer, const Ids& ids, bool skip_special_tokens) {
  const Unlocked unlocked;
  return tokenizer.decode(ids.values, skip_special_tokens);
}

Tokenizer from_sentencepiece(const py::buffer& model) {
  const py::buffer_info bytes = model.request();
  const std::span data(static_cast<const std::byte*>(bytes.ptr),
                       static_cast<std::size_t>(bytes.size * bytes.itemsize));
  return Tokenizer::from_sentencepiece(data);
}

void add_tokenizer(py::module_& module) {
  py::class_<Tokenizer> tokenizer(module, "Tokenizer", "Text to token ids and back.");
  tokenizer
      .def_static(
          "from_json",
          [](const Text& json, const Text& config) {
            return Tokenizer::from_json(json.value, config.value);
          },
          py::arg("tokenizer_json"), py::arg("tokenizer_config_json") = "",
          "Reads the text of a Hugging Face tokenizer.json.")
      .def_static("from_sentencepiece", &from_sentencepiece, py::arg("model"),
                  "Reads the bytes of a SentencePiece .model file.")
      .def("encode", &encode, py::arg("text"),
           "Ids of a text. Keywords: add_special_tokens (True), parse_special (False), max_length, "
           "truncation, truncation_side; see loquor.describe('encode').")
      .def("encode_batch", &encode_batch, py::arg("texts"), "encode() for each text of a list.")
      .def("encode_with_offsets", &encode_with_offsets, py::arg("text"),
           "encode() with where each id comes from: an Encoding.")
      .def("encode_pair", &encode_pair, py::arg("first"), py::arg("second"),
           "An Encoding of two texts, put together as the model reads them: question and context, "
           "...")
      .def("offsets", &offsets, py::arg("text"),
           "The characters [begin, end) of the str that each id of encode() stands for, as those "
           "of Hugging Face tokenizers: tokens of one character's bytes each have all of it; "
           "(0, 0) for special tokens that were added.")
      .def("decode", &decode, py::arg("ids"), py::arg("skip_special_tokens") = true,
           "Text of ids; bytes that are no UTF-8 come out as U+FFFD.")
      .def("token", &Tokenizer::token, py::arg("id"), "The name of an id in the vocabulary.")
      .def(
          "id", [](const Tokenizer& self, const Text& token) { return self.id(token.value); },
          py::arg("token"), "The id of a name in the vocabulary, or None.")
      .def("is_special", &Tokenizer::is_special, py::arg("id"))
      .def_property_readonly("vocabulary_size", &Tokenizer::vocabulary_size)
      .def_property_readonly("bos_token_id", &Tokenizer::bos_token_id)
      .def_property_readonly("eos_token_id", &Tokenizer::eos_token_id)
      .def_property_readonly("unk_token_id", &Tokenizer::unk_token_id)
      .def_property_readonly("pad_token_id", &Tokenizer::pad_token_id)
      .def_property_readonly("sep_token_id", &Tokenizer::sep_token_id)
      .def_property_readonly("cls_token_id", &Tokenizer::cls_token_id)
      .def_property_readonly("mask_token_id", &Tokenizer::mask_token_id);

  py::class_<Tokenizer::Stream>(tokenizer, "Stream",
                                "Decodes ids one by one into whole characters.")
      .def(py::init<const Tokenizer&, bool>(), py::arg("tokenizer"),
           py::arg("skip_special_tokens") = true, py::keep_alive<1, 2>())
      .def("push", &Tokenizer::Stream::push, py::arg("id"), "The text that is now settled.")
      .def("finish", &Tokenizer::Stream::finish, "What was held back.");
}

std::string render(const ChatTemplate& chat_template, const py::object& messages,
                   const py::object& tools, bool add_generation_prompt,
                   const py::kwargs& variables) {
  const std::string json = json_text(messages, "messages");
  const RenderOptions options{
      .add_generation_prompt = add_generation_prompt,
      .tools = tools.is_none() ? std::string() : json_text(tools, "tools"),
      .variables = variables.empty() ? std::string() : json_text(variables, "variables")};
  const Unlocked unlocked;
  return chat_template.render_json(json, options).text;
}

}  // namespace

void add_text(py::module_& module) {
  add_tokenizer(module);
  py::class_<ChatTemplate>(module, "ChatTemplate",
                           "A Jinja template that turns messages into a prompt.")
      .def(py::init([](const Text& source, const py::kwargs& variables) {
             return ChatTemplate(source.value, json_text(variables, "variables"));
           }),
           py::arg("source"))
      .def("render", &render, py::arg("messages"), py::arg("tools") = py::none(),
           py::arg("add_generation_prompt") = true,
           "The prompt of messages: a list of dicts such as {'role': 'user', 'content': 'Hi'}. "
           "Further keywords are variables of the template.")
      .def_property_readonly("source", &ChatTemplate::source);
}

}  // namespace loquor::python
