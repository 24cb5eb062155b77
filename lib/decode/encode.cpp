#include "decode/encode.h"

#include "base/error.h"
#include "base/threads.h"

namespace loquor {

void require_positions(const Transformer& transformer, std::span<const std::int32_t> ids) {
  const auto count = static_cast<std::int64_t>(ids.size());
  if (count == 0) fail(Code::invalid_argument, "no token ids were given, expected at least one");
  if (count > transformer.spec().positions) {
    fail(Code::context_full, count, " tokens do not fit: the model has ",
         transformer.spec().positions, " positions");
  }
}

Tensor encode_sequence(const Transformer& transformer, Context& context,
                       std::span<const std::int32_t> ids, std::span<const std::int32_t> types) {
  require_positions(transformer, ids);
  const FlushDenormals flush;
  const ThreadPool::Awake awake(context.pool());
  Segments segments;
  segments.add(std::ssize(ids), 0);
  return transformer.encode(context, ids, types, segments);
}

}  // namespace loquor
