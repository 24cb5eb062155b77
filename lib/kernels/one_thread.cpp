// The OpenMP library that oneDNN brings, found at run time: we use it for nothing else and do not
// link it.
#include "kernels/one_thread.h"

#include <dlfcn.h>

#include "kernels/headroom.h"

namespace loquor {

namespace {

struct OpenMp {
  int (*max_threads)() = nullptr;
  void (*set_threads)(int) = nullptr;
};

const OpenMp& open_mp() {
  static const OpenMp found = [] {
    OpenMp functions{reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads")),
                     reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"))};
    if (functions.max_threads == nullptr || functions.set_threads == nullptr) functions = {};
    return functions;
  }();
  return found;
}

// As inside_region in base/threads.cpp.
[[gnu::tls_model("initial-exec")]] thread_local bool entered = false;

// A thread's first setting makes its record of settings, and OpenMP exits where it cannot.
void enter() {
  if (entered) return;
  const Headroom headroom;
  const OpenMp& functions = open_mp();
  if (functions.set_threads != nullptr) functions.set_threads(functions.max_threads());
  entered = true;
}

}  // namespace

OneThread::OneThread() {
  enter();
  const OpenMp& functions = open_mp();
  if (functions.max_threads == nullptr) return;
  saved_ = functions.max_threads();
  if (saved_ != 1) functions.set_threads(1);
}

OneThread::~OneThread() {
  if (saved_ > 1) open_mp().set_threads(saved_);
}

}  // namespace loquor
