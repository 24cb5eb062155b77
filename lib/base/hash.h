// FNV-1a, for telling data apart and noticing damage; no defence against those who mean harm.
// http://www.isthe.com/chongo/tech/comp/fnv/
#pragma once

#include <cstdint>
#include <string_view>

namespace loquor {

constexpr std::uint64_t kHashStart = 0xcbf29ce484222325;

/// The hash of `bytes` after what `hash` stands for.
constexpr std::uint64_t hash_bytes(std::string_view bytes,
                                   std::uint64_t hash = kHashStart) noexcept {
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace loquor
