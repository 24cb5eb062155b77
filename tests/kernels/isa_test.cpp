// The choice of an instruction set.
#include "kernels/isa.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "kernels/table.h"

namespace loquor {

TEST_CASE(
    "LOQUOR_ISA names an instruction set up to what the machine has, anything else is ignored") {
  CHECK(isa_from("scalar", Isa::avx512) == Isa::scalar);
  CHECK(isa_from("avx2", Isa::avx512) == Isa::avx2);
  CHECK(isa_from("avx512", Isa::avx512) == Isa::avx512);
  CHECK(isa_from("avx512", Isa::avx2) == Isa::avx2);
  CHECK(isa_from("avx2", Isa::scalar) == Isa::scalar);
  for (const char* setting : {"", "AVX2", "avx", "avx512 ", "neon", "scalar,avx2"}) {
    CAPTURE(setting);
    CHECK(isa_from(setting, Isa::avx2) == Isa::avx2);
  }
}

TEST_CASE("each instruction set of the machine has its table and no other has one") {
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512}) {
    const KernelTable* table = kernels(isa);
    CHECK((table != nullptr) == (isa <= detected_isa()));
    if (table != nullptr) CHECK(table->isa == isa);
  }
  CHECK(kernels().isa == chosen_isa());
  const char* setting = std::getenv("LOQUOR_ISA");
  CHECK(chosen_isa() == isa_from(setting != nullptr ? setting : "", detected_isa()));
}

TEST_CASE("bf16 dot products need AVX-512") {
  CHECK_FALSE(has_bf16_dot(Isa::scalar));
  CHECK_FALSE(has_bf16_dot(Isa::avx2));
}

}  // namespace loquor
