// JSON: a bounded reader into an ordered document, and a writer. RFC 8259; integers of 64 bits stay
// exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace loquor {

/// How deeply arrays and objects nest, read or written.
constexpr std::size_t kJsonDepthLimit = 200;

/// A JSON value. Objects keep the order of the file; a repeated key is an error when parsed.
/// The as_...() calls throw Error(invalid_file) that says what was found and expected; add the key
/// with within().
class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  // A copy is made outside and moved in: libstdc++ 12 takes a std::variant of such types for one
  // that is never valueless, and crashes where memory ends while it copies one.
  Json(const Json& other) {
    std::visit([this](auto copy) { value_ = std::move(copy); }, other.value_);
  }
  Json(Json&&) noexcept = default;
  Json& operator=(const Json& other) { return *this = Json(other); }
  Json& operator=(Json&&) noexcept = default;
  ~Json() = default;
  static Json array() { return Json(Array()); }
  static Json object() { return Json(Object()); }

  /// Reads one document; what follows it must be white space. Depth is at most kJsonDepthLimit.
  /// Throws Error(invalid_file) with line and column. A 64-bit integer beyond int64 becomes a
  /// number.
  static Json parse(std::string_view text);
  /// Compact when indent < 0, else one member a line with that indent. Non-ASCII is kept, invalid
  /// UTF-8 becomes U+FFFD; doubles round-trip, those that are not finite become null.
  std::string dump(int indent = -1) const;

  Kind kind() const noexcept { return static_cast<Kind>(value_.index()); }
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_bool() const noexcept { return kind() == Kind::boolean; }
  bool is_integer() const noexcept { return kind() == Kind::integer; }
  bool is_number() const noexcept { return is_integer() || kind() == Kind::number; }
  bool is_string() const noexcept { return kind() == Kind::string; }
  bool is_array() const noexcept { return kind() == Kind::array; }
  bool is_object() const noexcept { return kind() == Kind::object; }

  bool as_bool() const;
  std::int64_t as_integer() const;  ///< Also a number without a fraction, such as 1e4.
  double as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;
  Array& as_array();
  Object& as_object();

  /// The member, or nullptr where there is none or this is no object.
  const Json* find(std::string_view key) const noexcept;
  /// The member; throws Error(invalid_file) naming the key where there is none.
  const Json& at(std::string_view key) const;
  /// The member, added as null at the end where there is none (a null becomes an object).
  Json& operator[](std::string_view key);
  void push_back(Json value);
  std::size_t size() const noexcept;  ///< Of an array or object; 0 for anything else.

  /// Numbers are compared by value (1 == 1.0), members in any order.
  bool operator==(const Json& other) const;

 private:
  // The alternatives stand in the order of Kind.
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// What the kind is called in messages: "a string", "an object", ...
std::string_view name(Json::Kind kind);

/// A pull reader over the same grammar, for documents too large to hold as values (tokenizer.json).
/// It does not look for repeated keys. Strings are views into the text, which must outlive them,
/// where they have no escapes; else into a buffer that stays as it is until the next string (for a
/// key: until the next key).
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}
  /// The kind of the next value, without consuming it.
  Json::Kind peek();
  void begin_object();
  /// The next key, or false at the object's end (which is consumed).
  bool next_key(std::string_view& key);
  void begin_array();
  /// Whether another element follows; at the array's end consumes it and gives false.
  bool next_element();
  std::string_view string();
  std::int64_t integer();  ///< Also a number without a fraction, such as 1e4.
  double number();
  /// A number as the text has it.
  std::string_view number_text();
  bool boolean();
  /// The next value as a document.
  Json value();
  void skip();
  /// Throws unless only white space is left.
  void end();
  /// Throws Error(invalid_file) at the current line and column.
  [[noreturn]] void fail_here(std::string_view message) const;

 private:
  struct Number;
  void white_space() noexcept;
  [[noreturn]] void fail_expected(std::string_view expected) const;
  void require(Json::Kind kind);
  void open(Json::Kind kind, char bracket);
  bool next(char bracket, char closing);
  Number scan_number();
  Number take_number(Json::Kind kind);
  void literal(std::string_view word);
  std::string_view quoted_text(std::string& buffer);
  void append_escape(std::string& buffer);
  char32_t hexadecimal();
  Json array_value();
  Json object_value();

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<char> open_;  // '{' or '[' of each enclosing value; also the depth limit
  bool first_ = true;       // no element read yet in the innermost
  std::string key_;         // of keys and strings with escapes
  std::string string_;
};

}  // namespace loquor
