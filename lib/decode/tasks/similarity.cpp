// How alike embeddings are.
#include <cmath>

#include "base/error.h"
#include "base/threads.h"
#include "decode/model_impl.h"

namespace loquor {

namespace {

using Row = std::span<const float>;

template <class Term>
double sum(Row a, Row b, Term&& term) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    total += term(static_cast<double>(a[i]), static_cast<double>(b[i]));
  return total;
}

double dot(Row a, Row b) {
  return sum(a, b, [](double x, double y) { return x * y; });
}
double cosine(Row a, Row b) {
  constexpr double kLeast = 1e-12;
  return dot(a, b) / std::fmax(std::sqrt(dot(a, a)) * std::sqrt(dot(b, b)), kLeast);
}
// Distances count as negative likeness.
double euclidean(Row a, Row b) {
  return -std::sqrt(sum(a, b, [](double x, double y) { return (x - y) * (x - y); }));
}
double manhattan(Row a, Row b) {
  return -sum(a, b, [](double x, double y) { return std::fabs(x - y); });
}

double (*measure_named(std::string_view name))(Row, Row) {
  if (name == "dot") return dot;
  if (name == "euclidean") return euclidean;
  return name == "manhattan" ? manhattan : cosine;
}

}  // namespace

Matrix Model::similarity(const Matrix& a, const Matrix& b) const {
  if (a.columns != b.columns) {
    fail(Code::invalid_argument, "similarity: found rows of ", a.columns, " and of ", b.columns,
         " values, expected as many");
  }
  const auto* config = std::get_if<SentenceConfig>(&impl_->loaded.sentence);
  const auto measure = measure_named(config ? config->similarity : "cosine");
  Matrix result{a.rows, b.rows, {}};
  result.values.resize(static_cast<std::size_t>(a.rows * b.rows));
  const FlushDenormals flush;
  impl_->loaded.runtime.state().pool().parallel_for(
      a.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          for (std::int64_t j = 0; j < b.rows; ++j) {
            result.values[static_cast<std::size_t>(i * b.rows + j)] =
                static_cast<float>(measure(a.row(i), b.row(j)));
          }
        }
      });
  return result;
}

}  // namespace loquor
