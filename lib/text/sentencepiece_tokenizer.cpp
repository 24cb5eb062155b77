// Puts a tokenizer together from a SentencePiece .model file.
#include "text/sentencepiece_tokenizer.h"

#include "base/error.h"
#include "text/unigram.h"

namespace loquor {
namespace {

void require_supported(const SentencePieceModel& model) {
  constexpr std::string_view kTypes[] = {"unigram", "BPE", "word", "character"};
  if (model.type != SentencePieceModel::Type::bpe &&
      model.type != SentencePieceModel::Type::unigram) {
    fail(Code::unsupported, "model_type ", kTypes[static_cast<int>(model.type) - 1],
         " is not supported; known: BPE, unigram");
  }
  if (model.treat_whitespace_as_suffix)
    fail(Code::unsupported, "treat_whitespace_as_suffix is not supported");
  if (!model.decoding_character_map.empty())
    fail(Code::unsupported, "a denormalizer is not supported");
}

// The same demands as SentencePiece's own.
void require_consistent(const SentencePieceModel& model) {
  std::size_t unknown = 0;
  for (const auto& [name, piece] : model.pieces) {
    if (piece.type == PieceType::unknown) ++unknown;
    if (piece.type == PieceType::byte && !model.byte_fallback) {
      fail(Code::invalid_file, "the byte piece ", quoted(name),
           " is there, but trainer_spec.byte_fallback is false");
    }
  }
  if (unknown != 1) fail(Code::invalid_file, "there are ", unknown, " unknown pieces, expected 1");
}

}  // namespace

Tokenizer::Impl::Parts sentencepiece_parts(const SentencePieceModel& model) {
  require_supported(model);
  require_consistent(model);
  Tokenizer::Impl::Parts parts;
  auto tokens = std::make_shared<TokenTable>();
  std::vector<Piece> pieces;
  std::vector<std::pair<std::string_view, std::int32_t>> user_defined;
  for (const auto& [name, piece] : model.pieces) {
    const auto id = static_cast<std::int32_t>(pieces.size());
    tokens->add(id, name);
    pieces.push_back(piece);
    if (piece.type == PieceType::unknown) parts.unk = id;
    if (piece.type == PieceType::user_defined) user_defined.emplace_back(name, id);
    if (piece.type == PieceType::control || piece.type == PieceType::unknown) {
      AddedToken token;
      token.id = id;
      token.content = name;
      token.special = true;
      parts.added.push_back(std::move(token));
    }
  }
  const auto role = [&](std::string_view name, PieceType type) -> std::optional<std::int32_t> {
    const auto id = tokens->find(name);
    return id && pieces[static_cast<std::size_t>(*id)].type == type ? id : std::nullopt;
  };
  parts.bos = role(model.bos, PieceType::control);
  parts.eos = role(model.eos, PieceType::control);
  parts.pad = role(model.pad, PieceType::control);
  if (parts.bos) parts.post_processor = PostProcessor::around({*parts.bos}, {});
  parts.normalizers.emplace_back(SentencePieceNormalizer{
      CharacterMap(model.character_map), StringSet(user_defined), model.add_dummy_prefix,
      model.remove_extra_whitespaces, model.escape_whitespaces});
  if (model.type == SentencePieceModel::Type::unigram) {
    parts.model = std::make_unique<Unigram>(tokens, pieces);
  } else {
    parts.model = std::make_unique<SentencePieceBpe>(tokens, std::move(pieces),
                                                     StringSet(std::move(user_defined)));
  }
  const bool drop = model.add_dummy_prefix || model.remove_extra_whitespaces;
  parts.decoder =
      Decoder({DecodeSentencePiece{drop, model.remove_extra_whitespaces}, DecodeByteFallback{}});
  parts.tokens = std::move(tokens);
  return parts;
}

Tokenizer::Impl::Parts read_sentencepiece(std::string_view bytes) {
  return within("SentencePiece model",
                [&] { return sentencepiece_parts(read_sentencepiece_model(bytes)); });
}

Tokenizer Tokenizer::from_sentencepiece(std::span<const std::byte> model) {
  const std::string_view bytes(reinterpret_cast<const char*>(model.data()), model.size());
  return Tokenizer(std::make_shared<const Impl>(read_sentencepiece(bytes)));
}

}  // namespace loquor
