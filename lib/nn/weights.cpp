#include "nn/weights.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "nn/stored_matrix.h"
#include "ops/head_norm.h"
#include "ops/linear.h"
#include "ops/norm.h"

namespace loquor {

namespace {

// "decoder.blocks.12.attention.qkv" -> "decoder.blocks.*.attention.qkv" and "12".
std::string generic(const std::string& name, std::vector<std::string>& numbers) {
  std::string out;
  for (std::size_t begin = 0, end; begin <= name.size(); begin = end + 1) {
    end = std::min(name.find('.', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    const bool number = !part.empty() && std::isdigit(static_cast<unsigned char>(part[0]));
    if (number) numbers.push_back(part);
    out += (begin > 0 ? "." : "") + (number ? std::string("*") : part);
  }
  return out;
}

std::string with_numbers(std::string_view pattern, const std::vector<std::string>& numbers) {
  std::string out;
  std::size_t used = 0;
  for (const char c : pattern) {
    if (c == '*' && used < numbers.size()) {
      out += numbers[used++];
    } else {
      out += c;
    }
  }
  return out;
}

// Whether name is the pattern with digits for each "*", and anything for "**" at its end.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return false;
  if (pattern.ends_with("**")) return name.starts_with(pattern.substr(0, pattern.size() - 2));
  std::size_t at = 0;
  for (const char c : pattern) {
    if (c != '*') {
      if (at == name.size() || name[at++] != c) return false;
      continue;
    }
    const std::size_t begin = at;
    while (at < name.size() && name[at] >= '0' && name[at] <= '9') ++at;
    if (at == begin) return false;
  }
  return at == name.size();
}

[[noreturn]] void fail_missing(const Checkpoint& checkpoint, const std::string& name) {
  const std::string packed = name.substr(0, name.rfind('.')) + ".qweight";
  if (checkpoint.find(packed)) {
    fail(Code::unsupported, "tensor ", quoted(packed),
         " is quantised as GPTQ and AWQ do it, which is not built");
  }
  fail(Code::invalid_file, "tensor ", quoted(name), " is missing");
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
  switch (spec.kind) {
    case NormKind::none:
      return x;
    case NormKind::rms:
      return rms_norm(context, x, weight, epsilon);
    case NormKind::layer:
      return layer_norm(context, x, weight, bias, epsilon);
  }
  return x;
}

void Norm::heads(Context& context, Tensor& x, std::int64_t column, std::int64_t count) const {
  const auto epsilon = static_cast<float>(spec.epsilon);
  const NormHeads heads{column, count, weight.size()};
  if (spec.kind == NormKind::rms) rms_norm_heads(context, x, heads, weight, epsilon);
  if (spec.kind == NormKind::layer) layer_norm_heads(context, x, heads, weight, bias, epsilon);
}

Weights::Weights(const Runtime& runtime, const Checkpoint& checkpoint, const Family& family,
                 Options options)
    : runtime_(runtime),
      checkpoint_(checkpoint),
      family_(family),
      options_(options),
      names_(checkpoint.format() == "gguf" ? family.gguf_weights() : family.weights()) {
  if (options_.type == ComputeType::bf16 && !has_bf16_dot(chosen_isa()))
    options_.type = ComputeType::f32;
}

// A family with one stack leaves "encoder." and "decoder." out. Where no spelling's tensors are
// there, the first one's are missing.
const WeightName& Weights::entry(const std::string& name, std::vector<std::string>& numbers) const {
  const std::string ours = generic(name, numbers);
  for (const std::string_view wanted :
       {std::string_view(ours), std::string_view(ours).substr(ours.find('.') + 1)}) {
    const WeightName* first = nullptr;
    for (const WeightName& entry : names_) {
      if (entry.ours != wanted) continue;
      if (has_tensors(entry, numbers)) return entry;
      if (!first) first = &entry;
    }
    if (first) return *first;
  }
  fail(Code::internal, "family ", family_.names[0], " has no name for ", name);
}

bool Weights::has_tensors(const WeightName& name, const std::vector<std::string>& numbers) const {
  return std::all_of(name.theirs.begin(), name.theirs.end(), [&](std::string_view theirs) {
    return checkpoint_.find(with_numbers(theirs, numbers) + ".weight") != nullptr;
  });
}

std::vector<std::string> Weights::names(const std::string& name, std::string_view suffix) const {
  std::vector<std::string> numbers;
  const WeightName& known = entry(name, numbers);
  if (suffix == ".bias" && !known.bias.empty()) return {with_numbers(known.bias, numbers)};
  std::vector<std::string> names;
  for (const auto theirs : known.theirs)
    names.push_back(with_numbers(theirs, numbers) + std::string(known.whole ? "" : suffix));
  const std::vector<std::string> spelled = spellings(names.front());
  for (std::size_t i = 0; i < spelled.size(); ++i) {
    if (!checkpoint_.find(spelled[i])) continue;
    for (std::string& full : names) full = spellings(full)[i];
    break;
  }
  if (known.whole) return names;
  // LayerNorm's gamma and beta, as TensorFlow named them.
  const std::string_view old = suffix == ".weight" ? ".gamma" : ".beta";
  for (std::string& full : names) {
    const std::string renamed = full.substr(0, full.size() - suffix.size()) + std::string(old);
    if (!checkpoint_.find(full) && checkpoint_.find(renamed)) full = renamed;
  }
  return names;
}

// The name, as other checkpoints of the family have it, and as one of the bare model does: that
// leaves out the first part of each name ("model.", "transformer.").
std::vector<std::string> Weights::spellings(std::string_view tensor) const {
  std::vector<std::string> all{std::string(tensor)};
  for (const auto& [usual, other] : family_.spellings) {
    if (tensor.starts_with(usual)) all.push_back(text(other, tensor.substr(usual.size())));
  }
  all.emplace_back(tensor.substr(tensor.find('.') + 1));
  return all;
}

const StoredTensor& Weights::require(const std::string& theirs) const {
  const StoredTensor* tensor = checkpoint_.find(theirs);
  if (!tensor) fail_missing(checkpoint_, theirs);
  return *tensor;
}

std::vector<WeightPart> Weights::find(const std::string& name, std::string_view suffix) {
  std::vector<std::string> numbers;
  const WeightName& known = entry(name, numbers);
  std::vector<WeightPart> parts;
  const auto add = [&](const StoredTensor& tensor, std::optional<std::int64_t> index,
                       bool transposed) {
    parts.push_back(weight_part(checkpoint_, tensor, index));
    parts.back().transposed = transposed;
    for (const StoredTensor* used : {&tensor, parts.back().scales}) {
      if (used && used_.insert(used->name).second)
        totals_.stored_bytes += static_cast<std::int64_t>(used->bytes.size());
    }
  };
  const std::vector<std::string> theirs = names(name, suffix);
  if (known.by_heads) {
    const auto& shape = require(theirs[0]).shape;
    const std::int64_t heads = shape.size() == 3 ? std::max<std::int64_t>(shape[0], 1) : 1;
    for (std::int64_t head = 0; head < heads; ++head) {
      for (const std::string& tensor : theirs) add(require(tensor), head, tensor == theirs[0]);
    }
    return parts;
  }
  std::optional<std::int64_t> index;
  if (known.stacked && suffix == ".weight") index = std::stoll(numbers.back());
  for (const std::string& tensor : theirs) add(require(tensor), index, known.transposed);
  return parts;
}

Weight Weights::pack(const std::string& name, std::int64_t outputs, std::int64_t inputs) {
  const std::vector<WeightPart> parts = find(name, ".weight");
  const WeightPart& head = parts[0];
  const auto key = std::pair(head.tensor, head.first_row);
  // Two stacks may share a table.
  if (const auto packed = packed_.find(key); packed != packed_.end() && parts.size() == 1)
    return packed->second;
  StoredMatrix stored(parts, outputs, inputs);
  packed_[key] = {};
  totals_.parameters += outputs * inputs;
  totals_.packed_bytes += packed_bytes(options_.type, outputs, inputs);
  if (options_.measure) return {};
  stored.prepare();
  const auto rows = [&](std::int64_t first, std::int64_t count, float* out) {
    if (options_.cancel) check(*options_.cancel, "loading the model");
    stored.read(first, count, out);
  };
  auto packed = std::make_shared<PackedMatrix>(
      PackedMatrix::pack(runtime_, options_.type, outputs, inputs, rows, name));
  for (const WeightPart& part : parts) part.tensor->bytes.release();
  return packed_[key] = Weight(std::move(packed));
}

std::vector<Vector> Weights::values(const std::string& name,
                                    const std::vector<std::int64_t>& shape) {
  const StoredTensor& tensor = *find(name, "")[0].tensor;
  if (tensor.shape != shape) {
    fail(Code::invalid_file, tensor.file, ": tensor ", quoted(tensor.name), " has shape ",
         shape_text(tensor.shape), ", expected ", shape_text(shape));
  }
  const std::vector<float> all = to_floats(tensor);
  const std::size_t pieces = shape.size() == 2 ? 1 : static_cast<std::size_t>(shape[0]);
  const std::size_t size = all.size() / pieces;
  totals_.parameters += std::ssize(all);
  totals_.packed_bytes += std::ssize(all) * static_cast<std::int64_t>(sizeof(float));
  std::vector<Vector> out(pieces);
  for (std::size_t i = 0; i < pieces && !options_.measure; ++i)
    out[i] = Vector::copy(runtime_, std::span(all).subspan(i * size, size), name);
  return out;
}

Vector Weights::vector(const std::string& name, std::string_view suffix, std::int64_t size,
                       double offset) {
  const std::vector<WeightPart> parts = find(name, suffix);
  std::vector<float> values;
  for (const WeightPart& piece : parts) {
    const auto& shape = piece.tensor->shape;
    if (shape.size() != 1 && !(shape.size() == 2 && shape[0] == 1)) {
      fail(Code::invalid_file, piece.tensor->file, ": tensor ", quoted(piece.tensor->name),
           " has shape ", shape_text(shape), ", expected a vector");
    }
    const std::vector<float> part = to_floats(*piece.tensor);
    values.insert(values.end(), part.begin(), part.end());
  }
  if (static_cast<std::int64_t>(values.size()) != size) {
    const StoredTensor& first = *parts[0].tensor;
    fail(Code::invalid_file, first.file, ": tensor ", quoted(first.name), " has ", values.size(),
         " values, expected ", size);
  }
  for (float& value : values) value += static_cast<float>(offset);
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
  Norm norm{spec, {}, {}};
  if (spec.kind == NormKind::none) return norm;
  norm.weight = vector(name, ".weight", width, spec.offset);
  if (spec.kind == NormKind::layer && spec.bias) norm.bias = vector(name, ".bias", width);
  return norm;
}

Weight Weights::table(const std::string& name, std::int64_t rows, std::int64_t columns) {
  return pack(name, rows, columns);
}

Weight Weights::computed(const std::string& name, std::int64_t rows, std::int64_t columns,
                         const std::function<void(std::int64_t, std::int64_t, float*)>& fill) {
  if (checkpoint_.find(names(name, ".weight").front())) return table(name, rows, columns);
  totals_.packed_bytes += packed_bytes(ComputeType::f32, rows, columns);
  if (options_.measure) return {};
  return Weight(std::make_shared<PackedMatrix>(
      PackedMatrix::pack(runtime_, ComputeType::f32, rows, columns, fill, name)));
}

Linear Weights::tied_linear(const std::string& name, const std::string& table, const Weight& weight,
                            std::int64_t outputs, std::int64_t inputs, bool bias) {
  const StoredTensor* own = checkpoint_.find(names(name, ".weight").front());
  const StoredTensor* shared = checkpoint_.find(names(table, ".weight").front());
  if (own && shared && (own->type != shared->type || own->bytes.view() != shared->bytes.view()))
    return linear(name, outputs, inputs, bias);
  for (std::string& theirs : names(name, ".weight")) used_.insert(std::move(theirs));
  Linear linear{weight, {}};
  if (bias) linear.bias = vector(name, ".bias", outputs);
  return linear;
}

bool Weights::ignored(const std::string& tensor) const {
  for (const std::string_view pattern : family_.ignored) {
    if (pattern.empty()) continue;
    const std::vector<std::string> all = spellings(pattern);
    const auto is_tensor = [&](const std::string& one) { return matches(one, tensor); };
    if (std::any_of(all.begin(), all.end(), is_tensor)) return true;
  }
  return false;
}

void Weights::require_all_used() const {
  for (const StoredTensor& tensor : checkpoint_) {
    if (used_.contains(tensor.name) || ignored(tensor.name)) continue;
    fail(Code::unsupported, tensor.file, ": tensor ", quoted(tensor.name), " ",
         shape_text(tensor.shape), " belongs to no weight of a ", family_.names[0], " model");
  }
}

}  // namespace loquor
