// A bounded reader of protobuf's wire format, and the fields that matter here:
// https://protobuf.dev/programming-guides/encoding/
#include "text/sentencepiece_model.h"

#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/utf8.h"

namespace loquor {
namespace {

enum class Wire : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// The fields of one message, one after the other.
class Fields {
 public:
  Fields(std::string_view message, std::string_view what) : left_(message), what_(what) {}

  bool next() {
    if (left_.empty()) return false;
    const std::uint64_t key = varint();
    number_ = key >> 3;
    wire_ = static_cast<Wire>(key & 7);
    switch (wire_) {
      case Wire::varint:
        value_ = varint();
        break;
      case Wire::fixed64:
        bytes_ = take(8);
        break;
      case Wire::fixed32:
        bytes_ = take(4);
        break;
      case Wire::bytes:
        bytes_ = take(varint());
        break;
      default:
        fail(Code::invalid_file, what_, ": field ", number_, " has the wire type ", key & 7);
    }
    return true;
  }

  std::uint64_t number() const noexcept { return number_; }
  std::string_view bytes() const { return require(Wire::bytes), bytes_; }
  std::int32_t integer() const { return require(Wire::varint), static_cast<std::int32_t>(value_); }
  bool boolean() const { return require(Wire::varint), value_ != 0; }
  float number32() const {
    require(Wire::fixed32);
    std::uint32_t bits = 0;
    for (std::size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes_[i]);
    return std::bit_cast<float>(bits);
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) {
      fail(Code::invalid_file, what_, ": field ", number_, " asks for ", size, " bytes where ",
           left_.size(), " are left");
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7Fu} << (shift < 64 ? shift : 63);
      if (byte < 0x80) return value;
    }
    fail(Code::invalid_file, what_, ": a number takes more than ten bytes");
  }

  void require(Wire wire) const {
    if (wire_ != wire)
      fail(Code::invalid_file, what_, ": field ", number_, " has the wire type ",
           static_cast<unsigned>(wire_), ", expected ", static_cast<unsigned>(wire));
  }

  std::string_view left_, what_, bytes_;
  std::uint64_t number_ = 0, value_ = 0;
  Wire wire_ = Wire::varint;
};

SentencePieceModel::NamedPiece read_piece(std::string_view message) {
  SentencePieceModel::NamedPiece result;
  for (Fields field(message, "piece"); field.next();) {
    switch (field.number()) {
      case 1:
        result.name = field.bytes();
        break;
      case 2:
        result.piece.score = field.number32();
        break;
      case 3: {
        const std::int32_t type = field.integer();
        if (type < 1 || type > 6)
          fail(Code::invalid_file, "piece ", quoted(result.name), " has type ", type,
               ", expected 1 to 6");
        result.piece.type = static_cast<PieceType>(type);
        break;
      }
      default:
        break;
    }
  }
  if (result.name.empty()) fail(Code::invalid_file, "a piece is empty");
  if (!is_utf8(result.name))
    fail(Code::invalid_file, "piece ", quoted(result.name), " is not valid UTF-8");
  return result;
}

void read_trainer(std::string_view message, SentencePieceModel& model) {
  for (Fields field(message, "trainer_spec"); field.next();) {
    switch (field.number()) {
      case 3: {
        const std::int32_t type = field.integer();
        if (type < 1 || type > 4)
          fail(Code::invalid_file, "trainer_spec.model_type is ", type, ", expected 1 to 4");
        model.type = static_cast<SentencePieceModel::Type>(type);
        break;
      }
      case 24:
        model.treat_whitespace_as_suffix = field.boolean();
        break;
      case 35:
        model.byte_fallback = field.boolean();
        break;
      case 45:
        model.unk = field.bytes();
        break;
      case 46:
        model.bos = field.bytes();
        break;
      case 47:
        model.eos = field.bytes();
        break;
      case 48:
        model.pad = field.bytes();
        break;
      default:
        break;
    }
  }
}

void read_normalizer(std::string_view message, SentencePieceModel& model) {
  for (Fields field(message, "normalizer_spec"); field.next();) {
    switch (field.number()) {
      case 2:
        model.character_map = field.bytes();
        break;
      case 3:
        model.add_dummy_prefix = field.boolean();
        break;
      case 4:
        model.remove_extra_whitespaces = field.boolean();
        break;
      case 5:
        model.escape_whitespaces = field.boolean();
        break;
      default:
        break;
    }
  }
}

void read_denormalizer(std::string_view message, SentencePieceModel& model) {
  for (Fields field(message, "denormalizer_spec"); field.next();) {
    if (field.number() == 2) model.decoding_character_map = field.bytes();
  }
}

}  // namespace

SentencePieceModel read_sentencepiece_model(std::string_view bytes) {
  SentencePieceModel model;
  for (Fields field(bytes, "the model"); field.next();) {
    switch (field.number()) {
      case 1:
        model.pieces.push_back(read_piece(field.bytes()));
        break;
      case 2:
        read_trainer(field.bytes(), model);
        break;
      case 3:
        read_normalizer(field.bytes(), model);
        break;
      case 5:
        read_denormalizer(field.bytes(), model);
        break;
      default:
        break;
    }
  }
  if (model.pieces.empty()) fail(Code::invalid_file, "the model has no pieces");
  return model;
}

}  // namespace loquor
