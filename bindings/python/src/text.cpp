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

std::vector<std::pair<std::int64_t, std::int64_t>> offsets(const Tokenizer& tokenizer,
                                                           const Text& text,
                                                           const py::kwargs& options) {
  const auto encode_options = options_of<EncodeOptions>(options);
  const Unlocked unlocked;
  const Encoding encoding = tokenizer.encode_with_offsets(text.value, encode_options);
  const CodePoints code_points(text.value);
  std::vector<std::pair<std::int64_t, std::int64_t>> result;
  result.reserve(encoding.offsets.size());
  for (const ByteRange& range : encoding.offsets) result.push_back(code_points.range(range));
  return result;
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
           "Ids of a text. Keywords: add_special_tokens (True), parse_special (False).")
      .def("encode_batch", &encode_batch, py::arg("texts"), "encode() for each text of a list.")
      .def("offsets", &offsets, py::arg("text"),
           "(begin, end) in the str for each id that encode() gives.")
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
      .def_property_readonly("pad_token_id", &Tokenizer::pad_token_id);

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
