// Pages that the system gives us and takes back at once, untouched.
#include "kernels/headroom.h"

#include <pthread.h>
#include <sys/mman.h>

#include <new>

namespace loquor {

namespace {

std::mutex turns;

// A fork waits for the turn, lest the child has nobody to end it. Registered as the library is
// loaded.
[[maybe_unused]] const int registered =
    ::pthread_atfork([] { turns.lock(); }, [] { turns.unlock(); }, [] { turns.unlock(); });

}  // namespace

Headroom::Headroom() : turn_(turns) {
  void* pages = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  ::munmap(pages, kBytes);
}

Headroom::~Headroom() = default;

}  // namespace loquor
