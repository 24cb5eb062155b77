// Byte-level BPE from vocab.json and merges.txt, as the tokenizer classes of GPT-2, RoBERTa, BART
// and Qwen2 read it.
#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "text/bpe.h"
#include "text/class_tokens.h"
#include "text/special_roles.h"
#include "text/vocab_json.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;

struct ByteLevelClass {
  std::string_view name;
  RoleNames roles;
  Scanner scanner = scan_gpt2;
  bool normalize = false;  // to Unicode's form C
  bool around = false;     // special tokens as RoBERTa's, else as add_bos_token and so on say
};

constexpr std::string_view kEndOfText = "<|endoftext|>";
constexpr ByteLevelClass kByteLevelClasses[] = {
    {.name = "BartTokenizer", .roles = kFairseqRoles, .around = true},
    {.name = "GPT2Tokenizer", .roles = {.bos = kEndOfText, .eos = kEndOfText, .unk = kEndOfText}},
    {.name = "Qwen2Tokenizer",
     .roles = {.eos = kEndOfText, .unk = kEndOfText, .pad = kEndOfText},
     .scanner = scan_qwen2,
     .normalize = true},
    {.name = "RobertaTokenizer", .roles = kFairseqRoles, .around = true}};

const ByteLevelClass& find_byte_level_class(std::string_view name) {
  std::string known;
  for (const ByteLevelClass& entry : kByteLevelClasses) {
    if (entry.name == name) return entry;
    known += text(known.empty() ? "" : ", ", entry.name);
  }
  fail(Code::unsupported, "tokenizer_class ", quoted(name),
       " with a vocab.json and a merges.txt is not supported; known: ", known);
}

// A merge a line, "left right", in order of rank; "#version" stands in front.
MergeTable read_merges_txt(std::string_view merges_txt, const TokenTable& tokens) {
  require_utf8(merges_txt, "the file");
  MergeReader merges(tokens, tokens.count());
  for (std::size_t begin = 0; begin < merges_txt.size();) {
    const std::size_t end = std::min(merges_txt.find('\n', begin), merges_txt.size());
    std::string_view line = merges_txt.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("#version") && !line.empty()) merges.add(line);
    begin = end + 1;
  }
  return merges.finish();
}

void set_post_processor(const ByteLevelClass& kind, const Json& config, bool prefix_space,
                        Parts& parts) {
  PostProcessor& post = parts.post_processor;
  if (kind.around) {
    if (!parts.cls || !parts.sep)
      fail(Code::invalid_file, "there is no cls_token, or no sep_token");
    post = PostProcessor::roberta({*parts.cls}, {*parts.sep});
    post.trim_offsets = flag_of(config, "trim_offsets").value_or(true);
    post.keep_first_space = post.trim_offsets && prefix_space;
    return;
  }
  std::vector<std::int32_t> prefix, suffix;
  if (parts.bos && flag_of(config, "add_bos_token").value_or(false)) prefix.push_back(*parts.bos);
  if (parts.eos && flag_of(config, "add_eos_token").value_or(false)) suffix.push_back(*parts.eos);
  post = PostProcessor::around(prefix, suffix);
}

}  // namespace

Tokenizer tokenizer_from_vocab_and_merges(std::string_view vocab_json, std::string_view merges_txt,
                                          std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  const ByteLevelClass& kind = find_byte_level_class(tokenizer_class(config));
  const auto tokens = std::make_shared<TokenTable>(read_vocab_json(vocab_json));
  tokens->end_model();
  Parts parts;
  MergeTable merges = within("merges.txt", [&] { return read_merges_txt(merges_txt, *tokens); });
  parts.model = std::make_unique<Bpe>(tokens, std::move(merges), BpeOptions{});
  const bool prefix_space = flag_of(config, "add_prefix_space").value_or(false);
  if (kind.normalize) parts.normalizers.emplace_back(NormalForm{true, false});
  if (kind.scanner != scan_gpt2) parts.pre_tokenizers.emplace_back(SplitByPattern{kind.scanner});
  parts.pre_tokenizers.emplace_back(ByteLevel{prefix_space, kind.scanner == scan_gpt2});
  parts.decoder = Decoder({DecodeByteLevel{}});
  add_class_tokens(config, kind.roles, *tokens, parts);
  set_post_processor(kind, config, prefix_space, parts);
  parts.tokens = tokens;
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(parts)));
}

}  // namespace loquor
