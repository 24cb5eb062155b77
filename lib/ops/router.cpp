#include "ops/router.h"

#include <algorithm>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr double kLeastSum = 1e-20;  // added where weights are divided by their sum

void check_routing(std::string_view op, const Routing& routing) {
  const bool divides =
      routing.experts > 0 && routing.groups > 0 && routing.experts % routing.groups == 0;
  const std::int64_t size = divides ? routing.experts / routing.groups : 0;
  if (divides && (routing.groups == 1 || size >= 2) && routing.chosen_groups >= 1 &&
      routing.chosen_groups <= routing.groups && routing.chosen >= 1 &&
      routing.chosen <= routing.chosen_groups * size) {
    return;
  }
  fail(Code::internal, op, ": ", routing.chosen, " of ", routing.experts, " experts, in ",
       routing.chosen_groups, " of ", routing.groups, " groups");
}

/// Marks the `count` highest of those values whose `open` is set, the first of equal ones.
class Choice {
 public:
  explicit Choice(std::int64_t size) : marked_(static_cast<std::size_t>(size)) {}

  template <class Open>
  void choose(const float* values, std::int64_t count, Open&& open) {
    std::fill(marked_.begin(), marked_.end(), char{0});
    const auto size = static_cast<std::int64_t>(marked_.size());
    for (std::int64_t found = 0; found < count; ++found) {
      std::int64_t best = -1;
      for (std::int64_t i = 0; i < size; ++i) {
        if (has(i) || !open(i)) continue;
        if (best < 0 || values[i] > values[best]) best = i;
      }
      marked_[static_cast<std::size_t>(best)] = 1;
    }
  }
  bool has(std::int64_t index) const { return marked_[static_cast<std::size_t>(index)] != 0; }

 private:
  std::vector<char> marked_;
};

/// Chooses the experts of one row after the other.
class Chooser {
 public:
  explicit Chooser(const Routing& routing)
      : routing_(routing),
        size_(routing.experts / routing.groups),
        sums_(static_cast<std::size_t>(routing.groups)),
        groups_(routing.groups),
        experts_(routing.experts) {}

  /// values: (E); experts: (k), ascending
  void choose(const float* values, std::int64_t* experts) {
    if (routing_.groups > 1) choose_groups(values);
    experts_.choose(values, routing_.chosen, [&](std::int64_t expert) {
      return routing_.groups == 1 || groups_.has(expert / size_);
    });
    for (std::int64_t expert = 0; expert < routing_.experts; ++expert) {
      if (experts_.has(expert)) *experts++ = expert;
    }
  }

 private:
  void choose_groups(const float* values) {
    for (float& sum : sums_) {
      float first = std::max(values[0], values[1]), second = std::min(values[0], values[1]);
      for (std::int64_t i = 2; i < size_; ++i) {
        second = std::max(second, std::min(first, values[i]));
        first = std::max(first, values[i]);
      }
      sum = first + second;
      values += size_;
    }
    groups_.choose(sums_.data(), routing_.chosen_groups, [](std::int64_t) { return true; });
  }

  const Routing& routing_;
  std::int64_t size_;        // experts of a group
  std::vector<float> sums_;  // of the two highest of each group
  Choice groups_, experts_;
};

/// What the scores of the chosen are divided by.
double divisor(const Routing& routing, const float* scores, const std::int64_t* experts) {
  if (!routing.normalize) return 1;
  double sum = kLeastSum;
  for (std::int64_t i = 0; i < routing.chosen; ++i) sum += scores[experts[i]];
  return sum;
}

}  // namespace

Routes route(Context& context, const Tensor& logits, const Routing& routing,
             const Vector& choice_bias) {
  check_routing("route", routing);
  const std::int64_t rows = logits.rows(), experts = routing.experts, chosen = routing.chosen;
  expect_shape("route", "logits", logits, rows, experts);
  if (choice_bias) expect_size("route", "choice_bias", choice_bias.size(), experts);
  Routes routes{chosen, std::vector<std::int64_t>(static_cast<std::size_t>(rows * chosen)),
                context.take(rows, chosen), context.take(rows, experts)};
  parallel_rows(context, rows, experts * chosen, [&](std::int64_t begin, std::int64_t end) {
    Chooser chooser(routing);
    std::vector<float> biased(static_cast<std::size_t>(experts));
    for (std::int64_t row = begin; row < end; ++row) {
      float* scores = routes.scores.row(row);
      if (routing.score == RouterScore::softmax) {
        kernels().softmax(logits.row(row), scores, 1, experts);
      } else {
        kernels().sigmoid(logits.row(row), scores, experts);
      }
      if (choice_bias) kernels().add(scores, choice_bias.data(), biased.data(), experts);
      std::int64_t* own = routes.experts.data() + row * chosen;
      chooser.choose(choice_bias ? biased.data() : scores, own);
      const double sum = divisor(routing, scores, own);
      for (std::int64_t i = 0; i < chosen; ++i) {
        routes.weights.row(row)[i] = static_cast<float>(scores[own[i]] / sum * routing.scale);
      }
    }
  });
  return routes;
}

// With w = scale s / sum(s) of the chosen:  ds = (g - sum(g s) / sum(s)) / sum(s), g = scale dw.
Tensor route_backward(Context& context, const Routes& routes, const Routing& routing,
                      const Tensor& weights_gradient) {
  check_routing("route_backward", routing);
  const std::int64_t rows = routes.scores.rows(), experts = routing.experts;
  expect_shape("route_backward", "scores", routes.scores, rows, experts);
  expect_shape("route_backward", "weights_gradient", weights_gradient, rows, routing.chosen);
  Tensor gradient = context.take(rows, experts);
  parallel_rows(context, rows, experts, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float *scores = routes.scores.row(row), *dw = weights_gradient.row(row);
      const std::int64_t* own = routes.experts.data() + row * routing.chosen;
      float* out = gradient.row(row);
      std::fill_n(out, experts, 0.0F);
      const double sum = divisor(routing, scores, own);
      double along = 0;  // sum(g s) / sum(s)
      for (std::int64_t i = 0; routing.normalize && i < routing.chosen; ++i) {
        along += static_cast<double>(dw[i]) * routing.scale * scores[own[i]] / sum;
      }
      double mean = 0;  // sum(ds s), of the softmax
      for (std::int64_t i = 0; i < routing.chosen; ++i) {
        out[own[i]] =
            static_cast<float>((static_cast<double>(dw[i]) * routing.scale - along) / sum);
        mean += static_cast<double>(out[own[i]]) * scores[own[i]];
      }
      for (std::int64_t e = 0; e < experts; ++e) {
        out[e] *= scores[e];
        out[e] = routing.score == RouterScore::softmax
                     ? out[e] - static_cast<float>(mean) * scores[e]
                     : out[e] * (1 - scores[e]);
      }
    }
  });
  return gradient;
}

}  // namespace loquor
