// Base64: https://www.rfc-editor.org/rfc/rfc4648
#pragma once

#include <string>
#include <string_view>

namespace loquor {

/// The bytes that `text` stands for. Throws Error(invalid_file) for any character that is not of
/// the alphabet, and for a length that is no multiple of four.
std::string from_base64(std::string_view text);

}  // namespace loquor
