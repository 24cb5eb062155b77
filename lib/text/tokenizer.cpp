// Tokenizer: the public calls.
#include "loquor/tokenizer.hpp"

#include "base/error.h"
#include "base/utf8.h"
#include "text/tokenizer_impl.h"

namespace loquor {
namespace {

void require_ranges(std::span<const ByteRange> ranges, std::size_t size) {
  std::int64_t end = 0;
  for (const ByteRange& range : ranges) {
    if (range.begin < end || range.end < range.begin ||
        range.end > static_cast<std::int64_t>(size)) {
      fail(Code::invalid_argument, "range ", range.begin, " to ", range.end,
           " of special_inside does not ascend within the text's ", size, " bytes");
    }
    end = range.end;
  }
}

}  // namespace

std::vector<std::int32_t> Tokenizer::encode(std::string_view text,
                                            const EncodeOptions& options) const {
  return impl_->encode(text, {}, options, false).ids;
}

Encoding Tokenizer::encode_with_offsets(std::string_view text, const EncodeOptions& options) const {
  return impl_->encode(text, {}, options, true);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                const EncodeOptions& options) const {
  return impl_->encode(first, second, options, true);
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text,
                                            std::span<const ByteRange> special_inside,
                                            bool add_special_tokens) const {
  require_ranges(special_inside, text.size());
  return impl_
      ->assemble(impl_->tokenize(text, special_inside, false), nullptr, add_special_tokens,
                 impl_->parts().post_processor)
      .ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  DecodeState state;
  std::string bytes;
  for (const std::int32_t id : ids) impl_->decode(id, skip_special_tokens, state, bytes);
  return replace_invalid_utf8(bytes);
}

std::int32_t Tokenizer::vocabulary_size() const noexcept { return impl_->tokens().size(); }

std::string Tokenizer::token(std::int32_t id) const {
  impl_->require_id(id);
  if (!impl_->tokens().contains(id)) fail(Code::invalid_argument, "no token has the id ", id);
  return std::string(impl_->tokens().name(id));
}

std::optional<std::int32_t> Tokenizer::id(std::string_view token) const {
  return impl_->tokens().find(token);
}

bool Tokenizer::is_special(std::int32_t id) const noexcept { return impl_->is_special(id); }

std::optional<std::int32_t> Tokenizer::bos_token_id() const noexcept { return impl_->parts().bos; }
std::optional<std::int32_t> Tokenizer::eos_token_id() const noexcept { return impl_->parts().eos; }
std::optional<std::int32_t> Tokenizer::unk_token_id() const noexcept { return impl_->parts().unk; }
std::optional<std::int32_t> Tokenizer::pad_token_id() const noexcept { return impl_->parts().pad; }
std::optional<std::int32_t> Tokenizer::sep_token_id() const noexcept { return impl_->parts().sep; }
std::optional<std::int32_t> Tokenizer::cls_token_id() const noexcept { return impl_->parts().cls; }
std::optional<std::int32_t> Tokenizer::mask_token_id() const noexcept {
  return impl_->parts().mask;
}

class Tokenizer::Stream::Impl {
 public:
  Impl(const Tokenizer& tokenizer, bool skip_special_tokens)
      : tokenizer_(tokenizer), skip_special_tokens_(skip_special_tokens) {}

  std::string push(std::int32_t id) {
    tokenizer_.impl().decode(id, skip_special_tokens_, state_, pending_);
    return take(complete_utf8_prefix(pending_));
  }
  std::string finish() { return take(pending_.size()); }

 private:
  std::string take(std::size_t bytes) {
    std::string text = replace_invalid_utf8(std::string_view(pending_).substr(0, bytes));
    pending_.erase(0, bytes);
    return text;
  }

  Tokenizer tokenizer_;
  bool skip_special_tokens_;
  DecodeState state_;
  std::string pending_;  // the bytes of a character that is not complete
};

Tokenizer::Stream::Stream(const Tokenizer& tokenizer, bool skip_special_tokens)
    : impl_(std::make_unique<Impl>(tokenizer, skip_special_tokens)) {}
Tokenizer::Stream::Stream(Stream&&) noexcept = default;
Tokenizer::Stream& Tokenizer::Stream::operator=(Stream&&) noexcept = default;
Tokenizer::Stream::~Stream() = default;

std::string Tokenizer::Stream::push(std::int32_t id) { return impl_->push(id); }
std::string Tokenizer::Stream::finish() { return impl_->finish(); }

}  // namespace loquor
