// all-MiniLM-L6-v2 against transformers on STS-B's dev pairs: tests/golden/make_minilm.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/json.h"
#include "data.h"
#include "io/safetensors.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

// A text that may hold commas stands in quotation marks, which are doubled within.
std::vector<std::string> fields(std::string_view line) {
  std::vector<std::string> list(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      list.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      list.emplace_back();
    } else if (line[i] != '\r') {
      list.back() += line[i];
    }
  }
  return list;
}

struct Pairs {
  std::vector<Input> texts;  // both of a pair, one after the other
  std::vector<double> gold;
};

Pairs read_pairs(const std::filesystem::path& path) {
  Pairs pairs;
  const std::string all = read_text(path);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    const auto row = fields(std::string_view(all).substr(at, end - at));
    at = end + 1;
    pairs.texts.insert(pairs.texts.end(), {row.at(0), row.at(1)});
    pairs.gold.push_back(std::stod(row.at(2)));
  }
  return pairs;
}

// Equal values have the mean of their ranks.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i)
      result[order[i]] = static_cast<double>(begin + end - 1) / 2;
    begin = end;
  }
  return result;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto mean = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i] - mean(a), y = b[i] - mean(b);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return ab / std::sqrt(aa * bb);
}

// What make_minilm.py tells of transformers' embeddings, and what follows from it.
class Rounded {
 public:
  explicit Rounded(const Checkpoint& file)
      : parities_(file.at("parities").bytes.view()), hashes_(file.at("hashes").bytes.view()) {}

  /// transformers' embedding of a text, rounded to whole steps, from one that is near it; nothing
  /// where that one is not near, as then the hash is another (but for one in 2^64).
  std::optional<std::vector<float>> near(std::span<const float> found, std::size_t text) const {
    std::vector<float> rounded;
    std::string bytes;
    for (std::size_t c = 0; c < found.size(); ++c) {
      const auto byte = static_cast<unsigned char>(parities_[(text * found.size() + c) / 8]);
      const int parity = (byte >> (c % 8)) & 1;
      const double half = (static_cast<double>(found[c]) / kStep - parity) / 2;
      const auto n = static_cast<std::int16_t>(2 * std::lround(half) + parity);
      rounded.push_back(static_cast<float>(n * kStep));
      bytes += {static_cast<char>(n & 0xff), static_cast<char>(n >> 8)};
    }
    std::uint64_t hash = hash_bytes(bytes);
    for (const char byte : hashes_.substr(text * 8, 8)) {
      if (static_cast<unsigned char>(byte) != (hash & 0xff)) return {};
      hash >>= 8;
    }
    return rounded;
  }

  /// The angle between an embedding, which is of length 1, and what it is rounded to, at most: half
  /// a step in each of `width` directions.
  static double angle(std::int64_t width) {
    return std::asin(kStep / 2 * std::sqrt(static_cast<double>(width)));
  }

 private:
  static constexpr double kStep = 0x1p-14;
  std::string_view parities_, hashes_;
};

struct Expected {
  Checkpoint file = read_safetensors(tests::golden("minilm") / "expected.safetensors");
  Rounded embeddings{file};
  std::vector<float> similarities = to_floats(file.at("similarities"));
  double spearman =
      Json::parse(read_text(tests::golden("minilm") / "expected.json")).at("spearman").as_number();
};

Matrix embed(const std::string& path, const std::string& compute_type, const Pairs& pairs) {
  return Model(path, {.compute_type = compute_type}).embed(pairs.texts);
}

// The least cosine of an embedding with transformers' that is possible. Angles add up at most: from
// ours to the rounded one, which `near`, our embeddings in f32, prove, and from that to
// transformers'.
double least_cosine(const Rounded& expected, const Matrix& near, const Matrix& found) {
  double least = 1;
  for (std::int64_t i = 0; i < found.rows; ++i) {
    CAPTURE(i);
    const auto rounded = expected.near(near.row(i), static_cast<std::size_t>(i));
    REQUIRE(rounded);
    const double ours = std::acos(std::min(1.0, cosine(found.row(i), *rounded)));
    least = std::min(least, std::cos(ours + Rounded::angle(found.columns)));
  }
  return least;
}

void check_similarities(const Expected& expected, const Pairs& pairs, const Matrix& found,
                        double most_difference) {
  REQUIRE(2 * std::ssize(expected.similarities) == found.rows);
  std::vector<double> similarities;
  double most = 0;
  for (std::size_t i = 0; i < expected.similarities.size(); ++i) {
    const auto row = static_cast<std::int64_t>(2 * i);
    similarities.push_back(cosine(found.row(row), found.row(row + 1)));
    most = std::max(most,
                    std::abs(similarities.back() - static_cast<double>(expected.similarities[i])));
  }
  CHECK(most < most_difference);
  const double spearman = correlation(ranks(similarities), ranks(pairs.gold));
  CHECK(std::abs(spearman - expected.spearman) < 0.0005);
  MESSAGE("similarities differ by at most ", most, ", Spearman ", spearman);
}

TEST_CASE("all-MiniLM-L6-v2's embeddings of STS-B are transformers'") {
  const std::string path = tests::embedding_model();
  const auto table = tests::shared_data("text/stsb/stsb-en-dev.csv");
  if (path.empty()) return tests::skipped("all-MiniLM-L6-v2 is not in the cache");
  if (table.empty()) return tests::skipped("shared test data: text/stsb");
  const Pairs pairs = read_pairs(table);
  const Expected expected;
  const Matrix exact = embed(path, "f32", pairs), coarse = embed(path, "bf16", pairs);
  REQUIRE(exact.rows == 3000);
  REQUIRE(exact.columns == 384);
  std::vector<float> other(exact.row(0).begin(), exact.row(0).end());
  other[7] += 0.0002F;
  CHECK_FALSE(expected.embeddings.near(other, 0));
  const double of_exact = least_cosine(expected.embeddings, exact, exact),
               of_coarse = least_cosine(expected.embeddings, exact, coarse);
  CHECK(of_exact >= 0.99999);
  CHECK(of_coarse >= 0.9995);
  MESSAGE("1 - cosine is at most ", 1 - of_exact, " in f32 and ", 1 - of_coarse, " in bf16");
  check_similarities(expected, pairs, exact, 2e-5);
  check_similarities(expected, pairs, coarse, 0.02);
}

}  // namespace
}  // namespace loquor
