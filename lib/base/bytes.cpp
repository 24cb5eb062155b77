#include "base/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <new>
#include <system_error>

#include "base/error.h"

namespace loquor {

namespace {

std::string quoted_path(const std::filesystem::path& path) { return quoted(path.native(), 1024); }

[[noreturn]] void fail_system(const std::filesystem::path& path, std::string_view verb, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR;
  fail(absent ? Code::not_found : Code::io, "cannot ", verb, " ", quoted_path(path), ": ",
       std::generic_category().message(error));
}

// An open regular file.
class File {
 public:
  explicit File(const std::filesystem::path& path) : path_(path) {
    // O_NONBLOCK: a named pipe must be refused below, not waited for.
    do {
      descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) fail_system(path_, "open", errno);
    struct stat status;
    const int error = ::fstat(descriptor_, &status) == 0 ? 0 : errno;
    if (error == 0 && S_ISREG(status.st_mode)) {
      size_ = static_cast<std::uint64_t>(status.st_size);
      return;
    }
    ::close(descriptor_);
    if (error != 0) fail_system(path_, "inspect", error);
    fail(Code::invalid_file, quoted_path(path_), " is ",
         S_ISDIR(status.st_mode) ? "a folder" : "no regular file", ", expected a file");
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  std::uint64_t size() const noexcept { return size_; }

  // For Bytes::read(): what it reads at `offset`; 0 at the file's end.
  std::size_t read(std::uint64_t offset, void* destination, std::size_t count) const {
    for (;;) {
      const ssize_t got = ::pread(descriptor_, destination, count, static_cast<off_t>(offset));
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail_system(path_, "read", errno);
    }
  }
  [[noreturn]] void fail_short(std::uint64_t offset) const {
    fail(Code::io, quoted_path(path_), " ended at byte ", offset, " of ", size_,
         " while it was read");
  }

 private:
  const std::filesystem::path& path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

constexpr std::align_val_t kFileAlignment{64};

std::shared_ptr<std::byte> allocate_file(std::size_t size) {
  auto* memory = static_cast<std::byte*>(::operator new(size, kFileAlignment, std::nothrow));
  if (!memory) fail(Code::out_of_memory, "no memory for a file of ", size, " bytes");
  return {memory, [](std::byte* pointer) { ::operator delete(pointer, kFileAlignment); }};
}

}  // namespace

Bytes::Bytes(std::shared_ptr<const void> owner, const void* data, std::size_t size, bool mapped)
    : owner_(std::move(owner)),
      data_(static_cast<const std::byte*>(data)),
      size_(size),
      mapped_(mapped) {}

Bytes Bytes::map(const std::filesystem::path& path) {
  const File file(path);
  if (file.size() == 0) return {};
  if (file.size() <= std::numeric_limits<std::size_t>::max()) {
    const auto size = static_cast<std::size_t>(file.size());
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
    if (memory != MAP_FAILED) {
      const auto unmap = [size](const void* start) { ::munmap(const_cast<void*>(start), size); };
      return {std::shared_ptr<const void>(memory, unmap), memory, size, true};
    }
  }
  return read(file.size(), [&](std::uint64_t offset, void* destination, std::size_t count) {
    const std::size_t got = file.read(offset, destination, count);
    if (got == 0) file.fail_short(offset);
    return got;
  });
}

Bytes Bytes::own(std::string buffer) {
  const auto owner = std::make_shared<const std::string>(std::move(buffer));
  return {owner, owner->data(), owner->size()};
}

Bytes Bytes::borrow(std::span<const std::byte> bytes) {
  return {nullptr, bytes.data(), bytes.size()};
}

Bytes Bytes::read(std::uint64_t size,
                  const std::function<std::size_t(std::uint64_t, void*, std::size_t)>& read) {
  if (size > std::numeric_limits<std::size_t>::max() / 2) {
    fail(Code::out_of_memory, "no memory for a file of ", size, " bytes");
  }
  const auto total = static_cast<std::size_t>(size);
  if (total == 0) return {};
  const std::shared_ptr<std::byte> memory = allocate_file(total);
  for (std::size_t offset = 0; offset < total;) {
    const std::size_t wanted = total - offset;
    const std::size_t got = read(offset, memory.get() + offset, wanted);
    if (got == 0 || got > wanted) {
      fail(Code::io, "the read callback gave ", got, " bytes at byte ", offset, " of ", total,
           ", expected 1 to ", wanted);
    }
    offset += got;
  }
  return {memory, memory.get(), total};
}

Bytes Bytes::slice(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset) {
    fail(Code::invalid_file, "bytes [", offset, ", ", offset, " + ", count,
         ") reach past the end at ", size_);
  }
  return {owner_, data_ + offset, static_cast<std::size_t>(count), mapped_};
}

void Bytes::release() const noexcept {
  if (!mapped_ || size_ == 0) return;
  // Only whole pages: the ones at the ends may hold a neighbour's bytes.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(data_);
  const std::size_t before = (page - start % page) % page;
  if (before >= size_) return;
  const std::size_t whole = (size_ - before) / page * page;
  if (whole > 0) ::madvise(const_cast<std::byte*>(data_) + before, whole, MADV_DONTNEED);
}

std::string read_text(const std::filesystem::path& path, std::size_t limit) {
  const File file(path);
  if (file.size() > limit) {
    fail(Code::invalid_file, quoted_path(path), " has ", file.size(), " bytes, expected at most ",
         limit);
  }
  std::string out(static_cast<std::size_t>(file.size()), '\0');
  for (std::size_t offset = 0; offset < out.size();) {
    const std::size_t got = file.read(offset, out.data() + offset, out.size() - offset);
    if (got == 0) file.fail_short(offset);
    offset += got;
  }
  return out;
}

}  // namespace loquor
