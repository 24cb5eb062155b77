// Results of the tasks as JSON.
#include "base/json.h"

#include "loquor/json.hpp"

namespace loquor {

namespace {

Json json(const LabelScore& label) {
  return Json::Object{{"label", label.label}, {"score", label.score}};
}
Json json(const Entity& entity) {
  return Json::Object{{"label", entity.label},   {"score", entity.score},
                      {"word", entity.word},     {"start", entity.range.begin},
                      {"end", entity.range.end}, {"index", entity.index}};
}
Json json(const Fill& fill) {
  return Json::Object{
      {"id", fill.id}, {"token", fill.token}, {"score", fill.score}, {"sequence", fill.sequence}};
}
Json json(const RankedText& text) {
  return Json::Object{{"index", text.index}, {"score", text.score}};
}
Json json(const Answer& answer) {
  return Json::Object{{"text", answer.text},
                      {"score", answer.score},
                      {"start", answer.range.begin},
                      {"end", answer.range.end}};
}
Json json(const Score& score) {
  Json values = Json::array();
  for (const float value : score.log_probabilities) values.push_back(static_cast<double>(value));
  return Json::Object{{"log_probability", score.log_probability},
                      {"ids", Json::Array(score.ids.begin(), score.ids.end())},
                      {"log_probabilities", std::move(values)}};
}

template <class Value>
Json json(const std::vector<Value>& list) {
  Json result = Json::array();
  for (const Value& value : list) result.push_back(json(value));
  return result;
}

}  // namespace

std::string to_json(const std::vector<std::vector<LabelScore>>& labels) {
  return json(labels).dump();
}
std::string to_json(const std::vector<std::vector<Entity>>& entities) {
  return json(entities).dump();
}
std::string to_json(const std::vector<std::vector<std::vector<Fill>>>& fills) {
  return json(fills).dump();
}
std::string to_json(const std::vector<RankedText>& texts) { return json(texts).dump(); }
std::string to_json(const std::vector<std::vector<Answer>>& answers) {
  return json(answers).dump();
}
std::string to_json(const std::vector<Score>& scores) { return json(scores).dump(); }

}  // namespace loquor
