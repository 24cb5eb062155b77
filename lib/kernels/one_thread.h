// Keeps oneDNN on the thread that calls it.
#pragma once

namespace loquor {

/// Holds the calling thread's OpenMP, if the process has it, to one thread and puts its setting
/// back. The setting is the thread's own. Throws std::bad_alloc.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int saved_ = 1;
};

}  // namespace loquor
