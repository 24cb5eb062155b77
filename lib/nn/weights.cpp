#include "nn/weights.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "ops/linear.h"
#include "ops/norm.h"

namespace loquor {

namespace {

// "blocks.12.attention.qkv" -> "blocks.*.attention.qkv" and "12".
std::string generic(const std::string& name, std::string& number) {
  const std::string_view prefix = "blocks.";
  if (!name.starts_with(prefix)) return name;
  const std::size_t end = name.find('.', prefix.size());
  number = name.substr(prefix.size(), end - prefix.size());
  return std::string(prefix) + "*" + name.substr(end);
}

std::string with_number(std::string_view pattern, const std::string& number) {
  std::string out(pattern);
  if (const auto star = out.find('*'); star != std::string::npos) out.replace(star, 1, number);
  return out;
}

// Whether name is the pattern with digits for its "*".
bool matches(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return !pattern.empty() && pattern == name;
  const std::string_view tail = pattern.substr(star + 1);
  if (name.size() < pattern.size() || !name.starts_with(pattern.substr(0, star)) ||
      !name.ends_with(tail))
    return false;
  const std::string_view number = name.substr(star, name.size() - star - tail.size());
  return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t rounded_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

std::int64_t packed_bytes(ComputeType type, std::int64_t outputs, std::int64_t inputs) {
  const bool bf16 = type == ComputeType::bf16;
  return rounded_up(outputs, 64) * rounded_up(inputs, bf16 ? 32 : 16) * (bf16 ? 2 : 4);
}

}  // namespace

Tensor Linear::operator()(Context& context, const Tensor& x) const {
  return linear(context, x, weight, bias);
}

Tensor Norm::operator()(Context& context, const Tensor& x) const {
  const auto epsilon = static_cast<float>(spec.epsilon);
  return spec.kind == NormKind::rms ? rms_norm(context, x, weight, epsilon)
                                    : layer_norm(context, x, weight, bias, epsilon);
}

Weights::Weights(const Runtime& runtime, const Checkpoint& checkpoint, const Family& family,
                 Options options)
    : runtime_(runtime),
      checkpoint_(checkpoint),
      family_(family),
      options_(options),
      names_(checkpoint.format() == "gguf" ? family.gguf_names() : family.names()) {
  if (options_.type == ComputeType::bf16 && !has_bf16_dot(chosen_isa()))
    options_.type = ComputeType::f32;
}

std::vector<std::string> Weights::names(const std::string& name, std::string_view suffix,
                                        bool& transposed) const {
  std::string number;
  const std::string ours = generic(name, number);
  for (const WeightName& entry : names_) {
    if (entry.ours != ours) continue;
    transposed = entry.transposed;
    std::vector<std::string> names;
    for (const auto theirs : entry.theirs)
      names.push_back(with_number(theirs, number) + std::string(suffix));
    // A checkpoint of the bare model leaves out the first part of each name ("model.",
    // "transformer.").
    if (!checkpoint_.find(names.front())) {
      const auto dot = names.front().find('.') + 1;
      if (checkpoint_.find(std::string_view(names.front()).substr(dot))) {
        for (std::string& full : names) full.erase(0, dot);
      }
    }
    return names;
  }
  fail(Code::internal, "family ", family_.name, " has no name for ", name);
}

Weights::Source Weights::find(const std::string& name, std::string_view suffix) {
  Source source;
  for (const std::string& theirs : names(name, suffix, source.transposed)) {
    const StoredTensor* tensor = checkpoint_.find(theirs);
    if (!tensor) fail(Code::invalid_file, "tensor ", quoted(theirs), " is missing");
    if (tensor->type > StoredType::f64 && tensor->type < StoredType::q4_0) {
      fail(Code::unsupported, tensor->file, ": tensor ", quoted(theirs), " is stored as ",
           loquor::name(tensor->type), ", expected a floating-point or GGUF block type");
    }
    used_.insert(theirs);
    totals_.stored_bytes += static_cast<std::int64_t>(tensor->bytes.size());
    source.tensors.push_back(tensor);
  }
  return source;
}

Weight Weights::pack(const std::string& name, std::int64_t outputs, std::int64_t inputs) {
  const Source source = find(name, ".weight");
  std::int64_t found = 0;
  for (const StoredTensor* tensor : source.tensors) {
    const auto& shape = tensor->shape;
    const bool fits = shape.size() == 2 && shape[source.transposed ? 0 : 1] == inputs;
    if (!fits || (source.tensors.size() == 1 && shape[source.transposed ? 1 : 0] != outputs)) {
      const std::int64_t wanted[] = {source.transposed ? inputs : outputs,
                                     source.transposed ? outputs : inputs};
      fail(Code::invalid_file, tensor->file, ": tensor ", quoted(tensor->name), " has shape ",
           shape_text(shape), ", expected ",
           source.tensors.size() == 1 ? shape_text(wanted) : text("(*, ", inputs, ")"));
    }
    found += shape[source.transposed ? 1 : 0];
  }
  if (found != outputs) {
    fail(Code::invalid_file, source.tensors[0]->file, ": tensor ", quoted(source.tensors[0]->name),
         " and those joined to it have ", found, " rows, expected ", outputs);
  }
  totals_.parameters += outputs * inputs;
  totals_.packed_bytes += packed_bytes(options_.type, outputs, inputs);
  if (options_.measure) return {};

  std::vector<float> whole;  // a transposed tensor, as stored
  if (source.transposed) whole = to_floats(*source.tensors[0]);
  const auto rows = [&](std::int64_t first, std::int64_t count, float* out) {
    if (options_.cancel) check(*options_.cancel, "loading the model");
    if (source.transposed) {
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t j = 0; j < inputs; ++j) {
          out[i * inputs + j] = whole[static_cast<std::size_t>(j * outputs + first + i)];
        }
      }
      return;
    }
    for (const StoredTensor* tensor : source.tensors) {
      const std::int64_t here = std::min(count, tensor->shape[0] - first);
      if (here > 0) {
        convert_rows(*tensor, first, here, out);
        out += here * inputs;
        count -= here;
        first += here;
      }
      first -= tensor->shape[0];
    }
  };
  auto packed = std::make_shared<PackedMatrix>(
      PackedMatrix::pack(runtime_, options_.type, outputs, inputs, rows, name));
  for (const StoredTensor* tensor : source.tensors) tensor->bytes.release();
  return Weight(std::move(packed));
}

Vector Weights::vector(const std::string& name, std::string_view suffix, std::int64_t size) {
  const Source source = find(name, suffix);
  std::vector<float> values;
  for (const StoredTensor* tensor : source.tensors) {
    if (tensor->shape.size() != 1) {
      fail(Code::invalid_file, tensor->file, ": tensor ", quoted(tensor->name), " has shape ",
           shape_text(tensor->shape), ", expected a vector");
    }
    const std::vector<float> part = to_floats(*tensor);
    values.insert(values.end(), part.begin(), part.end());
  }
  if (static_cast<std::int64_t>(values.size()) != size) {
    fail(Code::invalid_file, source.tensors[0]->file, ": tensor ", quoted(source.tensors[0]->name),
         " has ", values.size(), " values, expected ", size);
  }
  totals_.parameters += size;
  totals_.packed_bytes += size * static_cast<std::int64_t>(sizeof(float));
  return options_.measure ? Vector() : Vector::copy(runtime_, values, name);
}

Linear Weights::linear(const std::string& name, std::int64_t outputs, std::int64_t inputs,
                       bool bias) {
  Linear linear;
  linear.weight = pack(name, outputs, inputs);
  if (bias) linear.bias = vector(name, ".bias", outputs);
  return linear;
}

Norm Weights::norm(const std::string& name, const NormSpec& spec, std::int64_t width) {
  Norm norm{spec, vector(name, ".weight", width), {}};
  if (spec.kind == NormKind::layer) norm.bias = vector(name, ".bias", width);
  return norm;
}

Weight Weights::table(const std::string& name, std::int64_t rows, std::int64_t columns) {
  return pack(name, rows, columns);
}

void Weights::skip(const std::string& name) {
  bool transposed;
  for (std::string& theirs : names(name, ".weight", transposed)) used_.insert(std::move(theirs));
}

bool Weights::ignored(const std::string& tensor) const {
  return std::any_of(family_.ignored.begin(), family_.ignored.end(), [&](std::string_view pattern) {
    return matches(pattern, tensor) || matches(pattern.substr(pattern.find('.') + 1), tensor);
  });
}

void Weights::require_all_used() const {
  for (const StoredTensor& tensor : checkpoint_) {
    if (used_.contains(tensor.name) || ignored(tensor.name)) continue;
    fail(Code::unsupported, tensor.file, ": tensor ", quoted(tensor.name), " ",
         shape_text(tensor.shape), " belongs to no weight of a ", family_.name, " model");
  }
}

}  // namespace loquor
