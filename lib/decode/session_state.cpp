// A session as bytes, little endian:
//
//   "LQRS"   u32 version (3)   u64 fingerprint of the model
//   u32 type of keys and values (0: f32, 1: bf16)   u32 zero
//   u64 ids, u64 bytes of their keys and values
//   u64 ids of the encoder's source, u64 bytes of its keys and values   (0, 0 without an encoder)
//   u64 FNV-1a of all that follows
//   ids as i32, their keys and values as KeyValueCache saves them; the same of the source
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "decode/session_impl.h"

namespace loquor {

namespace {

constexpr std::uint32_t kVersion = 3;

struct Header {
  char magic[4] = {'L', 'Q', 'R', 'S'};
  std::uint32_t version = kVersion;
  std::uint64_t fingerprint = 0;
  std::uint32_t cache_type = 0;
  std::uint32_t zero = 0;
  std::uint64_t ids = 0;
  std::uint64_t cache_bytes = 0;
  std::uint64_t source_ids = 0;
  std::uint64_t encoded_bytes = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(Header) == 64);

std::uint32_t cache_type(const LoadedModel& model) {
  return static_cast<std::uint32_t>(model.cache.front().layout.type);
}

// Of the model, and of the context where its length changes what keys are.
std::uint64_t fingerprint(const Session::Impl& session) {
  const std::uint64_t model = session.model.impl()->loaded.fingerprint;
  const std::int64_t usual = session.transformer().spec().usual_positions;
  const bool longer = usual > 0 && session.context_length > usual;
  return longer ? hash_bytes(std::to_string(session.context_length), model) : model;
}

void append_ids(std::string& out, const std::vector<std::int32_t>& ids) {
  out.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(std::int32_t));
}

// Takes the next parts of a saved session, whose sizes add up.
class Body {
 public:
  Body(std::string_view bytes, std::int64_t vocabulary) : bytes_(bytes), vocabulary_(vocabulary) {}

  std::vector<std::int32_t> ids(std::uint64_t count) {
    std::vector<std::int32_t> ids(static_cast<std::size_t>(count));
    const std::string_view part = take(ids.size() * sizeof(std::int32_t));
    if (!ids.empty()) std::memcpy(ids.data(), part.data(), part.size());
    for (const std::int32_t id : ids) {
      if (id >= 0 && id < vocabulary_) continue;
      fail(Code::invalid_file, "the saved session has token id ", id,
           ", which the model does not have");
    }
    return ids;
  }
  std::string_view take(std::uint64_t size) {
    const std::string_view part = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(part.size());
    return part;
  }

 private:
  std::string_view bytes_;
  std::int64_t vocabulary_;
};

// Throws unless the header is one of this model's and `bytes` is what it says.
void check(const Header& header, std::string_view bytes, const LoadedModel& model,
           const Session::Impl& session) {
  const std::int64_t context_length = session.context_length;
  if (std::memcmp(header.magic, Header().magic, 4) != 0)
    fail(Code::invalid_file, "these bytes are no saved session");
  if (header.version != kVersion) {
    fail(Code::unsupported, "the saved session has version ", header.version, ", expected ",
         kVersion);
  }
  if (header.fingerprint != fingerprint(session))
    fail(Code::invalid_file, "the saved session is of another model, or of another context length");
  if (header.cache_type != cache_type(model) || header.zero != 0) {
    fail(Code::invalid_file, "the saved session's cache type is ", header.cache_type, ", expected ",
         cache_type(model));
  }
  if (header.ids > static_cast<std::uint64_t>(context_length)) {
    fail(Code::context_full, "the saved session has ", header.ids, " tokens, and this one ",
         context_length, " positions");
  }
  const std::uint64_t sizes[] = {header.ids, header.cache_bytes, header.source_ids,
                                 header.encoded_bytes};
  std::uint64_t left = bytes.size();
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t unit = i % 2 == 0 ? sizeof(std::int32_t) : 1;
    if (sizes[i] > left / unit) {
      fail(Code::invalid_file, "the saved session has ", bytes.size(),
           " bytes after its header, fewer than it says");
    }
    left -= sizes[i] * unit;
  }
  if (left != 0) {
    fail(Code::invalid_file, "the saved session has ", left, " bytes more than its header says");
  }
  if (header.checksum != hash_bytes(bytes))
    fail(Code::invalid_file, "the saved session is damaged: its checksum differs");
}

}  // namespace

std::string Session::save() const {
  const Busy busy(impl_->busy, "the session");
  const LoadedModel& model = impl_->model.impl()->loaded;
  const std::string cache = impl_->cache.save();
  const std::string encoded = impl_->encoded.save();
  std::string body;
  append_ids(body, impl_->ids);
  body += cache;
  append_ids(body, impl_->source_ids);
  body += encoded;
  Header header;
  header.fingerprint = fingerprint(*impl_);
  header.cache_type = cache_type(model);
  header.ids = impl_->ids.size();
  header.cache_bytes = cache.size();
  header.source_ids = impl_->source_ids.size();
  header.encoded_bytes = encoded.size();
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
  check(header, bytes, model, *impl_);

  Body body(bytes, impl_->transformer().spec().vocabulary);
  std::vector<std::int32_t> ids = body.ids(header.ids);
  KeyValueCache cache = impl_->new_cache();
  cache.restore(body.take(header.cache_bytes), static_cast<std::int64_t>(header.ids));
  std::vector<std::int32_t> source_ids = body.ids(header.source_ids);
  KeyValueCache encoded(model.runtime, model.cross_cache);
  encoded.restore(body.take(header.encoded_bytes), static_cast<std::int64_t>(header.source_ids));

  impl_->ids = std::move(ids);
  impl_->cache = std::move(cache);
  impl_->source_ids = std::move(source_ids);
  impl_->encoded = std::move(encoded);
}

}  // namespace loquor
