#include "nn/loader.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "io/gguf.h"
#include "io/safetensors.h"
#include "nn/gguf_config.h"
#include "nn/locate.h"
#include "nn/tokenizer_files.h"

namespace loquor {

namespace {

// A model's files, opened and read as far as needed to know what it is.
struct Opened {
  const Family* family = nullptr;
  ModelSpec spec;
  Checkpoint checkpoint;
  std::optional<GgufFile> gguf;
  std::filesystem::path folder;  // empty for GGUF
  std::string source;            // for messages
};

template <class Wanted>
const Family& family_of(const std::string& found, const std::string& source, Wanted wanted) {
  std::string known;
  for (const Family* family : families()) {
    const std::string_view name = wanted(*family);
    if (!name.empty() && name == found) return *family;
    if (!name.empty()) known += (known.empty() ? "" : ", ") + std::string(name);
  }
  fail(Code::unsupported, source, ": architecture ", quoted(found), " is not built; known are ",
       known);
}

const Family& family_of(Config& config) {
  const Json& architectures = config.value("architectures");
  if (architectures.is_array() && architectures.size() > 0) {
    return family_of(architectures.as_array()[0].as_string(), config.source(),
                     [](const Family& family) { return family.architecture; });
  }
  return family_of(config.string("model_type"), config.source(),
                   [](const Family& family) { return family.name; });
}

void refuse_quantised(Config& config) {
  const Json& quantisation = config.value("quantization_config");
  if (quantisation.is_null()) return;
  const Json* method = quantisation.find("quant_method");
  fail(Code::unsupported, config.source(), ": quantization_config ",
       method && method->is_string() ? quoted(method->as_string()) : "of no known method",
       " is not built; expected weights in f32, f16 or bf16, or a GGUF file");
}

Opened open_gguf(GgufFile file, const std::string& source) {
  return within(source, [&] {
    const Family& family =
        family_of(std::string(file.metadata.string("general.architecture")), "general.architecture",
                  [](const Family& candidate) { return candidate.gguf; });
    Config config = gguf_config(file, "metadata");
    ModelSpec spec = family.spec(config);
    config.require_all_read();
    check(spec);
    Checkpoint tensors = file.tensors;
    return Opened{&family, std::move(spec), std::move(tensors), std::move(file), {}, source};
  });
}

Opened open_folder(const std::filesystem::path& folder, const ModelOptions& options) {
  const std::string source = (folder / "config.json").string();
  Config config(within(source, [&] { return Json::parse(read_text(folder / "config.json")); }),
                source);
  const Family& family = family_of(config);
  refuse_quantised(config);
  ModelSpec spec = family.spec(config);
  config.require_all_read(options.ignore_config_keys);
  within(source, [&] { check(spec); });
  return {&family, std::move(spec), read_safetensors(weights_in(folder)),
          {},      folder,          folder.string()};
}

Opened open(const std::string& path, const ModelOptions& options) {
  const Location location = locate(path);
  if (!location.gguf) return open_folder(location.path, options);
  return open_gguf(read_gguf(location.path), location.path.string());
}

ComputeType compute_type(const std::string& wanted, const Checkpoint& checkpoint) {
  if (wanted == "f32") return ComputeType::f32;
  const bool possible = has_bf16_dot(chosen_isa());
  if (wanted == "bf16") return possible ? ComputeType::bf16 : ComputeType::f32;
  if (wanted != "auto") {
    fail(Code::invalid_argument, "compute_type is ", quoted(wanted),
         ", expected \"auto\", \"f32\" or \"bf16\"");
  }
  const bool wide =
      std::any_of(checkpoint.begin(), checkpoint.end(), [](const StoredTensor& tensor) {
        return tensor.shape.size() > 1 &&
               (tensor.type == StoredType::f32 || tensor.type == StoredType::f64);
      });
  return possible && !wide ? ComputeType::bf16 : ComputeType::f32;
}

CacheType cache_type(const std::string& wanted, ComputeType compute) {
  if (wanted == "f32") return CacheType::f32;
  if (wanted == "bf16") return CacheType::bf16;
  if (wanted == "auto") return compute == ComputeType::bf16 ? CacheType::bf16 : CacheType::f32;
  fail(Code::invalid_argument, "cache_type is ", quoted(wanted),
       ", expected \"auto\", \"f32\" or \"bf16\"");
}

// A hash of what tells two models apart.
std::uint64_t fingerprint(const Opened& opened) {
  std::uint64_t hash = hash_bytes(describe(opened.spec).dump());
  for (const StoredTensor& tensor : opened.checkpoint) {
    hash = hash_bytes(tensor.name, hash);
    hash = hash_bytes(shape_text(tensor.shape), hash);
    hash = hash_bytes(tensor.bytes.view().substr(0, 256), hash);
  }
  return hash;
}

// What Transformer::forward holds at once, and 64 rows of logits.
std::int64_t workspace_bytes(const ModelSpec& spec) {
  const AttentionSpec& attention = spec.blocks.front().attention;
  const FeedForwardSpec& feed_forward = spec.blocks.front().feed_forward;
  const std::int64_t row =
      4 * spec.width + 2 * (attention.heads + attention.key_value_heads) * attention.head_width +
      (feed_forward.gated ? 3 : 2) * feed_forward.width;
  return static_cast<std::int64_t>(sizeof(float)) * (kChunkRows * row + 64 * spec.vocabulary);
}

ModelInfo describe_model(const Opened& opened, const WeightTotals& totals, ComputeType compute,
                         CacheType cache) {
  const ModelSpec& spec = opened.spec;
  const AttentionSpec& attention = spec.blocks.front().attention;
  return {.architecture = std::string(opened.family->name),
          .format = opened.checkpoint.format(),
          .compute_type = std::string(name(compute)),
          .cache_type = cache == CacheType::bf16 ? "bf16" : "f32",
          .isa = std::string(name(chosen_isa())),
          .parameters = totals.parameters,
          .layers = static_cast<std::int64_t>(spec.blocks.size()),
          .width = spec.width,
          .heads = attention.heads,
          .key_value_heads = attention.key_value_heads,
          .vocabulary = spec.vocabulary,
          .context_length = spec.positions,
          .file_bytes = totals.stored_bytes,
          .weight_bytes = totals.packed_bytes,
          .cache_bytes_per_position = cache_bytes_per_position(cache_layers(spec, cache)),
          .workspace_bytes = workspace_bytes(spec),
          .spec = describe(spec).dump()};
}

LoadedModel assemble(Opened opened, const ModelOptions& options, bool measure) {
  Runtime runtime = options.runtime ? *options.runtime : Runtime::shared();
  const ComputeType compute = compute_type(options.compute_type, opened.checkpoint);
  const CacheType cache = cache_type(options.cache_type, compute);
  LoadedModel model{.runtime = runtime,
                    .info = {},
                    .transformer = {},
                    .cache = cache_layers(opened.spec, cache),
                    .tokenizer = {},
                    .chat_template = {},
                    .generation_config = {},
                    .generation_config_source = {},
                    .fingerprint = fingerprint(opened)};
  const Cancel* cancel = options.cancel ? &*options.cancel : nullptr;
  // Everything is checked before the first weight is packed.
  Weights measured(runtime, opened.checkpoint, *opened.family, {compute, true, cancel});
  within(opened.source, [&] { Transformer(runtime, opened.spec, measured); });
  model.info = describe_model(opened, measured.totals(), compute, cache);
  if (measure) return model;
  read_text_files(opened.folder, opened.gguf ? &*opened.gguf : nullptr, opened.source, model);
  Weights weights(runtime, opened.checkpoint, *opened.family, {compute, false, cancel});
  within(opened.source, [&] { model.transformer.emplace(runtime, opened.spec, weights); });
  return model;
}

}  // namespace

LoadedModel load_model(const std::string& path, const ModelOptions& options) {
  return assemble(open(path, options), options, false);
}

LoadedModel load_model(const Bytes& gguf, const std::string& name, const ModelOptions& options) {
  return assemble(open_gguf(read_gguf(gguf, name), name), options, false);
}

ModelInfo inspect_model(const std::string& path, const ModelOptions& options) {
  return assemble(open(path, options), options, true).info;
}

}  // namespace loquor
