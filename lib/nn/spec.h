// The architecture of a model as plain data. Shape letters: N tokens, C width, H heads, K kv heads,
// D head width, F feed-forward width, V vocabulary, T positions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"

namespace loquor {

enum class NormKind { none, rms, layer };  // none: rows stay as they are

struct NormSpec {
  NormKind kind = NormKind::none;
  double epsilon = 1e-6;
  bool bias = true;   // of LayerNorm
  double offset = 0;  // added to the weight as stored (Gemma stores what is over 1)
};

/// Around a sublayer f: x + f(norm(x)); norm(x + f(x)); or x + norm(f(norm(x))).
enum class NormPlacement { pre, post, sandwich };

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
  /// YaRN (https://arxiv.org/abs/2309.00071): a ramp from kept to divided frequencies between two
  /// numbers of turns.
  struct Yarn {
    double factor = 1;
    double beta_fast = 32;
    double beta_slow = 1;
    double original_positions = 0;
    bool truncate = true;  // the ramp's ends are whole dimensions
  };
  /// Each pair's frequency divided by its own factor, as GGUF files store them.
  struct Factors {
    std::vector<double> factors;  // (D / 2)
  };
  /// A larger theta in a context longer than the original one.
  struct Dynamic {
    double factor = 1;
    double original_positions = 0;
  };
  /// LongRoPE (https://arxiv.org/abs/2402.13753): other factors in a context longer than the
  /// original one.
  struct Long {
    std::vector<double> short_factors;  // (D / 2)
    std::vector<double> long_factors;   // (D / 2)
    double original_positions = 0;
  };
  double theta = 10000;
  std::int64_t width = 0;       // the first dimensions of a head, which turn; 0: all of them
  bool interleaved = false;     // pairs (2i, 2i + 1) rather than (i, i + D / 2)
  double attention_factor = 1;  // of cosine and sine
  std::variant<None, Linear, Llama3, Yarn, Factors, Dynamic, Long> scaling;

  /// The context beyond which frequencies depend on its length; 0: they never do.
  double original_positions() const;
};

/// A learned number a head and distance, added to the scores; far distances share one (T5,
/// https://arxiv.org/abs/1910.10683).
struct RelativeBiasSpec {
  std::int64_t buckets = 32;
  std::int64_t max_distance = 128;
};

/// q, k and v by way of two narrow vectors, the latents (https://arxiv.org/abs/2405.04434). Of a
/// head of q and k only the last rope.width columns turn, and those of k are the same in all heads.
struct LatentSpec {
  std::int64_t query_rank = 0;   // 0: q is made of x itself
  std::int64_t rank = 0;         // of k and v
  std::int64_t value_width = 0;  // of a head
  NormSpec norm;                 // of the latents
};

struct AttentionSpec {
  std::int64_t heads = 0;
  std::int64_t key_value_heads = 0;
  std::int64_t head_width = 0;
  bool input_bias = false;  // of q, k and v
  bool output_bias = false;
  std::optional<double> scale;  // of the scores; 1 / sqrt(D) where not set
  double soft_cap = 0;          // scores become cap tanh(score / cap); 0: they do not
  std::int64_t window = 0;  // a position sees the window - 1 before it (and after it, where it sees
                            // what follows), and itself; 0: all
  std::optional<NormSpec> head_norm;  // of each head of q and k
  std::optional<RopeSpec> rope;
  std::optional<LatentSpec> latent;  // the biases are then those of the projections from and to x
  bool relative_positions = false;   // scores look at distances and kinds of segment (XLNet)
};

struct FeedForwardSpec {
  std::int64_t width = 0;
  std::string activation;  // transformers' name: "silu", "gelu_new", ...
  bool gated = false;      // activation(gate(x)) * up(x), rather than activation(up(x))
  bool bias = false;
};

/// Many gated feed-forward layers, the experts, of which each row takes those that a router scores
/// highest (https://arxiv.org/abs/1701.06538), and one besides that all rows may take.
struct MixtureSpec {
  enum class Score { softmax, sigmoid };
  std::int64_t experts = 0;
  std::int64_t chosen = 0;        // by a row
  std::int64_t width = 0;         // of an expert
  std::int64_t shared_width = 0;  // of the expert that sees every row; 0: none
  std::string activation;
  Score score = Score::softmax;
  bool choice_bias = false;  // added to the scores where experts are chosen, not in their weights
  bool normalize = false;    // the weights of a row's experts are divided by their sum
  double scale = 1;          // of the weights, at last
  std::int64_t groups = 1;   // of experts, of which only `chosen_groups` count for a row
  std::int64_t chosen_groups = 1;
};

/// One layer: attention, attention to the encoder's output in a decoder that has one, feed-forward,
/// each with its norm and residual.
struct BlockSpec {
  NormPlacement placement = NormPlacement::pre;
  NormSpec attention_norm;
  AttentionSpec attention;
  NormSpec cross_attention_norm;
  std::optional<AttentionSpec> cross_attention;
  NormSpec feed_forward_norm;
  std::variant<FeedForwardSpec, MixtureSpec> feed_forward;
};

/// Positions as sines and cosines, the sines first (https://arxiv.org/abs/1706.03762).
struct SinusoidSpec {
  bool last_is_slowest = false;  // frequencies from 1 to 1 / 10000 itself, as fairseq has them
};

/// Token ids to rows: tokens, positions and types added up.
struct EmbeddingSpec {
  std::int64_t width = 0;  // of the tables, which a projection follows; 0: the model's, without one
  double scale = 1;        // of the tokens' rows
  struct NoPositions {};
  struct LearnedPositions {};
  std::variant<NoPositions, LearnedPositions, SinusoidSpec> positions;
  std::int64_t first_position = 0;  // the table's row of position 0
  std::int64_t types = 0;           // kinds of segment, as BERT tells a pair's texts apart
  NormSpec norm;
};

/// A stack of blocks with its embedding: an encoder or a decoder.
struct StackSpec {
  EmbeddingSpec embedding;
  bool causal = true;  // a position sees none after it
  std::vector<BlockSpec> blocks;
  bool shared_blocks = false;                     // all blocks have the weights of the first
  std::optional<RelativeBiasSpec> relative_bias;  // the same in all blocks
  NormSpec final_norm;
};

/// What the last hidden states become.
struct HeadSpec {
  /// Whose name its weights bear.
  enum class Task { language, masked, sequence, token, question };
  enum class Pooling { none, first, last, mean };  // of a sequence's rows, or every row
  /// norm(activation(W x + b)), before the output.
  struct Transform {
    std::string activation;
    bool bias = true;
    NormSpec norm{};
  };
  Task task = Task::language;
  Pooling pooling = Pooling::none;
  std::optional<Transform> transform{};
  std::int64_t outputs = 0;  // the vocabulary, or labels
  bool tied = false;         // the output projection is the token embedding
  bool bias = false;
  double scale = 1;     // of what goes into the output projection
  double soft_cap = 0;  // logits become cap tanh(logit / cap); 0: they do not
};

/// An encoder, a decoder, or both.
struct ModelSpec {
  std::int64_t vocabulary = 0;
  std::int64_t width = 0;
  std::int64_t positions = 0;  // the longest context
  // The context of a session that does not ask for another; 0: the longest. Rotary embeddings may
  // turn otherwise in longer ones.
  std::int64_t usual_positions = 0;
  std::optional<StackSpec> encoder;
  std::optional<StackSpec> decoder;
  std::optional<HeadSpec> head;  // none: hidden states are all that the model gives

  /// The decoder's, or of an encoder alone the encoder's.
  const StackSpec& last_stack() const { return decoder ? *decoder : *encoder; }
};

/// Sets how long contexts are where a rotary embedding depends on that.
void set_usual_positions(ModelSpec& spec);

/// "encoder-only", "decoder-only" or "encoder-decoder".
std::string_view kind_of(const ModelSpec& spec) noexcept;

/// "language", "masked", ...
const char* name(HeadSpec::Task task) noexcept;

/// The whole of a spec as JSON, for `info` and for comparing.
Json describe(const ModelSpec& spec);
Json describe(const RopeSpec& rope);

}  // namespace loquor
