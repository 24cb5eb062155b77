// exp, tanh and the normal distribution function on vectors, by polynomials fitted to their range.

namespace loquor {
namespace {

/// exp(x) to about 1 unit in the last place. Results below the smallest normal number are 0, so
/// that they do not depend on how the thread treats denormals; NaN stays NaN.
inline Vec exp(Vec x) {
  // x = n log(2) + r, |r| <= log(2) / 2. Adding 1.5 * 2^23 rounds to an integer, found in the low
  // bits.
  const Vec shifted = fma(x, set(1.44269504f), set(12582912.0f));
  const Vec n = shifted - 12582912.0f;
  // log(2) in two parts; the first has so few bits that n times it is exact.
  Vec r = fma(n, set(-0.693359375f), x);
  r = fma(n, set(2.12194440e-4f), r);
  Vec p = set(0.001381446490995586f);
  p = fma(p, r, set(0.008368780836462975f));
  p = fma(p, r, set(0.04166839271783829f));
  p = fma(p, r, set(0.1666651964187622f));
  p = fma(p, r, set(0.4999999403953552f));
  p = fma(p, r * r, r) + 1.0f;
  const Vec y = floats(bits(p) + (bits(shifted) << 23));  // times 2^n
  const Vec bounded = x > set(88.7228317f) ? set(__builtin_inff()) : y;
  return x < set(-87.3365402f) ? set(0.0f) : bounded;
}

/// tanh(x) to 3e-7 of itself.
inline Vec tanh(Vec x) {
  // tanh(x) = x + x^3 g(x^2), g a polynomial to 3e-8 up to 0.75
  const Vec square = x * x;
  Vec g = set(-0.004769490100443363f);
  g = fma(g, square, set(0.019664913415908813f));
  g = fma(g, square, set(-0.0533902570605278f));
  g = fma(g, square, set(0.13326521217823029f));
  g = fma(g, square, set(-0.3333306908607483f));
  const Vec near_zero = fma(x * square, g, x);
  const Vec size = x < 0.0f ? -x : x;
  const Vec beyond = 1.0f - 2.0f / (1.0f + exp(size + size));
  return size < 0.75f ? near_zero : (x < 0.0f ? -beyond : beyond);
}

/// Phi(x) = erfc(-x / sqrt(2)) / 2, to 2e-7 of itself near 0 and 1e-5 of itself where it vanishes.
inline Vec normal_distribution(Vec x) {
  const Vec z = (x < 0.0f ? -x : x) * 0.707106781f;
  // erfc(z) exp(z^2) = t g(t), t = 1 / (1 + 0.4 z), g a polynomial to 7e-8
  const Vec t = 1.0f / fma(z, set(0.4f), set(1.0f));
  Vec g = set(0.042119212448596954f);
  g = fma(g, t, set(-0.1445547491312027f));
  g = fma(g, t, set(0.09278957545757294f));
  g = fma(g, t, set(0.07783753424882889f));
  g = fma(g, t, set(0.08679049462080002f));
  g = fma(g, t, set(0.19038160145282745f));
  g = fma(g, t, set(0.20266152918338776f));
  g = fma(g, t, set(0.22633424401283264f));
  g = fma(g, t, set(0.22564063966274261f));
  const Vec tail = 0.5f * t * g * exp(-z * z);
  return x < 0.0f ? tail : 1.0f - tail;
}

}  // namespace
}  // namespace loquor
