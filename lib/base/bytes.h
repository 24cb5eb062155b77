// Read-only bytes of a model file: mapped, read through a host's callback, or borrowed from memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace loquor {

/// A shared, immutable run of bytes that keeps its owner (mapping or buffer) alive. Copies are
/// cheap; any thread may read.
class Bytes {
 public:
  Bytes() = default;
  /// Maps a regular file read-only (reads it whole where mapping fails). Errors name the file. Who
  /// truncates the file while it is mapped takes the process down (SIGBUS), as with every mapping:
  /// replace files by renaming.
  static Bytes map(const std::filesystem::path& path);
  /// Takes the buffer over.
  static Bytes own(std::string buffer);
  /// Refers to the caller's memory, which must outlive every copy.
  static Bytes borrow(std::span<const std::byte> bytes);
  /// Reads `size` bytes through read(offset, destination, count), which returns the bytes it wrote,
  /// 0 at an error; fewer than count is no error, it is asked for the rest. The memory is aligned
  /// to 64 bytes.
  static Bytes read(std::uint64_t size,
                    const std::function<std::size_t(std::uint64_t, void*, std::size_t)>& read);

  /// May be null when the size is 0.
  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::span<const std::byte> span() const noexcept { return {data_, size_}; }
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
  /// The part [offset, offset + count), with the same owner. Throws Error(invalid_file) if it
  /// reaches past the end.
  Bytes slice(std::uint64_t offset, std::uint64_t count) const;
  /// Tells the system that a mapped part was read for the last time, so that it leaves the resident
  /// set. A hint.
  void release() const noexcept;

 private:
  Bytes(std::shared_ptr<const void> owner, const void* data, std::size_t size, bool mapped = false);
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  bool mapped_ = false;
};

/// The whole of a small text file (configs, templates). Throws Error(not_found) or Error(io), or
/// Error(invalid_file) above `limit` bytes.
std::string read_text(const std::filesystem::path& path,
                      std::size_t limit = std::size_t{256} << 20);

}  // namespace loquor
