// The kernels for AVX2. Compiled for it, so nothing here may run before the processor was asked.
#if defined(__x86_64__)

#include "kernels/simd_avx2.h"
//
#include "kernels/kernels.inl"

namespace loquor {

constinit const KernelTable avx2_kernels = table_of(Isa::avx2);

}  // namespace loquor

#endif
