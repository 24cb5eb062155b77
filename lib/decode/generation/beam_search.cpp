#include "decode/generation/beam_search.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <utility>

#include "base/random.h"

namespace loquor {

namespace {

// What a spare beam's score begins with: lower than any sum of log-probabilities.
constexpr double kSpareScore = -1e9;

// The `most` extensions with the largest keys; of equal ones the first that were put in.
class Best {
 public:
  explicit Best(std::size_t most) : most_(most) {}
  void put(double key, const Extension& extension) {
    if (heap_.size() == most_) {
      if (key <= heap_.top().key) return;
      heap_.pop();
    }
    heap_.push({key, count_++, extension});
  }
  std::vector<Extension> take() {
    std::vector<Extension> list(heap_.size());
    for (std::size_t i = list.size(); i-- > 0; heap_.pop()) list[i] = heap_.top().extension;
    return list;
  }

 private:
  struct Entry {
    double key;
    std::size_t number;
    Extension extension;
    bool operator<(const Entry& other) const {  // the least is on top of the heap
      return key != other.key ? key > other.key : number < other.number;
    }
  };
  std::size_t most_, count_ = 0;
  std::priority_queue<Entry> heap_;
};

// Of a standard Gumbel distribution: adding one to each log-probability and taking the largest is
// drawing without replacement (Kool et al. 2019, https://arxiv.org/abs/1903.06059).
double gumbel(double uniform) { return -std::log(-std::log(std::max(uniform, 0x1p-54))); }

}  // namespace

BeamSearch::BeamSearch(const GenerateOptions& options, std::int64_t limit)
    : num_beams_(static_cast<std::size_t>(options.num_beams.value_or(1))),
      length_penalty_(options.length_penalty.value_or(1)),
      stop_when_full_(options.early_stopping == "true"),
      never_stop_early_(options.early_stopping == "never"),
      limit_(limit) {
  const std::size_t ends = options.eos_token_id ? options.eos_token_id->size() : 0;
  least_kept_ = std::max<std::size_t>(2, 1 + ends);
  wanted_ = least_kept_ * num_beams_;
  running_.resize(num_beams_);
  for (std::size_t i = 1; i < num_beams_; ++i)
    running_[i] = {.ids = {}, .score = kSpareScore, .spare = true};
}

std::vector<Extension> BeamSearch::likeliest(std::span<const std::vector<float>> scores) const {
  Best best(wanted_);
  for (std::size_t beam = 0; beam < scores.size(); ++beam) {
    for (std::size_t id = 0; id < scores[beam].size(); ++id) {
      if (!std::isfinite(scores[beam][id])) continue;
      const double score = running_[beam].score + static_cast<double>(scores[beam][id]);
      best.put(score, {beam, static_cast<std::int32_t>(id), score});
    }
  }
  return best.take();
}

std::vector<Extension> BeamSearch::drawn(std::span<const std::vector<float>> scores,
                                         Sampler::Impl& sampler, std::uint64_t step) const {
  Best best(wanted_);
  for (std::size_t beam = 0; beam < scores.size(); ++beam) {
    truncate(sampler.options, scores[beam], least_kept_, sampler.candidates);
    for (const Candidate& candidate : sampler.candidates) {
      const auto number = beam * scores[beam].size() + static_cast<std::size_t>(candidate.id);
      const double score = running_[beam].score + static_cast<double>(candidate.score);
      best.put(score + gumbel(uniform(sampler.seed, number, step)), {beam, candidate.id, score});
    }
  }
  return best.take();
}

Beam BeamSearch::extended(const Extension& extension) const {
  Beam beam = running_[extension.beam];
  beam.ids.push_back(extension.id);
  beam.score = extension.score;
  beam.ended = extension.ended;
  if (extension.step) beam.steps.push_back(extension.step);
  return beam;
}

double BeamSearch::length_norm(std::int64_t length) const {
  return std::pow(static_cast<double>(length), length_penalty_);
}

void BeamSearch::finish(Beam beam) {
  beam.score /= length_norm(static_cast<std::int64_t>(beam.ids.size()));
  if (beam.score <= kSpareScore) return;
  const auto place = std::ranges::upper_bound(finished_, beam.score, std::greater(), &Beam::score);
  finished_.insert(place, std::move(beam));
  if (finished_.size() > num_beams_) finished_.pop_back();
}

// Whether the best running beam could yet be better than the worst finished one, as early_stopping
// estimates it.
bool BeamSearch::can_improve() const {
  if (finished_.size() < num_beams_) return true;
  const auto length = static_cast<std::int64_t>(running_.front().ids.size());
  const bool longest = never_stop_early_ && length_penalty_ > 0;
  return running_.front().score / length_norm(longest ? limit_ : length) > finished_.back().score;
}

std::vector<std::size_t> BeamSearch::advance(std::span<const Extension> extensions) {
  std::vector<Extension> order(extensions.begin(), extensions.end());
  // One that ends may fill a free place, but never becomes a result again.
  for (Extension& extension : order) {
    if (extension.ended != FinishReason::none) extension.score += kSpareScore;
  }
  std::ranges::stable_sort(order, std::greater(), &Extension::score);
  order.resize(std::min(order.size(), num_beams_));
  std::vector<Beam> next;
  std::vector<std::size_t> parents;
  for (const Extension& extension : order) {
    Beam& beam = next.emplace_back(extended(extension));
    beam.spare = beam.spare || extension.ended != FinishReason::none;
    parents.push_back(extension.beam);
  }
  for (std::size_t i = 0; i < std::min(extensions.size(), num_beams_); ++i) {
    if (extensions[i].ended != FinishReason::none) finish(extended(extensions[i]));
  }
  running_ = std::move(next);
  const bool any_goes_on =
      std::ranges::any_of(running_, [](const Beam& beam) { return !beam.spare; });
  over_ = !any_goes_on || !can_improve() || (stop_when_full_ && finished_.size() == num_beams_);
  return parents;
}

void BeamSearch::close(FinishReason reason) {
  for (Beam& beam : running_) {
    if (beam.spare || beam.ids.empty()) continue;
    beam.ended = reason;
    finish(std::move(beam));
  }
  running_.clear();
  over_ = true;
}

}  // namespace loquor
