// How well golden models agree with transformers, kept for the table of docs/agreement.md.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace loquor::tests {

/// Adds a line "model <tab> what <tab> value" to the file $LOQUOR_AGREEMENT, where that is set.
/// what: "difference" (of the largest value), "greedy" (equal ids) or "beam" (equal searches).
inline void note_agreement(const std::string& model, const char* what, double value) {
  const char* path = std::getenv("LOQUOR_AGREEMENT");
  if (!path) return;
  if (std::FILE* file = std::fopen(path, "a")) {
    std::fprintf(file, "%s\t%s\t%.2g\n", model.c_str(), what, value);
    std::fclose(file);
  }
}

}  // namespace loquor::tests
