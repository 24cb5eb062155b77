// loquor info: what a model is, and the memory that it will take, without reading its weights.
#include <loquor/json.hpp>

#include "commands.h"

namespace tool {

namespace {

struct Memory {
  std::int64_t context_length;
  std::int64_t cache;
  std::int64_t total;
};

Memory estimate(const loquor::ModelInfo& info, const InfoCommand& command) {
  const std::int64_t context = command.context_length.value_or(info.context_length);
  if (context > info.context_length)
    throw UsageError("--context-length: found " + std::to_string(context) +
                     ", expected at most the model's " + std::to_string(info.context_length));
  const std::int64_t cache = context * info.cache_bytes_per_position;
  return {context, cache, info.weight_bytes + cache + info.workspace_bytes};
}

void print_json(const loquor::ModelInfo& info, const Memory& memory) {
  print_line(JsonObject()
                 .add_all(Json{loquor::to_json(info)})
                 .add("memory", JsonObject()
                                    .add("context_length", memory.context_length)
                                    .add("cache_bytes", memory.cache)
                                    .add("total_bytes", memory.total)
                                    .json())
                 .json());
}

void print_text(const loquor::ModelInfo& info, const Memory& memory) {
  const auto row = [](std::string name, const std::string& value) {
    name.resize(16, ' ');
    print(name + value + "\n");
  };
  row("architecture", info.architecture + ", " + info.format);
  row("parameters", fixed(static_cast<double>(info.parameters) / 1e6, 1) + " million");
  row("layers", std::to_string(info.layers) + " of width " + std::to_string(info.width));
  row("heads", std::to_string(info.heads) + ", " + std::to_string(info.key_value_heads) +
                   " for keys and values");
  row("vocabulary", std::to_string(info.vocabulary));
  row("context", std::to_string(info.context_length) + " positions");
  row("computes in", info.compute_type + ", cache in " + info.cache_type + ", on " + info.isa);
  row("file", megabytes(info.file_bytes));
  row("weights", megabytes(info.weight_bytes));
  row("cache",
      megabytes(memory.cache) + " for " + std::to_string(memory.context_length) + " positions");
  row("workspace", "about " + megabytes(info.workspace_bytes));
  row("memory", "about " + megabytes(memory.total) + " in all");
}

}  // namespace

int run(const InfoCommand& command) {
  const auto info = loquor::Model::inspect(command.model.path, command.model.options());
  const Memory memory = estimate(info, command);
  if (command.model.json) {
    print_json(info, memory);
  } else {
    print_text(info, memory);
  }
  return 0;
}

}  // namespace tool
