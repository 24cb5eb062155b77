#include "text/post_processor.h"

namespace loquor {

using PartKind = TemplatePart::Kind;

PostProcessor PostProcessor::around(const std::vector<std::int32_t>& prefix,
                                    const std::vector<std::int32_t>& suffix) {
  PostProcessor result;
  result.single.clear();
  result.pair.clear();
  for (const PartKind text : {PartKind::first, PartKind::second}) {
    const std::int32_t type_id = text == PartKind::first ? 0 : 1;
    const auto add = [&](Template& to) {
      if (!prefix.empty()) to.push_back({PartKind::special, type_id, prefix});
      to.push_back({text, type_id, {}});
      if (!suffix.empty()) to.push_back({PartKind::special, type_id, suffix});
    };
    if (text == PartKind::first) add(result.single);
    add(result.pair);
  }
  return result;
}

PostProcessor PostProcessor::bert(const std::vector<std::int32_t>& cls,
                                  const std::vector<std::int32_t>& sep) {
  PostProcessor result;
  result.single = {
      {PartKind::special, 0, cls}, {PartKind::first, 0, {}}, {PartKind::special, 0, sep}};
  result.pair = result.single;
  result.pair.push_back({PartKind::second, 1, {}});
  result.pair.push_back({PartKind::special, 1, sep});
  return result;
}

PostProcessor PostProcessor::roberta(const std::vector<std::int32_t>& cls,
                                     const std::vector<std::int32_t>& sep) {
  PostProcessor result;
  result.single = {
      {PartKind::special, 0, cls}, {PartKind::first, 0, {}}, {PartKind::special, 0, sep}};
  result.pair = result.single;
  result.pair.push_back({PartKind::special, 0, sep});
  result.pair.push_back({PartKind::second, 0, {}});
  result.pair.push_back({PartKind::special, 0, sep});
  return result;
}

std::size_t added_tokens(const PostProcessor::Template& parts) noexcept {
  std::size_t count = 0;
  for (const TemplatePart& part : parts) count += part.ids.size();
  return count;
}

}  // namespace loquor
