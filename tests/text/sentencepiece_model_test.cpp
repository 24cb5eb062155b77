// Hostile and unsupported .model files, and what from_sentencepiece makes of a good one.
#include "base/random.h"
#include "loquor/error.hpp"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

Tokenizer load(std::string_view bytes) {
  return Tokenizer::from_sentencepiece(std::as_bytes(std::span(bytes)));
}

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7F));
  return out + static_cast<char>(value);
}

std::string message(int field, std::string_view bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) +
         std::string(bytes);
}

std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}

std::string piece(std::string_view name, int type,
                  std::string_view score = std::string_view("\0\0\0\0", 4)) {
  return message(1, message(1, name) + "\x15" + std::string(score) +
                        number(3, static_cast<std::uint64_t>(type)));
}

const std::string kBpe = message(2, number(3, 2));
const std::string kPlain = message(3, number(3, 0) + number(4, 0));  // no dummy prefix, spaces kept

void check_refused(Code code, const std::string& line, const std::string& bytes) {
  CAPTURE(line);
  try {
    load(bytes);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == "SentencePiece model: " + line);
  }
}

}  // namespace

TEST_CASE("a model of pieces, scores and types encodes by the best score") {
  const std::string low("\0\0\x80\xBF", 4), high("\0\0\0\xBF", 4);  // -1 and -0.5
  const Tokenizer tokenizer =
      load(piece("<unk>", 2) + piece("<s>", 3) + piece("a", 1) + piece("b", 1) +
           piece("ab", 1, low) + piece("ba", 1, high) + kBpe + kPlain);
  CHECK(tokenizer.encode("abab", {false, false}) == Ids{2, 5, 3});
  CHECK(tokenizer.encode("abab") == Ids{1, 2, 5, 3});
  CHECK(tokenizer.encode("xya", {false, false}) == Ids{0, 2});
  CHECK(tokenizer.encode("<s>", {false, false}) == Ids{0});
  CHECK(tokenizer.encode("<s>", {false, true}) == Ids{1});
  CHECK(tokenizer.bos_token_id() == 1);
  CHECK(!tokenizer.eos_token_id());
  CHECK(tokenizer.unk_token_id() == 0);
  CHECK(tokenizer.is_special(1));
}

TEST_CASE("a unigram model encodes by the best sum, user-defined pieces first, unused ones never") {
  const std::string low("\0\0\x80\xBF", 4), lower("\0\0\x40\xC0", 4);  // -1 and -3
  const std::string unigram = message(2, number(3, 1));
  const Tokenizer tokenizer =
      load(piece("<unk>", 2) + piece("<s>", 3) + piece("a", 1, low) + piece("b", 1, low) +
           piece("ab", 1, lower) + piece("ba", 5) + piece("bb", 4) + unigram + kPlain);
  CHECK(tokenizer.encode("ab", {false, false}) == Ids{2, 3});  // -2 is better than -3
  CHECK(tokenizer.encode("ba", {false, false}) == Ids{3, 2});
  CHECK(tokenizer.encode("abb", {false, false}) == Ids{2, 6});
  CHECK(tokenizer.encode("xya", {false, false}) == Ids{0, 2});
  CHECK(tokenizer.encode("<s>a", {false, false}) == Ids{0, 2});
  CHECK(tokenizer.encode("a") == Ids{1, 2});
}

TEST_CASE("an unused piece takes part in merging and comes apart at the end") {
  const Tokenizer tokenizer = load(piece("<unk>", 2) + piece("a", 1) + piece("b", 1) +
                                   piece("ab", 5) + piece("abab", 1) + kBpe + kPlain);
  CHECK(tokenizer.encode("ab", {false, false}) == Ids{1, 2});
  CHECK(tokenizer.encode("abab", {false, false}) == Ids{4});
}

TEST_CASE("a long unused piece comes apart without recursion") {
  std::string pieces = piece("<unk>", 2) + piece("a", 1);
  std::string name = "a";
  for (int i = 0; i < 14; ++i) {
    name += name;
    pieces += piece(name, 5);
  }
  const Tokenizer tokenizer = load(pieces + kBpe + kPlain);
  CHECK(tokenizer.encode(name, {false, false}) == Ids(name.size(), 1));
}

TEST_CASE("models that are malformed or not supported are refused in one line") {
  using enum Code;
  const std::string unk = piece("<unk>", 2);
  check_refused(invalid_file, "the model has no pieces", "");
  check_refused(unsupported, "model_type word is not supported; known: BPE, unigram",
                unk + message(2, number(3, 3)));
  check_refused(invalid_file, "trainer_spec.model_type is 9, expected 1 to 4",
                unk + message(2, number(3, 9)));
  check_refused(unsupported, "treat_whitespace_as_suffix is not supported",
                unk + message(2, number(3, 2) + number(24, 1)));
  check_refused(unsupported, "a denormalizer is not supported",
                unk + kBpe + message(5, message(2, "x")));
  check_refused(invalid_file, "there are 0 unknown pieces, expected 1", piece("a", 1) + kBpe);
  check_refused(invalid_file, "there are 2 unknown pieces, expected 1",
                unk + piece("<u>", 2) + kBpe);
  check_refused(invalid_file, "token 'a' is there twice, as ids 1 and 2",
                unk + piece("a", 1) + piece("a", 1) + kBpe);
  check_refused(invalid_file, "a piece is empty", unk + piece("", 1) + kBpe);
  check_refused(invalid_file, "piece '\\xff' is not valid UTF-8", unk + piece("\xFF", 1) + kBpe);
  check_refused(invalid_file, "piece 'a' has type 7, expected 1 to 6", unk + piece("a", 7) + kBpe);
  check_refused(invalid_file, "the score of token 'a' is not a number",
                unk + piece("a", 1, std::string_view("\0\0\xC0\x7F", 4)) + kBpe);
  check_refused(invalid_file,
                "the byte piece '<0x00>' is there, but trainer_spec.byte_fallback is false",
                unk + piece("<0x00>", 6) + kBpe);
  check_refused(invalid_file, "the vocabulary has byte tokens, but none for byte 1",
                unk + piece("<0x00>", 6) + message(2, number(3, 2) + number(35, 1)));
  check_refused(invalid_file, "the model: field 1 asks for 100 bytes where 1 are left",
                "\x0A\x64x");
  check_refused(invalid_file, "the model: field 1 has the wire type 3", "\x0B");
  check_refused(invalid_file, "the model: field 1 has the wire type 0, expected 2", number(1, 5));
  check_refused(invalid_file, "piece: field 2 has the wire type 0, expected 5",
                message(1, number(2, 5)));
  check_refused(invalid_file, "the model: a number takes more than ten bytes",
                std::string(11, '\xFF'));
  check_refused(invalid_file, "precompiled_charsmap of 3 bytes declares a trie of 0 bytes",
                unk + kBpe + message(3, message(2, "abc")));
  check_refused(invalid_file, "the replacements of precompiled_charsmap do not end with a NUL",
                unk + kBpe + message(3, message(2, std::string("\4\0\0\0abcdef", 10))));
}

TEST_CASE("fields that are not known are passed over") {
  const Tokenizer tokenizer =
      load(piece("<unk>", 2) + number(99, 7) + message(200, "xyz") + kBpe + kPlain);
  CHECK(tokenizer.vocabulary_size() == 1);
}

TEST_CASE("truncated and garbled models load or are refused, and what loads encodes") {
  const std::string good = read_text(golden("../text/mapped.model"));
  const auto attempt = [](const std::string& bytes) {
    try {
      const Tokenizer tokenizer = load(bytes);
      const Ids ids = tokenizer.encode("Some text\u3000\uFB01 ab <sep> 123\u2460 tool...");
      tokenizer.decode(ids);
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  CHECK(attempt(good));
  int loaded = 0;
  for (std::size_t size = 0; size < good.size(); size += 7) loaded += attempt(good.substr(0, size));
  for (std::uint64_t step = 0; step < 3000; ++step) {
    std::string bytes = good;
    for (std::uint64_t change = 0; change <= step % 3; ++change) {
      const auto at =
          static_cast<std::size_t>(uniform(1, change, step) * static_cast<double>(bytes.size()));
      bytes[at] = static_cast<char>(static_cast<int>(uniform(2, change, step) * 256));
    }
    loaded += attempt(bytes);
  }
  CHECK(loaded > 0);
}

TEST_CASE("a map of characters that loops or points astray does no harm") {
  // Units that lead every byte back into the array, with leaves whose values lie outside the
  // replacements.
  for (const std::uint32_t unit :
       {0x00000061u, 0x00000161u, 0x00000461u, 0x00000561u, 0xFFFFFFFFu, 0x80000100u}) {
    std::string blob("\0\4\0\0", 4);
    for (int i = 0; i < 256; ++i) {
      for (int shift = 0; shift < 32; shift += 8) blob += static_cast<char>(unit >> shift & 0xFF);
    }
    blob += std::string("x\0", 2);
    const Tokenizer tokenizer = load(piece("<unk>", 2) + piece("a", 1) + piece("x", 1) + kBpe +
                                     message(3, message(2, blob)));
    CHECK_NOTHROW(tokenizer.encode(std::string(20000, 'a')));
  }
}
