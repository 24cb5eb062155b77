// Models and texts as the command line gives them.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "commands.h"

namespace tool {

namespace {

std::string read_all(std::FILE* file, const std::string& name) {
  std::string content;
  char buffer[1 << 16];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file))
    content.append(buffer, count);
  if (std::ferror(file)) throw std::runtime_error(name + ": " + std::strerror(errno));
  return content;
}

}  // namespace

loquor::ModelOptions ModelArguments::options() const {
  auto result = model.options<loquor::ModelOptions>();
  result.runtime = loquor::Runtime(runtime.options<loquor::RuntimeOptions>());
  result.cancel = interrupt();
  return result;
}

OpenedModel::OpenedModel(const ModelArguments& arguments)
    : model(arguments.path, arguments.options()), load_seconds(since.seconds()) {}

std::string read_file(const std::string& path) {
  if (path == "-") return read_all(stdin, "standard input");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) throw std::runtime_error(path + ": " + std::strerror(errno));
  return read_all(file.get(), path);
}

std::string TextArguments::read() const {
  if (text && *text != "-") return *text;
  if (!text && isatty(STDIN_FILENO)) throw UsageError("no text was given (- reads standard input)");
  return read_file("-");
}

std::vector<std::int32_t> TextArguments::encoded(const loquor::Model& model) const {
  if (text && !ids.empty()) throw UsageError("found a text and --ids, expected one of them");
  if (!ids.empty()) return ids;
  return model.tokenizer().encode(read(), encode.options<loquor::EncodeOptions>());
}

std::string token_name(const loquor::Model& model, std::int32_t id) {
  if (!model.has_tokenizer() || id < 0 || id >= model.tokenizer().vocabulary_size()) return {};
  return model.tokenizer().token(id);
}

}  // namespace tool
