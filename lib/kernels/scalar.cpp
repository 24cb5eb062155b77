// The kernels for every machine.
#include "kernels/simd_scalar.h"
//
#include "kernels/kernels.inl"

namespace loquor {

constinit const KernelTable scalar_kernels = table_of(Isa::scalar);

}  // namespace loquor
