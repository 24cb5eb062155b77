// Beam sampling's distribution, against every way it can go.
#include "decode/generation/beam_search.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>

namespace loquor {
namespace {

constexpr std::size_t kVocabulary = 6;
using Row = std::vector<float>;
using Two = std::pair<std::int32_t, std::int32_t>;

// Log-probabilities of the first id, and of the second after each first one.
Row first_row() { return {-0.7f, -1.4f, -2.1f, -2.6f, -3.0f, -3.4f}; }
Row second_row(std::int32_t first) {
  Row row;
  for (std::size_t id = 0; id < kVocabulary; ++id)
    row.push_back(-0.4f * static_cast<float>((id * 5 + static_cast<std::size_t>(first) * 3) % 7) -
                  0.3f);
  return row;
}

struct Scored {
  std::vector<std::int32_t> ids;
  double score;
};

// Calls visit(chosen, probability) for each ordered way to draw `count` of the list without
// replacement.
template <class Visit>
void every_draw(const std::vector<Scored>& list, std::size_t count, Visit&& visit,
                std::vector<std::size_t> chosen = {}, double probability = 1) {
  if (chosen.size() == count) return visit(chosen, probability);
  double sum = 0;
  const auto is_free = [&](std::size_t i) {
    return std::find(chosen.begin(), chosen.end(), i) == chosen.end();
  };
  for (std::size_t i = 0; i < list.size(); ++i) sum += is_free(i) ? std::exp(list[i].score) : 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!is_free(i)) continue;
    auto more = chosen;
    more.push_back(i);
    every_draw(list, count, visit, more, probability * std::exp(list[i].score) / sum);
  }
}

// How likely each pair of ids is the best of two beams that may be two ids long: 4 of 6 are drawn
// first, the best two go on; of the two that are drawn first then, the better is the result.
std::map<Two, double> expected_results() {
  std::vector<Scored> firsts;
  for (std::int32_t id = 0; id < static_cast<std::int32_t>(kVocabulary); ++id)
    firsts.push_back({{id}, static_cast<double>(first_row()[static_cast<std::size_t>(id)])});
  std::map<std::vector<std::int32_t>, double> running;  // the two beams after one step
  every_draw(firsts, 4, [&](const std::vector<std::size_t>& drawn, double probability) {
    std::vector<std::size_t> best = drawn;
    std::sort(best.begin(), best.end(),
              [&](auto a, auto b) { return firsts[a].score > firsts[b].score; });
    running[{firsts[best[0]].ids[0], firsts[best[1]].ids[0]}] += probability;
  });
  std::map<Two, double> results;
  for (const auto& [beams, likely] : running) {
    std::vector<Scored> seconds;
    for (const std::int32_t beam : beams) {
      const Row row = second_row(beam);
      for (std::size_t id = 0; id < kVocabulary; ++id)
        seconds.push_back(
            {{beam, static_cast<std::int32_t>(id)},
             static_cast<double>(first_row()[static_cast<std::size_t>(beam)] + row[id])});
    }
    every_draw(seconds, 2, [&, p = likely](const std::vector<std::size_t>& drawn, double q) {
      const Scored& a = seconds[drawn[0]];
      const Scored& b = seconds[drawn[1]];
      const Scored& best = a.score >= b.score ? a : b;
      results[{best.ids[0], best.ids[1]}] += p * q;
    });
  }
  return results;
}

Two sampled_result(std::uint64_t seed) {
  const GenerateOptions options{.do_sample = true, .num_beams = 2, .seed = seed};
  Sampler::Impl sampler(options);
  BeamSearch search(options, 2);
  for (std::uint64_t step = 0; step < 2; ++step) {
    std::vector<Row> rows;
    for (const Beam& beam : search.running())
      rows.push_back(step == 0 ? first_row() : second_row(beam.ids[0]));
    std::vector<Extension> drawn = search.drawn(rows, sampler, step);
    REQUIRE(drawn.size() == 4);
    if (step == 1) {
      for (Extension& extension : drawn) extension.ended = FinishReason::length;
    }
    search.advance(drawn);
    CHECK(search.over() == (step == 1));
  }
  const auto& ids = search.finished().front().ids;
  return {ids[0], ids[1]};
}

TEST_CASE("beam sampling gives each result as often as all ways to draw it say") {
  const std::map<Two, double> expected = expected_results();
  std::map<Two, int> counts;
  const int runs = 20000;
  for (int i = 0; i < runs; ++i) ++counts[sampled_result(static_cast<std::uint64_t>(i))];
  double sum = 0;
  for (const auto& [two, probability] : expected) {
    const Two ids = two;
    CAPTURE(ids.first);
    CAPTURE(ids.second);
    sum += probability;
    const double spread = std::sqrt(runs * probability * (1 - probability));
    CHECK(std::abs(counts[ids] - runs * probability) < 5 * spread + 1);
  }
  CHECK(sum == doctest::Approx(1));
}

TEST_CASE("extensions that are excluded in every beam leave fewer, and none end the search") {
  const float no = -std::numeric_limits<float>::infinity();
  const GenerateOptions options{.num_beams = 3};
  BeamSearch search(options, 9);
  const auto two = search.likeliest(std::vector<Row>(3, Row{-1, no, -2, no}));
  REQUIRE(two.size() == 6);  // the spare beams' are the last
  CHECK(two[0].id == 0);
  CHECK(two[1].id == 2);
  CHECK(two[2].score < -1e8);
  search.advance(two);
  CHECK_FALSE(search.over());
  CHECK_FALSE(search.running()[1].spare);
  CHECK(search.running()[2].spare);
  search.advance(search.likeliest(std::vector<Row>(3, Row(4, no))));
  CHECK(search.over());
  CHECK(search.finished().empty());
}

}  // namespace
}  // namespace loquor
