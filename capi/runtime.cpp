// Runtime and cancel.
#include "guard.h"

using namespace loquor;
using namespace loquor::capi;

int32_t loquor_runtime_new(const loquor_options* options, loquor_runtime** runtime,
                           loquor_error** error) {
  return guard(error, [&] {
    required(runtime, "runtime");
    give(runtime, Runtime(options_argument<RuntimeOptions>(options)));
  });
}

int32_t loquor_runtime_threads(const loquor_runtime* runtime) {
  return usable(runtime) ? runtime->value.threads() : 0;
}

int64_t loquor_runtime_memory_used(const loquor_runtime* runtime) {
  return usable(runtime) ? runtime->value.memory_used() : 0;
}

void loquor_runtime_free(loquor_runtime* runtime) { release(runtime); }

int32_t loquor_cancel_new(loquor_cancel** cancel, loquor_error** error) {
  return guard(error, [&] { give(required(cancel, "cancel")); });
}

void loquor_cancel_set(const loquor_cancel* cancel) {
  if (usable(cancel)) cancel->value.cancel();
}

void loquor_cancel_reset(const loquor_cancel* cancel) {
  if (usable(cancel)) cancel->value.reset();
}

void loquor_cancel_free(loquor_cancel* cancel) { release(cancel); }
