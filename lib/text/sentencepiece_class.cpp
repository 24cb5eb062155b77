// The classes' own files of transformers 5 say the same, class by class. Where those depart from
// what published models were made with, this follows 4.57.1: docs/tokenizers.md.
#include "text/sentencepiece_class.h"

#include "base/error.h"

namespace loquor {
namespace {

using Steps = SentencePieceClass::Steps;
using Around = SentencePieceClass::Around;
using Type = SentencePieceModel::Type;

constexpr std::string_view kFairseqFront = "<s> <pad> </s> <unk>";
constexpr RoleNames kT5Roles{.eos = "</s>", .unk = "<unk>", .pad = "<pad>"};

constexpr SentencePieceClass kSentencePieceClasses[] = {
    {.name = "AlbertTokenizer",
     .roles = {.bos = "[CLS]",
               .eos = "[SEP]",
               .unk = "<unk>",
               .sep = "[SEP]",
               .pad = "<pad>",
               .cls = "[CLS]",
               .mask = "[MASK]",
               .mask_takes_space = true},
     .steps = Steps::albert,
     .do_lower_case = true,
     .prefix_option = true,
     .around = Around::bert},
    {.name = "CamembertTokenizer",  // the model's own <unk> keeps an id that is never given
     .roles = kFairseqRoles,
     .front = "<s>NOTUSED <pad> </s>NOTUSED <unk> <unk>NOTUSED",
     .replaced = 1,
     .front_score = -100,
     .has_mask_behind = true,
     .prefix_option = true,
     .around = Around::roberta},
    {.name = "MBartTokenizer",
     .roles = kFairseqRoles,
     .front = kFairseqFront,
     .replaced = 3,
     .has_mask_behind = true,
     .around = Around::language},
    {.name = "MBart50Tokenizer",
     .roles = kFairseqRoles,
     .front = kFairseqFront,
     .replaced = 3,
     .has_mask_behind = true,
     .steps = Steps::map_then_spaces,
     .split_white_space = false,
     .around = Around::language},
    {.name = "MT5Tokenizer", .roles = kT5Roles},
    {.name = "NllbTokenizer",
     .roles = kFairseqRoles,
     .type = Type::bpe,
     .front = kFairseqFront,
     .replaced = 3,
     .has_mask_behind = true,
     .steps = Steps::map_then_spaces,
     .split_white_space = false,
     .around = Around::language},
    {.name = "PegasusTokenizer",
     .roles = {.eos = "</s>", .unk = "<unk>", .pad = "<pad>", .mask = "<mask_2>"},
     .front = "<pad> </s> <mask_1> <mask_2>",
     .replaced = 2,
     .front_score = -100,
     .steps = Steps::map_then_spaces,
     .split_white_space = false,
     .around = Around::end},
    {.name = "T5Tokenizer", .roles = kT5Roles},
    {.name = "XLMRobertaTokenizer",
     .roles = kFairseqRoles,
     .front = kFairseqFront,
     .replaced = 3,
     .has_mask_behind = true,
     .prefix_option = true,
     .around = Around::roberta},
    {.name = "XLNetTokenizer",
     .roles = {.bos = "<s>",
               .eos = "</s>",
               .unk = "<unk>",
               .sep = "<sep>",
               .pad = "<pad>",
               .cls = "<cls>",
               .mask = "<mask>",
               .mask_takes_space = true},
     .steps = Steps::albert,
     .around = Around::xlnet},
};

}  // namespace

const SentencePieceClass& find_sentencepiece_class(std::string_view name) {
  std::string known;
  for (const SentencePieceClass& entry : kSentencePieceClasses) {
    if (entry.name == name) return entry;
    known += text(known.empty() ? "" : ", ", entry.name);
  }
  fail(Code::unsupported, "tokenizer_class ", quoted(name),
       " with a SentencePiece model is not supported; known: ", known);
}

}  // namespace loquor
