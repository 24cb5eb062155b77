#include "ops/check.h"

namespace loquor {

void expect_shape(std::string_view op, std::string_view what, const Tensor& found,
                  std::int64_t rows, std::int64_t columns) {
  if (found.rows() == rows && found.columns() == columns) return;
  fail(Code::internal, op, ": ", what, " has shape (", found.rows(), ", ", found.columns(),
       "), expected (", rows, ", ", columns, ")");
}

void expect_size(std::string_view op, std::string_view what, std::int64_t found,
                 std::int64_t expected) {
  if (found != expected) {
    fail(Code::internal, op, ": ", what, " has size ", found, ", expected ", expected);
  }
}

}  // namespace loquor
