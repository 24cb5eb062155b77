// The floating-point state of x86 (MXCSR) and aarch64 (FPCR).
#include "base/threads.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace loquor {

namespace {

#if defined(__x86_64__)
constexpr std::uint64_t kOurs = 0x1f80 | 0x8000 | 0x0040;  // exceptions masked, FTZ, DAZ
std::uint64_t read_state() noexcept { return _mm_getcsr(); }
void write_state(std::uint64_t state) noexcept { _mm_setcsr(static_cast<unsigned>(state)); }
#elif defined(__aarch64__)
constexpr std::uint64_t kOurs = std::uint64_t{1} << 24;  // FZ
std::uint64_t read_state() noexcept {
  std::uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  return state;
}
void write_state(std::uint64_t state) noexcept { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }
#else
constexpr std::uint64_t kOurs = 0;
std::uint64_t read_state() noexcept { return 0; }
void write_state(std::uint64_t) noexcept {}
#endif

}  // namespace

FlushDenormals::FlushDenormals() noexcept : saved_(read_state()) { write_state(kOurs); }

FlushDenormals::~FlushDenormals() { write_state(saved_); }

}  // namespace loquor
