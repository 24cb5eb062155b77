// How many threads this process may run: CPU affinity and the cgroup's CPU quota.
// https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max),
// https://docs.kernel.org/scheduler/sched-bwc.html (v1)
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/cgroup.h"
#include "base/threads.h"

namespace loquor {

namespace {

namespace fs = std::filesystem;

// The first line of a file of the kernel's; nothing where it cannot be read.
std::optional<std::string> first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (std::getline(file, line)) return line;
  return std::nullopt;
}

// The number at the front of `text`, which moves past it and a space; nothing for "max" and other
// words.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return value;
}

std::optional<std::int64_t> number_in(const fs::path& path) {
  const auto line = first_line(path);
  if (!line) return std::nullopt;
  std::string_view text = *line;
  return take_number(text);
}

int whole_threads(std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return INT_MAX;
  return static_cast<int>(std::clamp<std::int64_t>(*quota / *period, 1, INT_MAX));
}

// cgroup v2: "max 100000" or "150000 100000" (microseconds a period).
int unified_limit(const fs::path& group) {
  const auto line = first_line(group / "cpu.max");
  if (!line) return INT_MAX;
  std::string_view text = *line;
  const auto quota = take_number(text);
  return quota ? whole_threads(quota, take_number(text)) : INT_MAX;
}

// cgroup v1: -1 is no quota.
int legacy_limit(const fs::path& group) {
  return whole_threads(number_in(group / "cpu.cfs_quota_us"),
                       number_in(group / "cpu.cfs_period_us"));
}

// The smallest limit of the group and those around it. In a container the group's path may be the
// host's, of which only the mounted root exists here: folders that are not there limit nothing.
template <class Limit>
int smallest_limit(const fs::path& mount, std::string_view group, Limit limit) {
  int smallest = limit(mount);
  fs::path folder = mount;
  for (const fs::path& part : fs::path(group).relative_path()) {
    if (part == "..") break;  // a group outside of what this namespace shows
    folder /= part;
    smallest = std::min(smallest, limit(folder));
  }
  return smallest;
}

bool lists_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

int affinity_threads() {
  constexpr int kMost = 1 << 16;
  for (int count = 1024; count <= kMost; count *= 2) {
    cpu_set_t* set = CPU_ALLOC(count);
    if (!set) break;
    const std::size_t size = CPU_ALLOC_SIZE(count);
    const bool known = ::sched_getaffinity(0, size, set) == 0;
    const int threads = known ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (known) return threads;
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int cgroup_threads(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  int smallest = std::min(unified_limit(mounts), legacy_limit(mounts / "cpu"));
  std::ifstream groups(root / "proc/self/cgroup");
  // Lines of "number:controllers:path"; controllers are empty for v2.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = std::string_view(line).substr(first + 1, second - first - 1);
    const auto group = std::string_view(line).substr(second + 1);
    if (controllers.empty()) {
      smallest = std::min(smallest, smallest_limit(mounts, group, unified_limit));
    } else if (lists_cpu(controllers)) {
      for (const fs::path& mount : {mounts / "cpu", mounts / controllers}) {
        smallest = std::min(smallest, smallest_limit(mount, group, legacy_limit));
      }
    }
  }
  return smallest;
}

int available_threads() { return std::max(1, std::min(affinity_threads(), cgroup_threads("/"))); }

}  // namespace loquor
