// Token ids and their names: one arena of bytes and an open-addressed table, no allocation a token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loquor {

/// Hash tables are keyed by a number drawn once a process, so that a file cannot bring about
/// collisions.
std::uint64_t hash_key();

/// 64-bit hash of bytes (multiply and fold, as in wyhash: https://github.com/wangyi-fudan/wyhash).
std::uint64_t hash(std::string_view bytes, std::uint64_t key) noexcept;
std::uint64_t hash(std::uint64_t value, std::uint64_t key) noexcept;

class TokenTable {
 public:
  TokenTable();
  void reserve(std::size_t tokens, std::size_t bytes);
  /// Throws Error(invalid_file) when the name or the id is taken, or the id leaves a gap of more
  /// than a million.
  void add(std::int32_t id, std::string_view name);
  /// Adds a token that is known by its id only: its name is not looked up.
  void add_without_lookup(std::int32_t id, std::string_view name);

  /// Tokens added from here on are outside the model: a name in a text cannot become one by
  /// find_in_model().
  void end_model() noexcept { model_end_ = arena_.size(); }

  /// The largest id plus one.
  std::int32_t size() const noexcept { return static_cast<std::int32_t>(names_.size()); }
  /// How many tokens there are: fewer than size() where ids have gaps.
  std::size_t count() const noexcept { return count_; }
  bool contains(std::int32_t id) const noexcept;
  /// The name of an id that is below size(); empty for a gap.
  std::string_view name(std::int32_t id) const noexcept;
  std::optional<std::int32_t> find(std::string_view name) const noexcept;
  std::optional<std::int32_t> find_in_model(std::string_view name) const noexcept;
  std::size_t longest_name() const noexcept { return longest_; }

 private:
  struct Name {
    std::uint32_t begin = 0, size = kNone;
  };
  struct Slot {  // with what names_ has too, so that a look-up touches one place less
    std::uint32_t hash = 0;
    std::int32_t id = -1;
    Name name;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::size_t slot_of(std::string_view name, std::uint64_t hashed) const noexcept;
  std::string_view view(const Name& name) const noexcept {
    return {arena_.data() + name.begin, name.size};
  }
  void grow(std::size_t tokens);

  std::string arena_;
  std::vector<Name> names_;
  std::vector<Slot> slots_;
  std::size_t count_ = 0, looked_up_ = 0, longest_ = 0;
  std::size_t model_end_ = SIZE_MAX;  // of the arena
  std::uint64_t key_;
};

}  // namespace loquor
