#include "ops/latent.h"

#include <doctest/doctest.h>

#include "numeric.h"

namespace loquor::tests {

namespace {

double product(const Tensor& a, const Tensor& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
  return sum;
}

}  // namespace

TEST_CASE("heads are taken from where they begin, and their gradient goes back there") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 3, 20, 1);
  const HeadColumns from{.column = 2, .heads = 3, .stride = 6, .width = 4};
  const Tensor y = take_heads(context, x, from);
  REQUIRE(y.columns() == 12);
  CHECK(y.row(1)[0] == x.row(1)[2]);
  CHECK(y.row(2)[11] == x.row(2)[2 + 12 + 3]);
  // The operation is linear: <f(x), y'> = <x, f'(y')>.
  const Tensor gradient = random_tensor(context, 3, 12, 2);
  const Tensor back = take_heads_backward(context, gradient, 20, from);
  CHECK(product(y, gradient) == doctest::Approx(product(x, back)));
  error_of(Code::internal, [&] { take_heads(context, x, {3, 3, 6, 6}); });
}

TEST_CASE("keys of latents are joined with the columns that heads share, values are padded") {
  Context context = context_of_garbage();
  const LatentHeads shape{.heads = 2, .head_width = 5, .shared_width = 2, .value_width = 4};
  const Tensor q = random_tensor(context, 3, 10, 1), kv = random_tensor(context, 3, 14, 2),
               shared = random_tensor(context, 3, 6, 3);
  const Tensor y = join_latent_heads(context, q, kv, shared, shape);
  REQUIRE(y.columns() == 30);
  const float* row = y.row(2);
  CHECK(row[9] == q.row(2)[9]);
  CHECK(row[10 + 5] == kv.row(2)[7]);      // the second head's own part
  CHECK(row[10 + 3] == shared.row(2)[4]);  // and what both share
  CHECK(row[10 + 9] == shared.row(2)[5]);
  CHECK(row[20 + 5] == kv.row(2)[7 + 3]);  // the second head's values
  CHECK(row[20 + 9] == 0);
  const Tensor gradient = random_tensor(context, 3, 30, 4);
  const LatentGradients back = join_latent_heads_backward(context, gradient, 6, shape);
  CHECK(product(y, gradient) ==
        doctest::Approx(product(q, back.q) + product(kv, back.kv) + product(shared, back.shared)));
  error_of(Code::internal, [&] { join_latent_heads(context, q, q, shared, shape); });
}

}  // namespace loquor::tests
