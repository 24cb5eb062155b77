// Rotary position embedding of one row, in place.

namespace loquor {
namespace {

void rotate_halves(float* x, const float* cosine, const float* sine, int64_t half) {
  for_each_vector(half, [=](int64_t i, int lanes) {
    const Vec a = load(x + i, lanes);
    const Vec b = load(x + half + i, lanes);
    const Vec c = load(cosine + i, lanes);
    const Vec s = load(sine + i, lanes);
    store(x + i, a * c - b * s, lanes);
    store(x + half + i, b * c + a * s, lanes);
  });
}

void rotate_neighbours(float* x, const float* cosine, const float* sine, int64_t half) {
  for (int64_t i = 0; i < half; ++i) {
    const float a = x[2 * i];
    const float b = x[2 * i + 1];
    x[2 * i] = a * cosine[i] - b * sine[i];
    x[2 * i + 1] = b * cosine[i] + a * sine[i];
  }
}

void rope(float* x, const float* cosine, const float* sine, int64_t heads, int64_t head_width,
          int64_t rotary, bool interleaved) {
  for (int64_t head = 0; head < heads; ++head, x += head_width) {
    (interleaved ? rotate_neighbours : rotate_halves)(x, cosine, sine, rotary / 2);
  }
}

}  // namespace
}  // namespace loquor
