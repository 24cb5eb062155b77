// A session as bytes, little endian:
//
//   "LQRS"   u32 version (2)   u64 fingerprint of the model
//   u32 type of keys and values (0: f32, 1: bf16)   u32 zero
//   u64 ids   u64 bytes of keys and values   u64 FNV-1a of all that follows
//   ids as i32, then keys and values in their type, as KeyValueCache saves them
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "decode/session_impl.h"

namespace loquor {

namespace {

constexpr std::uint32_t kVersion = 2;

struct Header {
  char magic[4] = {'L', 'Q', 'R', 'S'};
  std::uint32_t version = kVersion;
  std::uint64_t fingerprint = 0;
  std::uint32_t cache_type = 0;
  std::uint32_t zero = 0;
  std::uint64_t ids = 0;
  std::uint64_t cache_bytes = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(Header) == 48);

std::uint32_t cache_type(const LoadedModel& model) {
  return static_cast<std::uint32_t>(model.cache.front().layout.type);
}

}  // namespace

std::string Session::save() const {
  const Busy busy(impl_->busy, "the session");
  const LoadedModel& model = impl_->model.impl()->loaded;
  std::string body(reinterpret_cast<const char*>(impl_->ids.data()),
                   impl_->ids.size() * sizeof(std::int32_t));
  const std::string cache = impl_->cache.save();
  body += cache;
  Header header;
  header.fingerprint = model.fingerprint;
  header.cache_type = cache_type(model);
  header.ids = impl_->ids.size();
  header.cache_bytes = cache.size();
  header.checksum = hash_bytes(body);
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + body;
}

void Session::restore(std::string_view bytes) {
  const Busy busy(impl_->busy, "the session");
  const LoadedModel& model = impl_->model.impl()->loaded;
  Header header;
  if (bytes.size() < sizeof(header))
    fail(Code::invalid_file, "a saved session of ", bytes.size(), " bytes is too short");
  std::memcpy(&header, bytes.data(), sizeof(header));
  bytes.remove_prefix(sizeof(header));
  if (std::memcmp(header.magic, Header().magic, 4) != 0)
    fail(Code::invalid_file, "these bytes are no saved session");
  if (header.version != kVersion) {
    fail(Code::unsupported, "the saved session has version ", header.version, ", expected ",
         kVersion);
  }
  if (header.fingerprint != model.fingerprint)
    fail(Code::invalid_file, "the saved session is of another model");
  if (header.cache_type != cache_type(model) || header.zero != 0) {
    fail(Code::invalid_file, "the saved session's cache type is ", header.cache_type, ", expected ",
         cache_type(model));
  }
  if (header.ids > static_cast<std::uint64_t>(impl_->context_length)) {
    fail(Code::context_full, "the saved session has ", header.ids, " tokens, and this one ",
         impl_->context_length, " positions");
  }
  const std::uint64_t id_bytes = header.ids * sizeof(std::int32_t);
  if (bytes.size() < id_bytes || bytes.size() - id_bytes != header.cache_bytes) {
    fail(Code::invalid_file, "the saved session has ", bytes.size(),
         " bytes after its header, expected ", id_bytes, " + ", header.cache_bytes);
  }
  if (header.checksum != hash_bytes(bytes))
    fail(Code::invalid_file, "the saved session is damaged: its checksum differs");
  std::vector<std::int32_t> ids(static_cast<std::size_t>(header.ids));
  std::memcpy(ids.data(), bytes.data(), id_bytes);
  for (const std::int32_t id : ids) {
    if (id < 0 || id >= impl_->transformer().spec().vocabulary) {
      fail(Code::invalid_file, "the saved session has token id ", id, ", which the model does not");
    }
  }
  impl_->cache.restore(bytes.substr(static_cast<std::size_t>(id_bytes)),
                       static_cast<std::int64_t>(header.ids));
  impl_->ids = std::move(ids);
}

}  // namespace loquor
