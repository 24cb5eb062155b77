// Weights: takes the tensors of a checkpoint by our names, checks every shape, and packs them.
// Linear and Norm: what it gives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/tensor_file.h"
#include "nn/family.h"
#include "nn/weight_part.h"
#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor {

/// y = x W^T + b. weight: (outputs, inputs); bias: (outputs) or empty.
struct Linear {
  Weight weight;
  Vector bias;
  Tensor operator()(Context& context, const Tensor& x) const;  // (N, inputs) -> (N, outputs)
};

/// RMSNorm or LayerNorm, as its spec says. weight, bias: (C)
struct Norm {
  NormSpec spec;
  Vector weight;
  Vector bias;
  Tensor operator()(Context& context, const Tensor& x) const;  // (N, C) -> (N, C)
  /// Of each of some heads of a row, in place; C is D. x: (N, any)
  void heads(Context& context, Tensor& x, std::int64_t column, std::int64_t count) const;
};

/// What the weights of a model take.
struct WeightTotals {
  std::int64_t parameters = 0;
  std::int64_t stored_bytes = 0;  // in the checkpoint
  std::int64_t packed_bytes = 0;  // in memory
};

class Weights {
 public:
  struct Options {
    ComputeType type = ComputeType::f32;
    bool measure = false;  // check and count only; what is given is empty
    const Cancel* cancel = nullptr;
  };
  Weights(const Runtime& runtime, const Checkpoint& checkpoint, const Family& family,
          Options options);

  /// `name` is ours, with the block's number in it. Throws Error(invalid_file) naming the tensor
  /// that is missing or misshapen.
  Linear linear(const std::string& name, std::int64_t outputs, std::int64_t inputs, bool bias);
  Norm norm(const std::string& name, const NormSpec& spec, std::int64_t width);
  /// A tensor of just this shape, cut along its first dimension; of two dimensions, in one piece.
  std::vector<Vector> values(const std::string& name, const std::vector<std::int64_t>& shape);
  /// An embedding table (rows, columns), packed like a linear layer so that a head may share it.
  Weight table(const std::string& name, std::int64_t rows, std::int64_t columns);
  /// A table that a checkpoint may hold (as transformers reads it then), or else the f32 that
  /// fill(first row, rows, where to) makes.
  Weight computed(const std::string& name, std::int64_t rows, std::int64_t columns,
                  const std::function<void(std::int64_t, std::int64_t, float*)>& fill);
  /// A linear layer with the weight of a table; a copy of it in the checkpoint is passed over, and
  /// another weight there goes before it, as in transformers.
  Linear tied_linear(const std::string& name, const std::string& table, const Weight& weight,
                     std::int64_t outputs, std::int64_t inputs, bool bias);

  /// Throws Error(invalid_file) naming a tensor that no weight took and the family does not list as
  /// ignored.
  void require_all_used() const;
  const WeightTotals& totals() const noexcept { return totals_; }

 private:
  const WeightName& entry(const std::string& name, std::vector<std::string>& numbers) const;
  bool has_tensors(const WeightName& name, const std::vector<std::string>& numbers) const;
  std::vector<std::string> names(const std::string& name, std::string_view suffix) const;
  std::vector<WeightPart> find(const std::string& name, std::string_view suffix);
  const StoredTensor& require(const std::string& theirs) const;
  Weight pack(const std::string& name, std::int64_t outputs, std::int64_t inputs);
  Vector vector(const std::string& name, std::string_view suffix, std::int64_t size,
                double offset = 0);
  std::vector<std::string> spellings(std::string_view tensor) const;
  bool ignored(const std::string& tensor) const;

  Runtime runtime_;
  const Checkpoint& checkpoint_;
  const Family& family_;
  Options options_;
  std::vector<WeightName> names_;
  std::set<std::string, std::less<>> used_;
  std::map<std::pair<const StoredTensor*, std::int64_t>, Weight> packed_;  // by the first row
  WeightTotals totals_;
};

}  // namespace loquor
