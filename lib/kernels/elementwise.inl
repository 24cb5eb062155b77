// Activations and sums, element by element; the rounding to bf16.

namespace loquor {
namespace {

void silu(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    store(y + i, v / (1.0f + exp(-v)), lanes);
  });
}

void gelu(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    store(y + i, v * normal_distribution(v), lanes);
  });
}

void gelu_tanh(const float* x, float* y, int64_t count) {
  // (1 + tanh(t)) / 2 = 1 / (1 + exp(-2 t)), t = sqrt(2 / pi) (x + 0.044715 x^3)
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    const Vec cubic = fma(v * v * v, set(0.044715f), v);
    store(y + i, v / (1.0f + exp(cubic * -1.59576912f)), lanes);
  });
}

void quick_gelu(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    store(y + i, v / (1.0f + exp(v * -1.702f)), lanes);
  });
}

void relu(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    store(y + i, v < 0.0f ? set(0.0f) : v, lanes);
  });
}

void relu_squared(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    store(y + i, v < 0.0f ? set(0.0f) : v * v, lanes);
  });
}

void sigmoid(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    store(y + i, 1.0f / (1.0f + exp(-load(x + i, lanes))), lanes);
  });
}

void tanh(const float* x, float* y, int64_t count) {
  for_each_vector(count,
                  [=](int64_t i, int lanes) { store(y + i, tanh(load(x + i, lanes)), lanes); });
}

void add(const float* a, const float* b, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    store(y + i, load(a + i, lanes) + load(b + i, lanes), lanes);
  });
}

void multiply(const float* a, const float* b, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    store(y + i, load(a + i, lanes) * load(b + i, lanes), lanes);
  });
}

void to_bf16(const float* x, uint16_t* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, int lanes) {
    const Vec v = load(x + i, lanes);
    const Bits exact = bits(v);
    const Bits nearest = exact + 0x7fff + ((exact >> 16) & 1);  // ties to even
    const Bits quiet_nan = exact | 0x400000;
    const HalfBits rounded =
        __builtin_convertvector((v == v ? nearest : quiet_nan) >> 16, HalfBits);
    __builtin_memcpy(y + i, &rounded, static_cast<unsigned long>(lanes) * sizeof(uint16_t));
  });
}

}  // namespace
}  // namespace loquor
