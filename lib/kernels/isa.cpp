// Finding the instruction set, and the table that goes with it.
#include "kernels/isa.h"

#include <cstdlib>

#include "kernels/table.h"

namespace loquor {

std::string_view name(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return "scalar";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
  }
  return "";
}

#if defined(__x86_64__)

// The compiler's run-time support also asks (xgetbv) whether the system saves the wide registers.
Isa detected_isa() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::scalar;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
    return Isa::avx2;
  }
  return Isa::avx512;
}

bool has_bf16_dot(Isa isa) {
  __builtin_cpu_init();
  return isa == Isa::avx512 && __builtin_cpu_supports("avx512bf16") != 0;
}

const KernelTable* kernels(Isa isa) {
  if (isa > detected_isa()) return nullptr;
  switch (isa) {
    case Isa::scalar:
      return &scalar_kernels;
    case Isa::avx2:
      return &avx2_kernels;
    case Isa::avx512:
      return &avx512_kernels;
  }
  return nullptr;
}

#else

Isa detected_isa() { return Isa::scalar; }
bool has_bf16_dot(Isa) { return false; }
const KernelTable* kernels(Isa isa) { return isa == Isa::scalar ? &scalar_kernels : nullptr; }

#endif

Isa isa_from(std::string_view setting, Isa detected) {
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512}) {
    if (setting == name(isa) && isa <= detected) return isa;
  }
  return detected;
}

Isa chosen_isa() {
  static const Isa chosen = [] {
    const char* setting = std::getenv("LOQUOR_ISA");
    return isa_from(setting != nullptr ? setting : "", detected_isa());
  }();
  return chosen;
}

const KernelTable& kernels() {
  static const KernelTable& chosen = *kernels(chosen_isa());
  return chosen;
}

}  // namespace loquor
