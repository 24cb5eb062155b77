// all-MiniLM-L6-v2 against transformers on STS-B's dev pairs: tests/golden/make_minilm.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/bytes.h"
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

void check(const std::string& path, const Pairs& pairs, const std::string& compute_type,
           double least_cosine, double most_difference) {
  CAPTURE(compute_type);
  const Model model(path, {.compute_type = compute_type});
  const Checkpoint expected = read_safetensors(tests::golden("minilm") / "expected.safetensors");
  const Json figures = Json::parse(read_text(tests::golden("minilm") / "expected.json"));
  const Matrix found = model.embed(pairs.texts);
  REQUIRE(found.columns == 384);
  const std::vector<float> rows = to_floats(expected.at("embeddings"));
  for (std::int64_t i = 0; i < std::ssize(rows) / 384; ++i) {
    const auto row = std::span(rows).subspan(static_cast<std::size_t>(i) * 384, 384);
    CHECK(cosine(found.row(i), row) >= least_cosine);
  }
  const std::vector<float> wanted = to_floats(expected.at("similarities"));
  REQUIRE(2 * std::ssize(wanted) == found.rows);
  std::vector<double> similarities;
  double most = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto row = static_cast<std::int64_t>(2 * i);
    similarities.push_back(cosine(found.row(row), found.row(row + 1)));
    most = std::max(most, std::abs(similarities.back() - static_cast<double>(wanted[i])));
  }
  CHECK(most < most_difference);
  const double spearman = correlation(ranks(similarities), ranks(pairs.gold));
  CHECK(std::abs(spearman - figures.at("spearman").as_number()) < 0.0005);
  MESSAGE(compute_type, ": similarities differ by at most ", most, ", Spearman ", spearman);
}

TEST_CASE("all-MiniLM-L6-v2's embeddings of STS-B are transformers'") {
  const std::string path = tests::embedding_model();
  const auto table = tests::shared_data("text/stsb/stsb-en-dev.csv");
  if (path.empty()) return tests::skipped("all-MiniLM-L6-v2 is not in the cache");
  if (table.empty()) return tests::skipped("shared test data: text/stsb");
  const Pairs pairs = read_pairs(table);
  check(path, pairs, "f32", 0.99999, 2e-5);
  check(path, pairs, "bf16", 0.9995, 0.02);
}

}  // namespace
}  // namespace loquor
