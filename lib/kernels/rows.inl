// Norms and softmax: each row of (rows, columns) by itself.

namespace loquor {
namespace {

/// The sum of map(i, lanes) over a row, in four interleaved sums so that additions need not wait
/// for each other.
template <class Map>
inline float sum_of(int64_t columns, Map map) {
  Vec a = {}, b = {}, c = {}, d = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= columns; i += 4 * kLanes) {
    a += map(i, kLanes);
    b += map(i + kLanes, kLanes);
    c += map(i + 2 * kLanes, kLanes);
    d += map(i + 3 * kLanes, kLanes);
  }
  for (; i + kLanes <= columns; i += kLanes) a += map(i, kLanes);
  if (i < columns) b += map(i, static_cast<int>(columns - i));
  return sum((a + b) + (c + d));
}

void rms_norm(const float* x, const float* weight, float epsilon, float* y, int64_t rows,
              int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns, y += columns) {
    const float squares = sum_of(columns, [=](int64_t i, int lanes) {
      const Vec v = load(x + i, lanes);
      return v * v;
    });
    const float scale = 1.0f / __builtin_sqrtf(squares / static_cast<float>(columns) + epsilon);
    for_each_vector(columns, [=](int64_t i, int lanes) {
      store(y + i, load(x + i, lanes) * scale * load(weight + i, lanes), lanes);
    });
  }
}

void layer_norm(const float* x, const float* weight, const float* bias, float epsilon, float* y,
                int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns, y += columns) {
    const float total = sum_of(columns, [=](int64_t i, int lanes) { return load(x + i, lanes); });
    const float mean = total / static_cast<float>(columns);
    const float squares = sum_of(columns, [=](int64_t i, int lanes) {
      const Vec centred = load(x + i, lanes) - mean;
      // The lanes past the end hold -mean.
      return lane_numbers() < lanes ? centred * centred : set(0.0f);
    });
    const float scale = 1.0f / __builtin_sqrtf(squares / static_cast<float>(columns) + epsilon);
    for_each_vector(columns, [=](int64_t i, int lanes) {
      const Vec normal = (load(x + i, lanes) - mean) * scale * load(weight + i, lanes);
      store(y + i, bias == nullptr ? normal : normal + load(bias + i, lanes), lanes);
    });
  }
}

void softmax(const float* x, float* y, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns, y += columns) {
    Vec largest = set(-__builtin_inff());
    for_each_vector(columns, [&](int64_t i, int lanes) {
      const Vec v = load(x + i, lanes);
      largest = max(lane_numbers() < lanes ? v : largest, largest);
    });
    const float top = maximum(largest);
    const float total = sum_of(columns, [=](int64_t i, int lanes) {
      const Vec v = exp(load(x + i, lanes) - top);
      store(y + i, v, lanes);
      return lane_numbers() < lanes ? v : set(0.0f);
    });
    for_each_vector(columns,
                    [=](int64_t i, int lanes) { store(y + i, load(y + i, lanes) / total, lanes); });
  }
}

}  // namespace
}  // namespace loquor
