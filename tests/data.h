// Where tests find files: those of the tree, and the larger set beside it that a clone may lack.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace loquor::tests {

/// A file under tests/ of the source tree.
inline std::filesystem::path golden(const std::filesystem::path& name) {
  return std::filesystem::path(LOQUOR_SOURCE_DIR) / "tests" / "golden" / name;
}

/// Says that the calling test case did not run for want of `what`, and counts it in
/// $LOQUOR_SKIPPED, from which tests/run.sh makes its "M skipped" line.
inline void skipped(const std::string& what) {
  std::printf("skipped: %s\n", what.c_str());
  if (const char* list = std::getenv("LOQUOR_SKIPPED")) {
    if (std::FILE* file = std::fopen(list, "a")) {
      std::fprintf(file, "%s\n", what.c_str());
      std::fclose(file);
    }
  }
}

/// What an environment variable names, else a file of the cache that tests/run.sh fills; empty
/// where it is absent.
inline std::string cached(const char* variable, const char* name) {
  const char* set = std::getenv(variable);
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path path = set ? std::filesystem::path(set)
                                   : (cache ? std::filesystem::path(cache)
                                            : std::filesystem::path(home ? home : "/") / ".cache") /
                                         "loquor" / name;
  std::error_code none;
  return std::filesystem::exists(path, none) ? path.string() : std::string();
}

inline std::string real_model() {
  return cached("LOQUOR_MODEL", "SmolLM2-135M-Instruct.Q4_1.gguf");
}
inline std::string embedding_model() {
  return cached("LOQUOR_EMBEDDING_MODEL", "all-MiniLM-L6-v2");
}

/// A file of the shared test data ($LOQUOR_TEST_DATA, else ../shared/data); empty where it is
/// absent. A test that gets an empty path calls skipped() and returns.
inline std::filesystem::path shared_data(const std::filesystem::path& name) {
  const char* set = std::getenv("LOQUOR_TEST_DATA");
  const auto root =
      set ? std::filesystem::path(set)
          : std::filesystem::path(LOQUOR_SOURCE_DIR).parent_path() / "shared" / "data";
  std::error_code none;
  const auto path = root / name;
  return std::filesystem::exists(path, none) ? path : std::filesystem::path();
}

}  // namespace loquor::tests
