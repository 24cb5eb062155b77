// Little-endian bytes of numbers, for tests that build files in memory.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace loquor::tests {

template <class T>
requires std::is_trivially_copyable_v<T>
void append_binary(std::string& out, const T& value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class T>
std::string binary(const std::vector<T>& values) {
  std::string out;
  for (const T& value : values) append_binary(out, value);
  return out;
}

}  // namespace loquor::tests
