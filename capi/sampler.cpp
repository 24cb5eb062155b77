// Sampler.
#include "guard.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

struct Arguments {
  std::span<const float> logits;
  std::span<const std::int32_t> history;
  std::int64_t prompt_length;
};

Arguments arguments(const float* logits, size_t vocabulary, const int32_t* history, size_t count,
                    size_t prompt_length) {
  if (prompt_length > count)
    fail(Code::invalid_argument, "prompt_length: found ", prompt_length,
         ", expected at most count, which is ", count);
  return {span_argument(logits, vocabulary, "logits"), span_argument(history, count, "history"),
          static_cast<std::int64_t>(prompt_length)};
}

}  // namespace

int32_t loquor_sampler_new(const loquor_options* options, loquor_sampler** sampler,
                           loquor_error** error) {
  return guard(error, [&] {
    required(sampler, "sampler");
    give(sampler, Sampler(options_argument<GenerateOptions>(options)));
  });
}

int32_t loquor_sampler_sample(loquor_sampler* sampler, const float* logits, size_t vocabulary,
                              const int32_t* history, size_t count, size_t prompt_length,
                              int32_t* id, loquor_error** error) {
  return guard(error, [&] {
    required(id, "id");
    const Exclusive lock(handle(sampler, "sampler").busy, "the sampler");
    const auto [row, past, prompt] = arguments(logits, vocabulary, history, count, prompt_length);
    *id = sampler->value.sample(row, past, prompt);
  });
}

int32_t loquor_sampler_probabilities(const loquor_sampler* sampler, const float* logits,
                                     size_t vocabulary, const int32_t* history, size_t count,
                                     size_t prompt_length, loquor_tensor** probabilities,
                                     loquor_error** error) {
  return guard(error, [&] {
    required(probabilities, "probabilities");
    const Exclusive lock(handle(sampler, "sampler").busy, "the sampler");
    const auto [row, past, prompt] = arguments(logits, vocabulary, history, count, prompt_length);
    give(probabilities, sampler->value.probabilities(row, past, prompt),
         std::vector{static_cast<std::int64_t>(vocabulary)});
  });
}

int64_t loquor_sampler_seed(const loquor_sampler* sampler) {
  return usable(sampler) ? static_cast<int64_t>(sampler->value.seed()) : 0;
}

void loquor_sampler_free(loquor_sampler* sampler) { release(sampler); }
