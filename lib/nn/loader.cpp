#include "nn/loader.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "io/gguf.h"
#include "io/safetensors.h"
#include "nn/generation_files.h"
#include "nn/gguf_config.h"
#include "nn/locate.h"
#include "nn/tokenizer_files.h"

namespace loquor {

namespace {

// What a config says of a head that chooses among labels.
struct HeadConfig {
  std::vector<std::string> labels;
  std::string problem_type;
  std::string score_activation;
  std::optional<std::int32_t> end_id;
  std::optional<std::int32_t> padding_id;
};

// What a config says.
struct Described {
  const Family* family = nullptr;
  ModelSpec spec;
  std::string class_name;       // of transformers
  std::string tokenizer_class;  // the same, where no tokenizer_config.json names one
  HeadConfig head;
};

// A model's files, opened and read as far as needed to know what it is.
struct Opened : Described {
  Checkpoint checkpoint;
  std::optional<GgufFile> gguf;
  std::filesystem::path folder;  // empty for GGUF
  std::string source;            // for messages
  decltype(LoadedModel::sentence) sentence;
};

// A family, and what stands on it.
struct Kind {
  const Family* family = nullptr;
  std::optional<HeadSpec::Task> task;
  bool encoder_only = false;  // the encoder of a family that has both
  std::string class_name{};
};

[[noreturn]] void fail_unknown(const std::string& found, const std::string& source) {
  std::string known;
  for (const Family* family : families())
    known += (known.empty() ? "" : ", ") + std::string(family->names[0]);
  fail(Code::unsupported, source, ": architecture ", quoted(found), " is not built; known are ",
       known);
}

// Whether what follows a family's name is of a class of it, rather than of a family with a longer
// name.
bool is_class_end(std::string_view end) {
  return end.starts_with("For") || end.find("Head") != std::string_view::npos;
}

Kind kind_of_class(const std::string& found, const std::string& source) {
  for (const Family* family : families()) {
    for (const std::string_view begin : family->classes) {
      if (begin.empty() || !found.starts_with(begin)) continue;
      const std::string_view end = std::string_view(found).substr(begin.size());
      std::string built;
      for (const ClassEnd& known : family->ends) {
        if (end == known.end) return {family, known.task, known.encoder_only, found};
        built += text(built.empty() ? "" : ", ", begin, known.end);
      }
      if (is_class_end(end)) {
        fail(Code::unsupported, source, ": class ", quoted(found),
             " is not built; of this family there are ", built);
      }
    }
  }
  fail_unknown(found, source);
}

Kind kind_of(Config& config) {
  const Json& architectures = config.value("architectures");
  if (architectures.is_array() && architectures.size() > 0)
    return kind_of_class(architectures.as_array()[0].as_string(), config.source());
  const std::string found = config.string("model_type");
  for (const Family* family : families()) {
    for (const std::string_view name : family->names) {
      if (!name.empty() && name == found) return {family, family->task};
    }
  }
  fail_unknown(found, config.source());
}

// As transformers goes by: config.json's own word for it, else what goes with its model_type.
std::string tokenizer_class(Config& config, const Family& family) {
  const Json& given = config.value("tokenizer_class");
  if (given.is_string()) return given.as_string();
  const std::string model_type = config.string("model_type", "");
  const auto name = std::ranges::find(family.names, model_type);
  const bool known = name != family.names.end() && !name->empty();
  return std::string(family.tokenizers[known ? std::size_t(name - family.names.begin()) : 0]);
}

Kind kind_of(const GgufFile& file) {
  const std::string found(file.metadata.string("general.architecture"));
  const auto as_wanted = [&](std::string_view tensor) {
    const bool wanted = !tensor.starts_with('!');
    return tensor.empty() ||
           wanted == (file.tensors.find(tensor.substr(wanted ? 0 : 1)) != nullptr);
  };
  for (const Family* family : families()) {
    for (const GgufKind& kind : family->gguf) {
      if (!kind.architecture.empty() && kind.architecture == found &&
          std::ranges::all_of(kind.tensors, as_wanted))
        return {family, kind.task, kind.encoder_only};
    }
  }
  fail_unknown(found, "general.architecture");
}

// "id2label" in the order of the ids; transformers' "LABEL_0", ... where it is not there.
std::vector<std::string> read_labels(Config& config) {
  std::vector<std::string> labels;
  const Json& names = config.value("id2label");
  const std::int64_t count = names.is_object() && names.size() > 0
                                 ? static_cast<std::int64_t>(names.size())
                                 : config.size("num_labels", 2);
  for (std::int64_t i = 0; i < count; ++i) {
    const Json* name = names.is_object() ? names.find(std::to_string(i)) : nullptr;
    labels.push_back(name && name->is_string() ? name->as_string() : text("LABEL_", i));
  }
  return labels;
}

// The function that sentence-transformers puts on a cross-encoder's output, as a torch class.
std::string read_score_activation(Config& config) {
  std::string activation = config.string("sbert_ce_default_activation_function", "");
  if (Config* section = config.section("sentence_transformers")) {
    section->value("version");
    activation = section->string("activation_fn", activation);
  }
  return activation;
}

std::optional<std::int32_t> read_id(Config& config, std::string_view key) {
  if (!config.has(key)) return {};
  return static_cast<std::int32_t>(config.integer(key));
}

// The spec's head, and what is said of its labels.
HeadConfig set_head(const Family& family, HeadSpec::Task task, Config& config, ModelSpec& spec) {
  using Task = HeadSpec::Task;
  HeadConfig head;
  if (task == Task::sequence || task == Task::token) head.labels = read_labels(config);
  if (task == Task::sequence) {
    head.problem_type = config.string("problem_type", "");
    head.score_activation = read_score_activation(config);
    if (spec.encoder && spec.decoder) head.end_id = read_id(config, "eos_token_id");
    if (!spec.encoder) head.padding_id = read_id(config, "pad_token_id");
  }
  spec.head = family.head(config, task);
  spec.head->outputs = spec.vocabulary;
  if (task == Task::question) spec.head->outputs = 2;
  if (!head.labels.empty()) spec.head->outputs = std::ssize(head.labels);
  return head;
}

// Of quantised checkpoints only DeepSeek's: F8_E4M3 with a scale for each 128 x 128 values.
void refuse_quantised(Config& config) {
  const Json& quantisation = config.value("quantization_config");
  if (quantisation.is_null()) return;
  const Json* method = quantisation.find("quant_method");
  const Json* block = quantisation.find("weight_block_size");
  if (method && *method == Json("fp8") && block && *block == Json(Json::Array{128, 128})) return;
  fail(Code::unsupported, config.source(), ": quantization_config ",
       method && method->is_string() ? quoted(method->as_string()) : "of no known method",
       " is not built; expected weights in f32, f16, bf16 or fp8 with blocks of 128 x 128, or a "
       "GGUF "
       "file");
}

// What cannot be read is kept as its error: only embeddings need it.
decltype(LoadedModel::sentence) sentence_config(const std::filesystem::path& folder) {
  try {
    if (auto config = read_sentence_files(folder)) return *config;
    return {};
  } catch (const Error& error) {
    return error;
  }
}

// What the config of a model of this kind says: its every key is read, or in `ignored`.
Described read_config(const Kind& kind, Config& config, std::span<const std::string> ignored = {}) {
  Described model;
  model.family = kind.family;
  model.class_name = kind.class_name;
  ModelSpec& spec = model.spec = kind.family->spec(config);
  if (kind.encoder_only && spec.encoder) spec.decoder.reset();
  set_usual_positions(spec);
  if (kind.task) model.head = set_head(*kind.family, *kind.task, config, spec);
  model.tokenizer_class = tokenizer_class(config, *kind.family);
  config.value("tie_word_embeddings");  // says nothing where there is no vocabulary's head
  config.require("is_causal", spec.last_stack().causal);
  const auto decoder_start = config.integer("decoder_start_token_id", 0);
  config.require_all_read(ignored);
  within(config.source(), [&] { check(spec); });
  if (decoder_start < 0 || decoder_start >= spec.vocabulary) {
    fail(Code::invalid_file, config.source(), ": decoder_start_token_id is ", decoder_start,
         ", and the vocabulary has ", spec.vocabulary);
  }
  return model;
}

Opened open_gguf(GgufFile file, const std::string& source) {
  return within(source, [&] {
    const Kind kind = kind_of(file);
    const auto sentence = gguf_sentence_config(file);
    Config config = gguf_config(file, "metadata");
    Opened opened{read_config(kind, config), file.tensors, std::move(file), {}, source, {}};
    if (sentence) opened.sentence = *sentence;
    return opened;
  });
}

Opened open_folder(const std::filesystem::path& folder, const ModelOptions& options) {
  const std::string source = (folder / "config.json").string();
  Config config(within(source, [&] { return Json::parse(read_text(folder / "config.json")); }),
                source);
  refuse_quantised(config);
  return {read_config(kind_of(config), config, options.ignore_config_keys),
          read_safetensors(weights_in(folder)),
          {},
          folder,
          folder.string(),
          sentence_config(folder)};
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
        return tensor.shape.size() > 1 && !tensor.name.ends_with("_scale_inv") &&
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
  const BlockSpec& block = spec.last_stack().blocks.front();
  const AttentionSpec& attention = block.attention;
  const auto* plain = std::get_if<FeedForwardSpec>(&block.feed_forward);
  const auto* mixture = std::get_if<MixtureSpec>(&block.feed_forward);
  const std::int64_t hidden =
      plain ? (plain->gated ? 3 : 2) * plain->width
            : 3 * std::max(mixture->width, mixture->shared_width) + 2 * spec.width;
  const std::int64_t row = 4 * spec.width + hidden +
                           2 * (attention.heads + attention.key_value_heads) * attention.head_width;
  return static_cast<std::int64_t>(sizeof(float)) * (kChunkRows * row + 64 * spec.vocabulary);
}

ModelInfo describe_model(const Opened& opened, const WeightTotals& totals, ComputeType compute,
                         CacheType cache) {
  const ModelSpec& spec = opened.spec;
  const AttentionSpec& attention = spec.last_stack().blocks.front().attention;
  return {.architecture = std::string(opened.family->names[0]),
          .format = opened.checkpoint.format(),
          .compute_type = std::string(name(compute)),
          .cache_type = cache == CacheType::bf16 ? "bf16" : "f32",
          .isa = std::string(name(chosen_isa())),
          .parameters = totals.parameters,
          .layers = static_cast<std::int64_t>(spec.last_stack().blocks.size()),
          .width = spec.width,
          .heads = attention.heads,
          .key_value_heads = attention.key_value_heads,
          .vocabulary = spec.vocabulary,
          .context_length = spec.positions,
          .file_bytes = totals.stored_bytes,
          .weight_bytes = totals.packed_bytes,
          .cache_bytes_per_position = cache_bytes_per_position(cache_layers(spec, cache)),
          .workspace_bytes = workspace_bytes(spec),
          .class_name = opened.class_name,
          .labels = opened.head.labels,
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
                    .cross_cache = cross_cache_layers(opened.spec, cache),
                    .problem_type = opened.head.problem_type,
                    .score_activation = opened.head.score_activation,
                    .last_id_first = opened.family->last_id_first,
                    .end_id = opened.head.end_id,
                    .padding_id = opened.head.padding_id,
                    .sentence = opened.sentence,
                    .tokenizer = {},
                    .target_tokenizer = {},
                    .chat_template = {},
                    .generation_config = {},
                    .generation_config_source = {},
                    .task_parameters = {},
                    .prefix = {},
                    .fingerprint = fingerprint(opened)};
  const Cancel* cancel = options.cancel ? &*options.cancel : nullptr;
  // Everything is checked before the first weight is packed.
  Weights measured(runtime, opened.checkpoint, *opened.family, {compute, true, cancel});
  within(opened.source, [&] { Transformer(runtime, opened.spec, measured); });
  model.info = describe_model(opened, measured.totals(), compute, cache);
  if (measure) return model;
  read_text_files(opened.folder, opened.gguf ? &*opened.gguf : nullptr, opened.source,
                  opened.tokenizer_class, model);
  if (!opened.gguf) read_generation_files(opened.folder, opened.spec, model);
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
