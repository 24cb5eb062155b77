// One component of a tokenizer.json, an object with a "type": whatever of it is not read makes the
// load fail.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace loquor {

/// Throws Error(unsupported) for a member of the object `json` that is not among `known`.
void require_known_keys(const Json& json, std::initializer_list<std::string_view> known);

class Component {
 public:
  /// `place` is the path within the file, for messages: "pre_tokenizer.pretokenizers[1]".
  Component(const Json& json, std::string place);

  const std::string& place() const noexcept { return place_; }
  const std::string& type() const noexcept { return type_; }
  /// The members, each named as read; null counts as absent.
  const Json* find(std::string_view key);
  const Json& at(std::string_view key);
  bool flag(std::string_view key, bool otherwise);
  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string_view otherwise);
  std::int64_t integer(std::string_view key);
  /// The components of an array member.
  std::vector<Component> components(std::string_view key);

  /// Throws Error(unsupported) naming the first member that nobody asked for.
  void done() const;
  /// Throws Error(unsupported) "place: ...".
  [[noreturn]] void refuse(std::string_view why) const;
  /// Throws Error(unsupported) that says which types are known.
  [[noreturn]] void refuse_type(std::string_view known) const;

 private:
  std::string where(std::string_view key) const;
  const Json& json_;
  std::string place_;
  std::string type_;
  std::vector<std::string_view> read_;
};

}  // namespace loquor
