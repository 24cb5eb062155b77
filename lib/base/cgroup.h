// The CPU quota that Linux control groups set for this process.
#pragma once

#include <filesystem>

namespace loquor {

/// The smallest quota (v1 or v2) from the process's group up to the root, in whole threads and at
/// least 1; INT_MAX where there is none. `root` is the folder that holds proc and sys: "/", or a
/// test's.
int cgroup_threads(const std::filesystem::path& root);

}  // namespace loquor
