// Texts that would take quadratic time if a tokenizer let them: one word of a megabyte, runs of one
// character, runs of marks.
#include <algorithm>
#include <ctime>

#include "loquor/error.hpp"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

// Of the processor, which other programs may share.
double seconds(const Tokenizer& tokenizer, std::string_view part, std::size_t size) {
  std::string text;
  while (text.size() < size) text += part;
  const std::clock_t start = std::clock();
  const std::size_t count = tokenizer.encode_with_offsets(text).ids.size();
  CHECK(count <= 2 * text.size() + 4);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("a text of one word, one character or one mark takes time in proportion to its length") {
  for (const char* name : {"tokenizer_bert/tokenizer.json", "tokenizer_t5/tokenizer.json",
                           "tokenizer_albert/tokenizer.json", "tokenizer_marian/tokenizer.json",
                           "tokenizer_xlnet/tokenizer.json", "tokenizer_unigram/tokenizer.model",
                           "tokenizer_bert/vocab.txt"}) {
    const Tokenizer tokenizer = load_tokenizer(golden(name));
    for (const char* part : {"a", "the", " ", "\u2581", "\u0301", "a\u0301", "\u4F60", "<",
                             "[MASK]", "\u0600", "\u1100", "\U0001F1E6"}) {
      CAPTURE(name);
      CAPTURE(part);
      // Quadratic work would take 64 times as long for 8 times the text; the floor keeps clock
      // noise out.
      const double small = seconds(tokenizer, part, 1 << 14);
      CHECK(seconds(tokenizer, part, 1 << 17) < 30 * std::max(small, 0.02));
    }
  }
}

TEST_CASE("a character map that lies about its trie is refused or does no harm") {
  const Json file = Json::parse(read_text(golden("tokenizer_marian/tokenizer.json")));
  const std::string map =
      file.at("normalizer").at("normalizers").as_array()[0].at("precompiled_charsmap").as_string();
  const Json expected = Json::parse(read_text(golden("tokenizer_marian/expected.json")));
  const auto load = [&](const std::string& changed) {
    Json copy = file;
    copy["normalizer"]["normalizers"].as_array()[0]["precompiled_charsmap"] = changed;
    return Tokenizer::from_json(copy.dump());
  };
  for (std::size_t at = 0; at < map.size(); at += 5) {
    std::string changed = map;
    changed[at] = changed[at] == 'f' ? 'A' : 'f';
    CAPTURE(at);
    try {
      const Tokenizer tokenizer = load(changed);
      for (const Json& json : expected.at("cases").as_array())
        tokenizer.encode(json.at("text").as_string());
    } catch (const Error& error) {
      CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
    }
  }
  CHECK_THROWS_AS(load("AAA"), Error);
  CHECK_THROWS_AS(load("/////w=="), Error);
  CHECK_THROWS_AS(load(map.substr(0, map.size() / 8 * 4)), Error);
}
