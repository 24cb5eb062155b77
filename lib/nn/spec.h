// The architecture of a model as plain data, and what a family file says: how to read it from a
// config, and how its weights are called. Shape letters: N tokens, C width, H heads, K kv heads, D
// head width, F feed-forward width, V vocabulary, T positions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nn/config.h"

namespace loquor {

enum class NormKind { rms, layer };

struct NormSpec {
  NormKind kind = NormKind::rms;
  double epsilon = 1e-6;
};

/// Rotary position embedding: pair i of D / 2 turns by position * theta^(-2i / D), scaled as
/// follows.
struct RopeSpec {
  struct None {};
  /// Positions divided by factor.
  struct Linear {
    double factor = 1;
  };
  /// Llama 3.1: low frequencies divided by factor, high ones kept, a ramp between.
  struct Llama3 {
    double factor = 1;
    double low_freq_factor = 1;
    double high_freq_factor = 4;
    double original_positions = 8192;
  };
  /// Each pair's frequency divided by its own factor, as GGUF files store it.
  struct Factors {
    std::vector<double> factors;  // (D / 2)
  };
  double theta = 10000;
  bool interleaved = false;  // pairs (2i, 2i + 1) rather than (i, i + D / 2)
  std::variant<None, Linear, Llama3, Factors> scaling;
};

struct AttentionSpec {
  std::int64_t heads = 0;
  std::int64_t key_value_heads = 0;
  std::int64_t head_width = 0;
  bool input_bias = false;  // of q, k and v
  bool output_bias = false;
  std::int64_t window = 0;  // a position sees itself and the window - 1 before it; 0: all before it
  std::optional<RopeSpec> rope;
};

struct FeedForwardSpec {
  std::int64_t width = 0;
  std::string activation;  // transformers' name: "silu", "gelu_new", ...
  bool gated = false;      // activation(gate(x)) * up(x), rather than activation(up(x))
  bool bias = false;
};

/// One layer: x + attention(norm(x)), then x + feed_forward(norm(x)).
struct BlockSpec {
  NormSpec norm;
  AttentionSpec attention;
  FeedForwardSpec feed_forward;
};

struct ModelSpec {
  std::int64_t vocabulary = 0;
  std::int64_t width = 0;
  std::int64_t positions = 0;      // the longest context
  bool learned_positions = false;  // a table of position embeddings is added to the tokens'
  std::vector<BlockSpec> blocks;
  NormSpec final_norm;
  bool tied_head = false;  // the output projection is the token embedding
};

/// Where a weight of ours lies in a checkpoint. Names are stems: ".weight" and ".bias" are added;
/// "*" stands for the number of the block. Several tensors of the checkpoint are joined along their
/// outputs.
struct WeightName {
  std::string_view ours;
  std::vector<std::string_view> theirs;
  bool transposed = false;  // stored (inputs, outputs)
};

/// A family: everything that loquor knows of one architecture. Defined once, in its own file of
/// lib/models.
struct Family {
  std::string_view name;          // model_type of config.json
  std::string_view architecture;  // the class of transformers: "LlamaForCausalLM"
  std::string_view
      gguf;  // general.architecture of GGUF files; empty where another family reads them
  ModelSpec (*spec)(Config& config);
  std::vector<WeightName> (*names)();         // in Hugging Face checkpoints
  std::vector<WeightName> (*gguf_names)();    // in GGUF files
  std::array<std::string_view, 4> ignored{};  // tensors that carry nothing, as names with "*"
};

/// The names of a decoder in GGUF files, of which a family may replace some.
std::vector<WeightName> gguf_decoder_names();

/// All families that are built in.
std::span<const Family* const> families();

/// The whole of a spec as JSON, for `info` and for comparing.
Json describe(const ModelSpec& spec);

}  // namespace loquor
