// tokenizer.model of Llama, Mistral, Gemma and ChatGLM: SentencePiece's own steps, and what
// tokenizer_config.json says beside them. https://github.com/huggingface/transformers/pull/24565
// has what "legacy" means.
#include <algorithm>

#include "base/error.h"
#include "text/class_tokens.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/space_mark.h"
#include "text/special_roles.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;

struct ModelClass {
  std::string_view name;
  RoleNames roles{};     // the model's own, where empty
  bool llama = false;    // has add_prefix_space and legacy
  bool chatglm = false;  // has tokens of its own behind the pieces, two of them in front of texts
};

constexpr ModelClass kModelClasses[] = {
    {.name = ""},
    {.name = "ChatGLMTokenizer", .chatglm = true},
    {.name = "GemmaTokenizer",
     .roles = {.bos = "<bos>", .eos = "<eos>", .unk = "<unk>", .pad = "<pad>", .mask = "<mask>"}},
    {.name = "LlamaTokenizer",
     .roles = {.bos = "<s>", .eos = "</s>", .unk = "<unk>"},
     .llama = true}};

const ModelClass& find_model_class(std::string_view name) {
  const auto found = std::ranges::find(kModelClasses, name, &ModelClass::name);
  if (found != std::end(kModelClasses)) return *found;
  fail(Code::unsupported, "tokenizer_class ", quoted(name),
       " with a tokenizer.model is not supported; known: ChatGLMTokenizer, GemmaTokenizer, "
       "LlamaTokenizer");
}

// The names of all pieces, then those of further tokens, which go to `parts`.
std::shared_ptr<TokenTable> add_tokens(const SentencePieceModel& model, const ModelClass& kind,
                                       const Json& config, Parts& parts) {
  auto tokens = std::make_shared<TokenTable>();
  for (const auto& [name, piece] : model.pieces) tokens->add(tokens->size(), name);
  if (kind.chatglm) {
    for (const char* name : {"[MASK]", "[gMASK]", "[sMASK]", "sop", "eop", "<|system|>", "<|user|>",
                             "<|assistant|>", "<|observation|>"}) {
      make_special(tokens->size(), name, parts.added);
      tokens->add(tokens->size(), name);
    }
  }
  add_class_tokens(config, kind.roles, *tokens, parts);
  return tokens;
}

// Pieces that the config makes special come of their names only where those may be found.
void reserve(const std::vector<AddedToken>& added, SentencePieceModel& model) {
  for (const AddedToken& token : added) {
    const auto id = static_cast<std::size_t>(token.id);
    if (!token.special || id >= model.pieces.size()) continue;
    PieceType& type = model.pieces[id].piece.type;
    if (type == PieceType::normal || type == PieceType::user_defined) type = PieceType::control;
  }
}

// The space in front of a text: of each stretch between special tokens, or (legacy false) of the
// first only, and there not in front of another.
void set_prefix(const Json& config, Parts& parts) {
  auto& normalizer = std::get<SentencePieceNormalizer>(parts.normalizers.front());
  const bool prefix = flag_of(config, "add_prefix_space").value_or(normalizer.add_dummy_prefix);
  const bool legacy = flag_of(config, "legacy").value_or(true);
  normalizer.add_dummy_prefix = prefix && legacy;
  if (prefix && !legacy) {
    parts.pre_tokenizers.emplace_back(
        Metaspace{std::string(kSpaceMark), Metaspace::Prepend::first, false});
  }
  const bool drop = prefix || normalizer.remove_extra_whitespaces;
  parts.decoder = Decoder(
      {DecodeSentencePiece{drop, normalizer.remove_extra_whitespaces}, DecodeByteFallback{}});
}

void set_roles(const ModelClass& kind, Parts& from, Parts& to) {
  to.sep = from.sep;
  to.cls = from.cls;
  to.mask = from.mask;
  if (from.pad) to.pad = from.pad;
  if (!kind.roles.bos.empty() || from.bos) to.bos = from.bos;
  if (!kind.roles.eos.empty() || from.eos) to.eos = from.eos;
  for (AddedToken& token : to.added) {
    const auto listed = std::ranges::find(from.added, token.id, &AddedToken::id);
    if (listed == from.added.end()) from.added.push_back(std::move(token));
  }
  to.added = std::move(from.added);
}

void set_post_processor(const ModelClass& kind, const Json& config, Parts& parts) {
  std::vector<std::int32_t> prefix, suffix;
  if (kind.chatglm) {
    using Kind = TemplatePart::Kind;
    const TemplatePart front{
        Kind::special, 0, {*parts.tokens->find("[gMASK]"), *parts.tokens->find("sop")}};
    parts.post_processor.single = {front, {Kind::first, 0, {}}};
    parts.post_processor.pair = {front, {Kind::first, 0, {}}, {Kind::second, 0, {}}};
    if (parts.eos) parts.post_processor.pair.push_back({Kind::special, 0, {*parts.eos}});
    return;
  }
  if (parts.bos && flag_of(config, "add_bos_token").value_or(true)) prefix.push_back(*parts.bos);
  if (parts.eos && flag_of(config, "add_eos_token").value_or(false)) suffix.push_back(*parts.eos);
  parts.post_processor = PostProcessor::around(prefix, suffix);
}

}  // namespace

Tokenizer tokenizer_from_tokenizer_model(std::string_view model_bytes,
                                         std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  const ModelClass& kind = find_model_class(tokenizer_class(config));
  SentencePieceModel model =
      within("SentencePiece model", [&] { return read_sentencepiece_model(model_bytes); });
  Parts of_class;
  auto tokens = add_tokens(model, kind, config, of_class);
  reserve(of_class.added, model);
  Parts parts = within("SentencePiece model", [&] { return sentencepiece_parts(model); });
  parts.tokens = std::move(tokens);
  if (kind.llama) set_prefix(config, parts);
  set_roles(kind, of_class, parts);
  set_post_processor(kind, config, parts);
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(parts)));
}

}  // namespace loquor
