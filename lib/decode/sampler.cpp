// From logits to an id: the processors and warpers of transformers, in its order.
// https://huggingface.co/docs/transformers/internal/generation_utils
#include "loquor/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "decode/generation_defaults.h"
#include "decode/options.h"
#include "decode/sampler_impl.h"
#include "kernels/table.h"

namespace loquor {

namespace {

constexpr float kExcluded = -std::numeric_limits<float>::infinity();

using Candidates = std::vector<Sampler::Impl::Candidate>;

bool more_likely(const Sampler::Impl::Candidate& a, const Sampler::Impl::Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

// Sets each candidate's probability: softmax over the candidates.
void normalise(Candidates& candidates) {
  float most = kExcluded;
  for (const auto& candidate : candidates) most = std::max(most, candidate.logit);
  double sum = 0;
  for (auto& candidate : candidates) {
    candidate.probability = std::exp(static_cast<double>(candidate.logit - most));
    sum += candidate.probability;
  }
  for (auto& candidate : candidates) candidate.probability /= sum;
}

void keep_top_k(Candidates& candidates, std::int64_t k) {
  if (k <= 0 || k >= static_cast<std::int64_t>(candidates.size())) return;
  std::nth_element(candidates.begin(), candidates.begin() + k - 1, candidates.end(), more_likely);
  // Ties with the k-th stay, as in transformers.
  const float least = candidates[static_cast<std::size_t>(k - 1)].logit;
  const auto tied = std::partition(candidates.begin() + k, candidates.end(),
                                   [&](const auto& candidate) { return candidate.logit == least; });
  candidates.erase(tied, candidates.end());
}

// Keeps the shortest run of `order`ed candidates whose probabilities reach `mass`, at least one.
// Only as many are sorted as are needed.
template <class Order>
void keep_mass(Candidates& candidates, double mass, Order order) {
  double sum = 0;
  std::size_t sorted = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == sorted) {
      const std::size_t next = std::min(candidates.size(), std::max<std::size_t>(64, 4 * sorted));
      std::partial_sort(candidates.begin() + static_cast<std::ptrdiff_t>(sorted),
                        candidates.begin() + static_cast<std::ptrdiff_t>(next), candidates.end(),
                        order);
      sorted = next;
    }
    if (i > 0 && sum >= mass) {
      candidates.resize(i);
      return;
    }
    sum += candidates[i].probability;
  }
}

void keep_top_p(Candidates& candidates, double p) {
  if (p >= 1) return;
  normalise(candidates);
  keep_mass(candidates, p, more_likely);
}

void keep_min_p(Candidates& candidates, double p) {
  if (p <= 0) return;
  normalise(candidates);
  double most = 0;
  for (const auto& candidate : candidates) most = std::max(most, candidate.probability);
  std::erase_if(candidates,
                [&](const auto& candidate) { return candidate.probability < p * most; });
}

// Locally typical sampling (Meister et al. 2022, https://arxiv.org/abs/2202.00666): the candidates
// whose information is nearest to the entropy.
void keep_typical(Candidates& candidates, double mass) {
  if (mass >= 1) return;
  normalise(candidates);
  double entropy = 0;
  for (const auto& candidate : candidates) {
    if (candidate.probability > 0)
      entropy -= candidate.probability * std::log(candidate.probability);
  }
  const auto distance = [&](const auto& candidate) {
    return std::abs(-std::log(candidate.probability) - entropy);
  };
  keep_mass(candidates, mass, [&](const auto& a, const auto& b) {
    const double da = distance(a), db = distance(b);
    return da != db ? da < db : a.id < b.id;
  });
}

}  // namespace

Sampler::Impl::Impl(const GenerateOptions& given) : options(given) {
  validate(options);
  samples = loquor::samples(options) && options.temperature.value_or(1) > 0;
  // A drawn seed has 53 bits: doubles, and with them every JSON reader, hold it exactly.
  seed = options.seed ? *options.seed : entropy_seed() >> 11;
}

void Sampler::Impl::process(std::span<const float> logits, std::span<const std::int32_t> history,
                            std::int64_t prompt_length, std::vector<float>& out) const {
  out.assign(logits.begin(), logits.end());
  const auto size = static_cast<std::int32_t>(out.size());
  const auto at = [&](std::int32_t id) -> float& { return out[static_cast<std::size_t>(id)]; };
  for (const auto& [id, bias] : options.logit_bias) {
    if (id < 0 || id >= size) {
      fail(Code::invalid_argument, "logit_bias has token id ", id, ", and the vocabulary ", size,
           " tokens");
    }
    at(id) += static_cast<float>(bias);
  }
  if (!history.empty()) penalise(history, prompt_length, out);
  const auto generated = static_cast<std::int64_t>(history.size()) - prompt_length;
  if (generated < options.min_new_tokens.value_or(0) && options.eos_token_id) {
    for (const std::int32_t id : *options.eos_token_id) {
      if (id >= 0 && id < size) at(id) = kExcluded;
    }
  }
  if (std::none_of(out.begin(), out.end(), [](float logit) { return std::isfinite(logit); })) {
    fail(Code::invalid_argument, "no finite logit is left to choose from among ", size);
  }
}

void Sampler::Impl::penalise(std::span<const std::int32_t> history, std::int64_t prompt_length,
                             std::vector<float>& logits) const {
  const auto repetition = static_cast<float>(options.repetition_penalty.value_or(1));
  const double frequency = options.frequency_penalty.value_or(0),
               presence = options.presence_penalty.value_or(0);
  if (repetition == 1 && frequency == 0 && presence == 0) return;
  std::map<std::int32_t, std::int64_t> seen;  // occurrences in the output; 0: in the prompt only
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history[i] < 0 || static_cast<std::size_t>(history[i]) >= logits.size()) {
      fail(Code::invalid_argument, "history has token id ", history[i], ", and there are ",
           logits.size(), " logits");
    }
    seen[history[i]] += static_cast<std::int64_t>(i) >= prompt_length ? 1 : 0;
  }
  for (const auto& [id, count] : seen) {
    float& logit = logits[static_cast<std::size_t>(id)];
    if (repetition != 1) logit = logit < 0 ? logit * repetition : logit / repetition;
    if (count > 0) logit -= static_cast<float>(frequency * static_cast<double>(count) + presence);
  }
}

void Sampler::Impl::truncate(std::span<const float> processed, Candidates& candidates) const {
  const auto temperature = static_cast<float>(options.temperature.value_or(1));
  candidates.clear();
  for (std::size_t id = 0; id < processed.size(); ++id) {
    if (std::isfinite(processed[id])) {
      candidates.push_back({static_cast<std::int32_t>(id), processed[id] / temperature, 0});
    }
  }
  keep_top_k(candidates, options.top_k.value_or(0));
  keep_top_p(candidates, options.top_p.value_or(1));
  keep_min_p(candidates, options.min_p.value_or(0));
  keep_typical(candidates, options.typical_p.value_or(1));
  std::sort(candidates.begin(), candidates.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  normalise(candidates);
}

std::int32_t Sampler::Impl::choose(std::span<const float> processed) {
  if (!samples) {
    return static_cast<std::int32_t>(std::max_element(processed.begin(), processed.end()) -
                                     processed.begin());
  }
  truncate(processed, kept);
  const double drawn = uniform(seed, 0, step++);
  double sum = 0;
  for (const Candidate& candidate : kept) {
    sum += candidate.probability;
    if (drawn < sum) return candidate.id;
  }
  return kept.back().id;
}

Sampler::Sampler(const GenerateOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

std::int32_t Sampler::sample(std::span<const float> logits, std::span<const std::int32_t> history,
                             std::int64_t prompt_length) {
  impl_->process(logits, history, prompt_length, impl_->processed_logits);
  return impl_->choose(impl_->processed_logits);
}

std::vector<float> Sampler::probabilities(std::span<const float> logits,
                                          std::span<const std::int32_t> history,
                                          std::int64_t prompt_length) const {
  std::vector<float> processed;
  impl_->process(logits, history, prompt_length, processed);
  std::vector<float> out(processed.size());
  if (!impl_->samples) {
    out[static_cast<std::size_t>(impl_->choose(processed))] = 1;
    return out;
  }
  Candidates candidates;
  impl_->truncate(processed, candidates);
  for (const auto& candidate : candidates) {
    out[static_cast<std::size_t>(candidate.id)] = static_cast<float>(candidate.probability);
  }
  return out;
}

std::uint64_t Sampler::seed() const noexcept { return impl_->seed; }

Logprobs log_probabilities_of(std::span<const float> processed, std::int32_t chosen,
                              std::int64_t top) {
  // Excluded ids have probability 0; what is left is finite.
  std::vector<float> probabilities(processed.begin(), processed.end());
  kernels().softmax(probabilities.data(), probabilities.data(), 1,
                    static_cast<std::int64_t>(probabilities.size()));
  const auto most = std::max_element(processed.begin(), processed.end());
  const float log_most =
      std::log(probabilities[static_cast<std::size_t>(most - processed.begin())]);
  const auto logprob = [&](std::int32_t id) {
    return processed[static_cast<std::size_t>(id)] - *most + log_most;
  };
  Logprobs out{{chosen, logprob(chosen)}, {}};
  if (top > 0) {
    std::vector<std::int32_t> order(processed.size());
    std::iota(order.begin(), order.end(), 0);
    const auto count = std::min<std::ptrdiff_t>(top, static_cast<std::ptrdiff_t>(order.size()));
    std::partial_sort(order.begin(), order.begin() + count, order.end(),
                      [&](std::int32_t a, std::int32_t b) {
                        const float la = processed[static_cast<std::size_t>(a)],
                                    lb = processed[static_cast<std::size_t>(b)];
                        return la != lb ? la > lb : a < b;
                      });
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const std::int32_t id = order[static_cast<std::size_t>(i)];
      out.top.push_back({id, logprob(id)});
    }
  }
  return out;
}

}  // namespace loquor
