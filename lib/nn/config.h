// Config: a strict view of a model's config that remembers which keys were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace loquor {

/// Keys are Hugging Face's; a GGUF file's metadata are translated to them first. A missing or null
/// key takes the fallback where one is given, else throws Error(invalid_file) naming it. After a
/// family has read what it knows, require_all_read() refuses the rest: what is not understood is
/// never dropped silently.
class Config {
 public:
  /// `source` names the file in messages; `document` must be an object.
  Config(Json document, std::string source, bool gguf = false);

  bool gguf() const noexcept { return gguf_; }
  const std::string& source() const noexcept { return source_; }

  bool has(std::string_view key) const;  ///< Present and not null.
  std::int64_t integer(std::string_view key, std::optional<std::int64_t> fallback = {});
  /// integer() from 1 to 2^31 - 1, which sizes are; throws naming the key otherwise.
  std::int64_t size(std::string_view key, std::optional<std::int64_t> fallback = {});
  /// size() of a stack of layers, each of which is described before a weight is looked for: at most
  /// 100,000.
  std::size_t layers(std::string_view key, std::optional<std::int64_t> fallback = {});
  double number(std::string_view key, std::optional<double> fallback = {});
  bool boolean(std::string_view key, std::optional<bool> fallback = {});
  std::string string(std::string_view key, std::optional<std::string> fallback = {});
  /// The value as it stands; null where there is none.
  const Json& value(std::string_view key);
  /// An object within the config, with the same rules; its unread keys count as "key.inner".
  /// nullptr where there is none.
  Config* section(std::string_view key);

  /// Reads a key that may only have this value (or be missing): what it would change is not built.
  void require(std::string_view key, const Json& only);
  /// What a family takes where the key is not there at all (null is a value of its own).
  void set_default(std::string_view key, const Json& value);
  /// transformers' second name of a key: "n_embd" for "hidden_size". Renames it; both at once
  /// with two values is an error.
  void rename(std::string_view from, std::string_view to);

  /// Throws Error(unsupported) naming the first key that was not read and is not null, empty, known
  /// to be harmless, or in `ignored`.
  void require_all_read(std::span<const std::string> ignored = {}) const;

 private:
  const Json* find(std::string_view key);  // marks it as read; nullptr where missing or null
  std::string where(std::string_view key) const;

  Json document_;
  std::string source_;
  std::string path_;  // "rope_scaling." within a section
  bool gguf_ = false;
  std::set<std::string, std::less<>> read_;
  std::vector<std::unique_ptr<Config>> sections_;
};

/// Keys of config.json that say how to generate, which count where no generation_config.json does.
std::span<const std::string_view> generation_keys() noexcept;

}  // namespace loquor
