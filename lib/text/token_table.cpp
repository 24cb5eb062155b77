// Linear probing at a load of at most one half.
#include "text/token_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/random.h"

namespace loquor {
namespace {

constexpr std::int32_t kLargestGap = 1'000'000;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t read(const char* from, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  if (bytes != 0) std::memcpy(&value, from, bytes);
  return value;
}

}  // namespace

std::uint64_t hash_key() {
  static const std::uint64_t key = entropy_seed() | 1;
  return key;
}

std::uint64_t hash(std::uint64_t value, std::uint64_t key) noexcept {
  return fold(fold(value ^ 0xa0761d6478bd642f, key ^ 0xe7037ed1a0b428db) ^ key, 0x8ebc6af09c88c6e3);
}

std::uint64_t hash(std::string_view bytes, std::uint64_t key) noexcept {
  const char* from = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t state = key ^ left;
  for (; left > 16; from += 16, left -= 16) {
    state = fold(read(from, 8) ^ 0xa0761d6478bd642f, read(from + 8, 8) ^ state);
  }
  const std::uint64_t first = read(from, std::min<std::size_t>(left, 8));
  const std::uint64_t second = left > 8 ? read(from + 8, left - 8) : 0;
  return hash(fold(first ^ 0xe7037ed1a0b428db, second ^ state), key);
}

TokenTable::TokenTable() : slots_(64), key_(hash_key()) {}

void TokenTable::reserve(std::size_t tokens, std::size_t bytes) {
  arena_.reserve(bytes);
  names_.reserve(tokens);
  grow(tokens);
}

void TokenTable::grow(std::size_t tokens) {
  const std::size_t wanted = std::bit_ceil(2 * tokens + 2);
  if (wanted <= slots_.size()) return;
  std::vector<Slot> old(wanted);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.id >= 0) slots_[slot_of(view(slot.name), hash(view(slot.name), key_))] = slot;
  }
}

// The slot that holds the name, or the free one where it belongs.
std::size_t TokenTable::slot_of(std::string_view wanted, std::uint64_t hashed) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hashed & mask;
  const auto differs = [&](const Slot& slot) {
    return slot.hash != static_cast<std::uint32_t>(hashed >> 32) || view(slot.name) != wanted;
  };
  while (slots_[at].id >= 0 && differs(slots_[at])) at = (at + 1) & mask;
  return at;
}

void TokenTable::add_without_lookup(std::int32_t id, std::string_view name) {
  if (id < 0 || id - static_cast<std::int64_t>(count_) > kLargestGap) {
    fail(Code::invalid_file, "token ", quoted(name), " has id ", id, " in a vocabulary of ", count_,
         " so far; ids run from 0 without large gaps");
  }
  if (contains(id)) {
    fail(Code::invalid_file, "tokens ", quoted(this->name(id)), " and ", quoted(name),
         " have the same id ", id);
  }
  if (arena_.size() + name.size() >= kNone)
    fail(Code::invalid_file, "the vocabulary takes more than 4 GiB");
  if (id >= size()) names_.resize(static_cast<std::size_t>(id) + 1);
  names_[static_cast<std::size_t>(id)] = {static_cast<std::uint32_t>(arena_.size()),
                                          static_cast<std::uint32_t>(name.size())};
  arena_.append(name);
  ++count_;
}

void TokenTable::add(std::int32_t id, std::string_view name) {
  if (2 * (looked_up_ + 1) > slots_.size()) grow(2 * (looked_up_ + 1));
  const std::uint64_t hashed = hash(name, key_);
  Slot& slot = slots_[slot_of(name, hashed)];
  if (slot.id >= 0) {
    fail(Code::invalid_file, "token ", quoted(name), " is there twice, as ids ", slot.id, " and ",
         id);
  }
  add_without_lookup(id, name);
  slot = {static_cast<std::uint32_t>(hashed >> 32), id, names_[static_cast<std::size_t>(id)]};
  ++looked_up_;
  longest_ = std::max(longest_, name.size());
}

bool TokenTable::contains(std::int32_t id) const noexcept {
  return id >= 0 && id < size() && names_[static_cast<std::size_t>(id)].size != kNone;
}

std::string_view TokenTable::name(std::int32_t id) const noexcept {
  const Name& name = names_[static_cast<std::size_t>(id)];
  return name.size == kNone ? std::string_view() : view(name);
}

std::optional<std::int32_t> TokenTable::find(std::string_view name) const noexcept {
  const Slot& slot = slots_[slot_of(name, hash(name, key_))];
  return slot.id < 0 ? std::nullopt : std::optional(slot.id);
}

std::optional<std::int32_t> TokenTable::find_in_model(std::string_view name) const noexcept {
  const auto id = find(name);
  return id && names_[static_cast<std::size_t>(*id)].begin < model_end_ ? id : std::nullopt;
}

}  // namespace loquor
