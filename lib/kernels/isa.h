// Which instruction set the kernels use: the best the machine and its system offer, or what
// LOQUOR_ISA names.
#pragma once

#include <string_view>

namespace loquor {

enum class Isa { scalar, avx2, avx512 };

std::string_view name(Isa isa);
/// What the processor and the operating system support (cpuid and xgetbv).
Isa detected_isa();
/// The one that `setting` names, or `detected` where it is empty, unknown or more than the machine
/// has.
Isa isa_from(std::string_view setting, Isa detected);
/// isa_from(LOQUOR_ISA, detected_isa()), read once.
Isa chosen_isa();
/// AVX512_BF16: bf16 dot products in hardware. False below Isa::avx512, whatever the machine has.
bool has_bf16_dot(Isa isa);

}  // namespace loquor
