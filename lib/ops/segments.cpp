#include "ops/segments.h"

#include <limits>

#include "base/error.h"

namespace loquor {

void Segments::add(std::int64_t rows, std::int64_t first_position) {
  constexpr std::int64_t kLimit = std::numeric_limits<std::int32_t>::max();
  if (rows < 0 || first_position < 0 || rows > kLimit - first_position) {
    fail(Code::internal, "segments: ", rows, " rows at position ", first_position);
  }
  list_.push_back({this->rows(), rows, first_position});
  for (std::int64_t i = 0; i < rows; ++i) {
    positions_.push_back(static_cast<std::int32_t>(first_position + i));
  }
}

}  // namespace loquor
