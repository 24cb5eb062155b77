// Memory for code of others that ends the process where an allocation fails.
#pragma once

#include <cstddef>
#include <mutex>

namespace loquor {

/// While it lives, oneDNN or OpenMP makes something on this thread. Sees first that there is memory
/// for it, else throws std::bad_alloc; one at a time, lest two count on the same memory.
class Headroom {
 public:
  /// More than any of our primitives takes: oneDNN writes each of its up to 34 kernels into 256 KB
  /// of their own, of which it touches a few.
  static constexpr std::size_t kBytes = std::size_t{16} << 20;

  Headroom();
  ~Headroom();
  Headroom(const Headroom&) = delete;
  Headroom& operator=(const Headroom&) = delete;

 private:
  std::unique_lock<std::mutex> turn_;
};

}  // namespace loquor
