#include "ops/mixture.h"

#include <fstream>
#include <iterator>

#include "base/json.h"
#include "numeric.h"
#include "ops/linear.h"

namespace loquor::tests {

namespace {

std::vector<float> floats(const Json& list) {
  std::vector<float> values;
  for (const Json& value : list.as_array()) {
    values.push_back(static_cast<float>(value.as_number()));
  }
  return values;
}

Tensor tensor(Context& context, const std::vector<float>& values, std::int64_t rows) {
  Tensor result = context.take(rows, std::ssize(values) / rows);
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

/// The weights of E experts, one after the other, and what shall become their gradients.
struct MixtureLayer {
  std::int64_t experts, width, hidden;
  std::vector<float> in = random_values(experts * 2 * hidden * width, 11);
  std::vector<float> out = random_values(experts * width * hidden, 12);
  std::vector<float> d_in = std::vector<float>(in.size(), 0);
  std::vector<float> d_out = std::vector<float>(out.size(), 0);

  std::vector<Expert> plain(const Runtime& from) const {
    std::vector<Expert> list;
    for (std::int64_t e = 0; e < experts; ++e) {
      list.push_back({Weight::copy(from, in_of(e), 2 * hidden, width, "test"),
                      Weight::copy(from, out_of(e), width, hidden, "test")});
    }
    return list;
  }
  std::vector<Expert> packed(const Runtime& from) const {
    const auto pack = [&](std::span<const float> values, std::int64_t outputs,
                          std::int64_t inputs) {
      return Weight(std::make_shared<const PackedMatrix>(PackedMatrix::pack(
          from, ComputeType::f32, outputs, inputs,
          [=](std::int64_t first, std::int64_t count, float* to) {
            std::copy_n(values.data() + first * inputs, count * inputs, to);
          },
          "test")));
    };
    std::vector<Expert> list;
    for (std::int64_t e = 0; e < experts; ++e) {
      list.push_back({pack(in_of(e), 2 * hidden, width), pack(out_of(e), width, hidden)});
    }
    return list;
  }
  std::vector<ExpertGradients> gradients() {
    std::vector<ExpertGradients> list;
    for (std::int64_t e = 0; e < experts; ++e) {
      list.push_back({d_in.data() + e * 2 * hidden * width, d_out.data() + e * width * hidden});
    }
    return list;
  }
  std::span<const float> in_of(std::int64_t e) const {
    const auto size = static_cast<std::size_t>(2 * hidden * width);
    return std::span(in).subspan(static_cast<std::size_t>(e) * size, size);
  }
  std::span<const float> out_of(std::int64_t e) const {
    const auto size = static_cast<std::size_t>(width * hidden);
    return std::span(out).subspan(static_cast<std::size_t>(e) * size, size);
  }
};

/// The experts' sum, a row and an expert at a time. in: (E 2F, C), out: (E C, F), weights: (N, k)
Matrix reference_mixture(const Matrix& x, const Routes& routes, const Matrix& weights,
                         const Matrix& in, const Matrix& out) {
  const Eigen::Index hidden = out.cols(), width = x.cols();
  Matrix y = Matrix::Zero(x.rows(), width);
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    for (Eigen::Index i = 0; i < weights.cols(); ++i) {
      const auto e = routes.experts[static_cast<std::size_t>(n * weights.cols() + i)];
      const Matrix both = x.row(n) * in.middleRows(e * 2 * hidden, 2 * hidden).transpose();
      const Matrix gated = both.leftCols(hidden)
                               .unaryExpr(&reference::silu<double>)
                               .cwiseProduct(both.rightCols(hidden));
      y.row(n) += weights(n, i) * gated * out.middleRows(e * width, width).transpose();
    }
  }
  return y;
}

}  // namespace

TEST_CASE("mixtures give what transformers' Mixtral, Qwen3-MoE and DeepSeek-V3 give") {
  std::ifstream file(LOQUOR_SOURCE_DIR "/tests/oracle/mixture.json");
  const Json all = Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  const Json& sizes = all.at("sizes");
  const std::int64_t rows = sizes.at("rows").as_integer();
  const std::int64_t experts = sizes.at("experts").as_integer();
  Context context = context_of_garbage();
  REQUIRE(all.at("cases").size() == 5);
  for (const Json& one : all.at("cases").as_array()) {
    CAPTURE(one.at("name").as_string());
    const Json& options = one.at("routing");
    Routing routing{.experts = experts,
                    .chosen = options.at("chosen").as_integer(),
                    .normalize = options.at("normalize").as_bool()};
    if (options.at("score").as_string() == "sigmoid") {
      routing.score = RouterScore::sigmoid;
      routing.groups = options.at("groups").as_integer();
      routing.chosen_groups = options.at("chosen_groups").as_integer();
      routing.scale = static_cast<float>(options.at("scale").as_number());
    }
    MixtureLayer layer{experts, sizes.at("width").as_integer(),
                       sizes.at("feed_forward").as_integer()};
    layer.in = floats(one.at("in"));
    layer.out = floats(one.at("out"));
    const auto router_values = floats(one.at("router")), bias = floats(one.at("choice_bias"));
    const Weight router =
        Weight::copy(context.runtime, router_values, experts, layer.width, "test");
    const Vector choice_bias =
        bias.empty() ? Vector() : Vector::copy(context.runtime, bias, "test");
    const Tensor x = tensor(context, floats(one.at("x")), rows);
    const auto list = layer.plain(context.runtime);

    const Routes routes = route(context, linear(context, x, router), routing, choice_bias);
    for (std::size_t i = 0; i < routes.experts.size(); ++i) {
      CHECK(routes.experts[i] == one.at("experts").as_array()[i].as_integer());
    }
    CHECK(difference(routes.weights, matrix(floats(one.at("weights")), rows, routing.chosen)) <
          2e-6);
    CHECK(difference(mixture(context, x, routes, list, Activation::silu),
                     matrix(floats(one.at("y")), rows, layer.width)) < 2e-6);

    const Tensor dy = tensor(context, floats(one.at("y_gradient")), rows);
    const auto [dx, d_weights] =
        mixture_backward(context, x, routes, list, Activation::silu, dy, layer.gradients());
    std::vector<float> d_router(router_values.size(), 0);
    const Tensor dx_of_router =
        linear_backward(context, x, router, route_backward(context, routes, routing, d_weights),
                        d_router.data(), nullptr);
    CHECK(difference(matrix(dx) + matrix(dx_of_router),
                     matrix(floats(one.at("x_gradient")), rows, layer.width)) < 1e-5);
    CHECK(difference(d_router, matrix(floats(one.at("router_gradient")), experts, layer.width)) <
          1e-5);
    CHECK(difference(layer.d_in, row(floats(one.at("in_gradient")))) < 1e-5);
    CHECK(difference(layer.d_out, row(floats(one.at("out_gradient")))) < 1e-5);
  }
}

TEST_CASE("a mixture agrees with the reference and its gradients with numeric differences") {
  Context context = context_of_garbage();
  MixtureLayer layer{.experts = 4, .width = 6, .hidden = 5};
  const Matrix in = matrix(layer.in, 40, 6), out = matrix(layer.out, 24, 5);
  for (const std::int64_t rows : {0, 1, 5}) {
    CAPTURE(rows);
    const Tensor x = random_tensor(context, rows, 6, 1), dy = random_tensor(context, rows, 6, 2);
    const Routes routes = route(context, random_tensor(context, rows, 4, 3),
                                {.experts = 4, .chosen = 2, .normalize = true});
    const Matrix at = matrix(x), weights = matrix(routes.weights);
    const Matrix expected = reference_mixture(at, routes, weights, in, out);
    const auto plain = layer.plain(context.runtime), packed = layer.packed(context.runtime);
    CHECK(difference(mixture(context, x, routes, plain, Activation::silu), expected) < 1e-6);
    CHECK(difference(mixture(context, x, routes, packed, Activation::silu), expected) < 1e-6);

    std::fill(layer.d_in.begin(), layer.d_in.end(), 0.0F);
    std::fill(layer.d_out.begin(), layer.d_out.end(), 0.0F);
    const auto gradients =
        mixture_backward(context, x, routes, plain, Activation::silu, dy, layer.gradients());
    const auto expect = [&](const auto& found, const Matrix& point, auto&& forward) {
      CHECK(difference(found, numeric_gradient(point, matrix(dy), forward)) < 1e-5);
    };
    expect(gradients.x, at,
           [&](const Matrix& v) { return reference_mixture(v, routes, weights, in, out); });
    expect(gradients.weights, weights,
           [&](const Matrix& v) { return reference_mixture(at, routes, v, in, out); });
    expect(layer.d_in, in,
           [&](const Matrix& v) { return reference_mixture(at, routes, weights, v, out); });
    expect(layer.d_out, out,
           [&](const Matrix& v) { return reference_mixture(at, routes, weights, in, v); });
    const auto frozen = mixture_backward(context, x, routes, packed, Activation::silu, dy, {});
    CHECK(difference(frozen.x, matrix(gradients.x)) < 1e-5);
    CHECK(difference(frozen.weights, matrix(gradients.weights)) < 1e-5);
  }
}

TEST_CASE("a row of a mixture of packed experts has the same bits alone and in any threads") {
  const MixtureLayer layer{.experts = 8, .width = 64, .hidden = 48};
  const Routing routing{.experts = 8, .chosen = 3, .normalize = true};
  const std::int64_t rows = 40;
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    Context context = context_of_garbage(threads);
    const auto experts = layer.packed(context.runtime);
    const Tensor x = random_tensor(context, rows, 64, 1);
    const Tensor logits = random_tensor(context, rows, 8, 2);
    const Tensor y =
        mixture(context, x, route(context, logits, routing), experts, Activation::silu);
    if (first.empty()) first.assign(y.data(), y.data() + y.size());
    CHECK(std::equal(first.begin(), first.end(), y.data()));
    for (std::int64_t n = 0; n < rows; ++n) {
      Tensor own = context.take(1, 64), own_logits = context.take(1, 8);
      std::copy_n(x.row(n), 64, own.data());
      std::copy_n(logits.row(n), 8, own_logits.data());
      const Tensor alone =
          mixture(context, own, route(context, own_logits, routing), experts, Activation::silu);
      CHECK(std::memcmp(alone.data(), y.row(n), 64 * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("a mixture names what does not fit") {
  Context context = context_of_garbage();
  MixtureLayer layer{.experts = 3, .width = 6, .hidden = 5};
  const auto experts = layer.packed(context.runtime);
  const Tensor x = random_tensor(context, 2, 6, 1);
  Routes routes = route(context, random_tensor(context, 2, 4, 2), {.experts = 4, .chosen = 4});
  CHECK(error_of(Code::internal, [&] { mixture(context, x, routes, experts, Activation::silu); }) ==
        "mixture: expert 3 of 3");
  routes = route(context, random_tensor(context, 2, 3, 2), {.experts = 3, .chosen = 2});
  error_of(Code::unsupported, [&] {
    mixture_backward(context, x, routes, experts, Activation::silu, x, layer.gradients());
  });
  const Tensor more = random_tensor(context, 3, 6, 1);
  CHECK(error_of(Code::internal, [&] {
          mixture(context, more, routes, experts, Activation::silu);
        }) == "mixture: weights has shape (2, 2), expected (3, 2)");
}

}  // namespace loquor::tests
