// The kernels for AVX-512. Compiled for it, so nothing here may run before the processor was asked.
#if defined(__x86_64__)

#include "kernels/simd_avx512.h"
//
#include "kernels/kernels.inl"

namespace loquor {

constinit const KernelTable avx512_kernels = table_of(Isa::avx512);

}  // namespace loquor

#endif
