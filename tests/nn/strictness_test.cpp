// What a model's files may not say, each refused with one line that names the thing; and where
// models are looked for.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/bytes.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "golden_copy.h"
#include "io/failure.h"
#include "io/gguf_writer.h"
#include "loquor/model.hpp"
#include "nn/family.h"

namespace loquor {
namespace {

namespace fs = std::filesystem;
using tests::check_failure;
using tests::Copy;
using tests::failure_of;

TEST_CASE("an unknown key of config.json is refused by name in every family, unless it is listed") {
  for (const char* name : {"llama", "mistral", "qwen2", "gpt2"}) {
    CAPTURE(name);
    const Copy copy(name);
    copy.config([](Json& config) { config["attn_logit_softcapping"] = 50.0; });
    check_failure(failure_of([&] { copy.open(); }), Code::unsupported, "config.json",
                  "'attn_logit_softcapping'", "50");
    CHECK_NOTHROW(copy.open({.ignore_config_keys = {"attn_logit_softcapping"}}));
    copy.config([](Json& config) { config["attn_logit_softcapping"] = nullptr; });
    CHECK_NOTHROW(copy.open());
  }
  const Copy nested("llama3_rope");
  nested.config([](Json& config) { config["rope_parameters"]["beta_fast"] = 32; });
  check_failure(failure_of([&] { nested.open(); }), Code::unsupported,
                "'rope_parameters.beta_fast'");
  CHECK_NOTHROW(nested.open({.ignore_config_keys = {"rope_parameters.beta_fast"}}));
}

TEST_CASE("every golden model refuses a key and a tensor that it does not know, by name") {
  int refused = 0;
  for (const auto& folder : fs::directory_iterator(tests::golden(""))) {
    if (!fs::exists(folder.path() / "config.json")) continue;
    const std::string name = folder.path().filename().string();
    CAPTURE(name);
    const Copy key(name);
    CHECK_NOTHROW(key.open());
    key.config([](Json& config) { config["unexpected_scaling"] = 2; });
    check_failure(failure_of([&] { key.open(); }), Code::unsupported, "'unexpected_scaling'");
    ++refused;
    if (!fs::exists(folder.path() / "model.safetensors")) continue;  // sharded
    const Copy tensor(name);
    tensor.add_tensor("model.layers.0.unexpected.weight", {2, 3});
    check_failure(failure_of([&] { tensor.open(); }), Code::unsupported,
                  "'model.layers.0.unexpected.weight'", "(2, 3)");
  }
  CHECK(refused >= 106);
}

TEST_CASE("a class that is not built is refused with those of its family that are") {
  const auto refuse = [](const char* model, const char* name, const char* others) {
    const Copy copy(model);
    copy.config([&](Json& config) { config["architectures"] = Json::Array{name}; });
    check_failure(failure_of([&] { copy.open(); }), Code::unsupported,
                  std::string("class '") + name + "' is not built", others);
  };
  refuse("bert", "BertForNextSentencePrediction",
         "BertModel, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, "
         "BertForTokenClassification, BertForQuestionAnswering");
  refuse("bert", "BertLMHeadModel", "BertForMaskedLM");
  refuse("bert", "BertForMultipleChoice", "BertForMaskedLM");
  refuse("roberta", "RobertaForCausalLM", "RobertaForMaskedLM");
  refuse("xlm_roberta_token", "XLMRobertaForCausalLM", "XLMRobertaForMaskedLM");
  refuse("gpt2", "GPT2DoubleHeadsModel", "GPT2LMHeadModel");
  refuse("xlnet", "XLNetForQuestionAnswering", "XLNetForQuestionAnsweringSimple");
  refuse("t5", "T5ForCausalLM", "T5EncoderModel");
  refuse("bart", "BartForCausalLM", "BartForConditionalGeneration");
  refuse("bart", "BartForTokenClassification", "BartForQuestionAnswering");
  refuse("marian", "MarianForCausalLM", "MarianModel, MarianMTModel");
  refuse("gemma2", "Gemma2ForQuestionAnswering", "Gemma2ForTokenClassification");
  // A longer name is another family's.
  const Copy other("qwen2");
  other.config([](Json& config) { config["architectures"] = Json::Array{"Qwen2MoeForCausalLM"}; });
  check_failure(failure_of([&] { other.open(); }), Code::unsupported,
                "architecture 'Qwen2MoeForCausalLM' is not built", "qwen3_moe");
}

TEST_CASE("a family has names for the weights of every head that it is said to have") {
  for (const Family* family : families()) {
    CAPTURE(std::string(family->names[0]));
    for (const ClassEnd& known : family->ends) {
      if (!known.task) continue;
      CAPTURE(std::string(known.end));
      const std::string output = std::string(name(*known.task)) + ".output";
      const auto names = family->weights();
      CHECK(std::any_of(names.begin(), names.end(),
                        [&](const WeightName& weight) { return weight.ours == output; }));
    }
  }
}

TEST_CASE("a head of another number of labels than the config has is refused by its tensor") {
  const Copy copy("bert_sequence");
  copy.config([](Json& config) {  // transformers then takes two
    std::erase_if(config.as_object(), [](const auto& member) {
      return member.first == "id2label" || member.first == "label2id";
    });
  });
  check_failure(failure_of([&] { copy.open(); }), Code::invalid_file, "'classifier.weight'",
                "(3, 24)", "2 labels");
  copy.config([](Json& config) { config["num_labels"] = 3; });
  CHECK(Model::inspect(copy.path()).labels ==
        std::vector<std::string>{"LABEL_0", "LABEL_1", "LABEL_2"});
}

TEST_CASE("a known key with another value than the one that is built is refused") {
  const Copy copy("gpt2");
  copy.config([](Json& config) { config["scale_attn_by_inverse_layer_idx"] = true; });
  check_failure(failure_of([&] { copy.open(); }), Code::unsupported,
                "scale_attn_by_inverse_layer_idx", "true");
  const Copy tensor_parallel("llama");
  tensor_parallel.config([](Json& config) { config["pretraining_tp"] = 2; });
  check_failure(failure_of([&] { tensor_parallel.open(); }), Code::unsupported, "pretraining_tp");
  const Copy rope("llama");
  rope.config([](Json& config) { config["rope_parameters"]["rope_type"] = "ntk"; });
  check_failure(failure_of([&] { rope.open(); }), Code::unsupported, "ntk");
  const Copy activation("llama");
  activation.config([](Json& config) { config["hidden_act"] = "mish"; });
  check_failure(failure_of([&] { activation.open(); }), Code::unsupported, "'mish'", "silu");
}

TEST_CASE("a config with impossible sizes or kinds is refused") {
  const auto refuse = [](const char* key, const Json& value, const char* part) {
    const Copy copy("llama");
    copy.config([&](Json& config) { config[key] = value; });
    check_failure(failure_of([&] { copy.open(); }), Code::invalid_file, "config.json", key, part);
  };
  refuse("hidden_size", "wide", "a string");
  refuse("hidden_size", 0, "0");
  refuse("num_hidden_layers", -3, "-3");
  refuse("num_hidden_layers", 100'001, "100000");
  refuse("num_attention_heads", 3, "num_key_value_heads");
  refuse("vocab_size", nullptr, "missing");
  const Copy copy("llama");
  copy.config([](Json& config) { config["head_dim"] = 7; });
  check_failure(failure_of([&] { copy.open(); }), Code::invalid_file, "head width", "7");
  const Copy many("llama");
  many.config([](Json& config) { config["num_hidden_layers"] = 100000; });
  check_failure(failure_of([&] { many.open(); }), Code::invalid_file, "model.layers.2.", "missing");
  const Copy array("llama");
  array.write("config.json", "[1]");
  check_failure(failure_of([&] { array.open(); }), Code::invalid_file, "config.json", "an array");
  const Copy garbage("llama");
  garbage.write("config.json", "{\"a\": ");
  check_failure(failure_of([&] { garbage.open(); }), Code::invalid_file, "config.json", "line 1");
}

TEST_CASE("an architecture that is not built is refused with those that are") {
  const Copy copy("llama");
  copy.config([](Json& config) { config["architectures"] = Json::Array{"FalconForCausalLM"}; });
  check_failure(failure_of([&] { copy.open(); }), Code::unsupported, "'FalconForCausalLM'", "llama",
                "gpt2");
  const Copy quantised("llama");
  for (const char* method : {"gptq", "awq", "bitsandbytes"}) {
    quantised.config([&](Json& config) { config["quantization_config"]["quant_method"] = method; });
    check_failure(failure_of([&] { quantised.open(); }), Code::unsupported, "quantization_config",
                  method);
  }
}

TEST_CASE("weights as GPTQ and AWQ pack them are refused where no config says that they are") {
  const Copy copy("llama");
  copy.tensors([](std::string& name, auto&, auto&) {
    if (name == "model.layers.1.mlp.up_proj.weight") name = "model.layers.1.mlp.up_proj.qweight";
  });
  check_failure(failure_of([&] { copy.open(); }), Code::unsupported,
                "'model.layers.1.mlp.up_proj.qweight'", "GPTQ");
  copy.config([](Json& config) { config["quantization_config"]["load_in_8bit"] = true; });
  check_failure(failure_of([&] { copy.open(); }), Code::unsupported, "quantization_config",
                "no known method");
}

TEST_CASE("a missing, extra or misshapen tensor is refused by name") {
  const Copy missing("llama");
  missing.tensors([](std::string& name, auto&, auto&) {
    if (name == "model.layers.1.mlp.up_proj.weight") name.clear();
  });
  check_failure(failure_of([&] { missing.open(); }), Code::invalid_file,
                "'model.layers.1.mlp.up_proj.weight'", "missing");
  const Copy extra("llama");
  extra.tensors([](std::string& name, auto& shape, auto& values) {
    if (name == "lm_head.weight") {
      name = "model.layers.0.self_attn.q_norm.weight";
      shape = {1};
      values = {1};
    }
  });
  extra.config([](Json& config) { config["tie_word_embeddings"] = true; });
  check_failure(failure_of([&] { extra.open(); }), Code::unsupported,
                "'model.layers.0.self_attn.q_norm.weight'");
  const Copy wide("llama");
  wide.tensors([](std::string& name, auto& shape, auto& values) {
    if (name == "model.norm.weight") {
      shape[0] += 1;
      values.push_back(1);
    }
  });
  check_failure(failure_of([&] { wide.open(); }), Code::invalid_file, "'model.norm.weight'", "33",
                "32");
  const Copy flat("llama");
  flat.tensors([](std::string& name, auto& shape, auto&) {
    if (name == "model.layers.0.self_attn.k_proj.weight") shape = {shape[0] * shape[1]};
  });
  check_failure(failure_of([&] { flat.open(); }), Code::invalid_file,
                "'model.layers.0.self_attn.k_proj.weight'", "(512)");
}

TEST_CASE("missing files say what was looked for") {
  check_failure(failure_of([] { Model("/nowhere/model.gguf"); }), Code::not_found,
                "/nowhere/model.gguf");
  check_failure(failure_of([] { Model(""); }), Code::not_found);
  const Copy copy("llama");
  copy.remove("model.safetensors");
  check_failure(failure_of([&] { copy.open(); }), Code::not_found, "model.safetensors");
  copy.write("pytorch_model.bin", "PK");
  check_failure(failure_of([&] { copy.open(); }), Code::unsupported, "pytorch_model.bin",
                "save_pretrained");
  copy.remove("config.json");
  check_failure(failure_of([&] { copy.open(); }), Code::not_found, "config.json");
}

TEST_CASE("a truncated or garbage file is refused at every length") {
  const std::string whole = read_text(tests::golden("llama") / "llama.gguf");
  for (std::size_t size = 0; size < whole.size(); size += 997) {
    const auto failure =
        failure_of([&] { Model::from_memory(std::as_bytes(std::span(whole).first(size))); });
    CHECK(failure.code == Code::invalid_file);
  }
  const std::string garbage(4096, '\xee');
  CHECK(failure_of([&] { Model::from_memory(std::as_bytes(std::span(garbage))); }).code ==
        Code::invalid_file);
}

// A golden GGUF file with `from` replaced by `to`, which is as long, and the byte `at` bytes behind
// it by `value`.
std::string patched(const char* name, std::string_view from, std::string_view to,
                    std::size_t at = 0, char value = 0) {
  std::string file = read_text(tests::golden("gguf") / (std::string(name) + ".gguf"));
  const std::size_t found = file.find(from);
  REQUIRE(found != std::string::npos);
  REQUIRE(from.size() == to.size());
  file.replace(found, to.size(), to);
  if (at > 0) file[found + to.size() + at] = value;
  return file;
}

TEST_CASE("what a GGUF file of any architecture says otherwise than a family knows is refused") {
  const auto refuse = [](const std::string& file, Code code, const auto&... parts) {
    check_failure(failure_of([&] { Model::from_memory(std::as_bytes(std::span(file))); }), code,
                  parts...);
  };
  using enum Code;
  refuse(patched("bert_model", "bert.attention.causal", "bert.attention.casual"), unsupported,
         "'bert.attention.casual'");
  refuse(patched("bert_model", "attention.causal", "attention.causal", 4, 1), unsupported,
         "is_causal", "true");
  refuse(patched("t5", "t5.decoder_block_count", "t5.decoder_block_coins"), unsupported,
         "'t5.decoder_block_coins'");
  refuse(patched("t5", "decoder_start_token_id", "decoder_start_token_id", 4, 99), invalid_file,
         "decoder_start_token_id is 99", "61");
  refuse(patched("deepseek_v3", "expert_gating_func", "expert_gating_func", 4, 1), unsupported,
         "scoring_func", "softmax");
  refuse(patched("deepseek_v3", "expert_gating_func", "expert_gating_func", 4, 7), unsupported,
         "deepseek2.expert_gating_func", "7");
  refuse(patched("deepseek_v3", "yarn_log_multiplier", "yarn_log_multiplied"), unsupported,
         "yarn_log_multiplied");
  refuse(patched("modernbert_sequence", "classifier.pooling_type", "classifier.pooling_type", 4, 9),
         unsupported, "pooling_type", "9");
  refuse(patched("deepseek_v3", "blk.0.attn_k_b.weight", "blk.0.attn_j_b.weight"), invalid_file,
         "'blk.0.attn_k_b.weight' is missing");
  refuse(patched("deepseek_v3_older", "blk.1.attn_kv_b.weight", "blk.1.attn_kv_x.weight"),
         invalid_file, "blk.1.attn_k_b.weight' is missing");
  refuse(patched("mixtral_older", "blk.1.ffn_up.3.weight", "blk.1.ffn_up.7.weight"), invalid_file,
         "blk.1.ffn_gate_exps.weight' is missing");
  refuse(patched("mixtral", "llama.expert_used_count", "llama.expert_used_coins"), unsupported,
         "'llama.expert_used_coins'");
  refuse(patched("t5_encoder", "enc.blk.1.ffn_up.weight", "enc.blk.7.ffn_up.weight"), invalid_file,
         "'enc.blk.1.ffn_up.weight' is missing");
  refuse(patched("bert_model", "blk.0.attn_q.bias", "blk.9.attn_q.bias"), invalid_file,
         "'blk.0.attn_q.bias' is missing");
  refuse(patched("roberta_sequence", "cls.weight", "clx.weight"), invalid_file,
         "'cls.weight' is missing");
}

// One to three bytes of what stands before the weights replaced.
std::string damaged(std::string file, std::mt19937& random) {
  const std::size_t head = std::min<std::size_t>(file.size(), 8192);
  for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
    constexpr char kExtremes[] = {'\0', '\1', '\x7f', '\xff'};
    file[random() % head] =
        random() % 2 ? static_cast<char>(random()) : kExtremes[random() % std::size(kExtremes)];
  }
  return file;
}

TEST_CASE("a GGUF model with a damaged head is refused in one line or opens, whatever it is") {
  std::mt19937 random(5);
  int opened = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(tests::golden(""))) {
    if (entry.path().extension() != ".gguf") continue;
    CAPTURE(entry.path());
    const std::string file = read_text(entry.path());
    for (int i = 0; i < 150; ++i) {
      const std::string copy = damaged(file, random);
      try {
        Model::from_memory(std::as_bytes(std::span(copy)));
        ++opened;
      } catch (const Error& error) {
        CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
        CHECK(error.code() != Code::internal);
        ++refused;
      }
    }
  }
  CHECK(opened > 100);
  CHECK(refused > 1000);
}

TEST_CASE("a GGUF key of the architecture or the tokenizer that is not known is refused") {
  tests::GgufWriter writer;
  writer.add("general.architecture", "llama").add("llama.block_count", std::uint32_t{1});
  writer.add("llama.attention.logit_softcapping", 30.0f);
  writer.tensor("token_embd.weight", {4, 2}, std::vector<float>(8));
  const std::string file = writer.bytes();
  check_failure(failure_of([&] { Model::from_memory(std::as_bytes(std::span(file))); }),
                Code::unsupported, "llama.attention.logit_softcapping");
  tests::GgufWriter negative;
  negative.add("general.architecture", "llama").add("llama.attention.head_count", std::int64_t{-1});
  negative.add("llama.embedding_length", std::numeric_limits<std::int64_t>::min());
  negative.tensor("token_embd.weight", {4, 2}, std::vector<float>(8));
  const std::string smallest = negative.bytes();
  check_failure(failure_of([&] { Model::from_memory(std::as_bytes(std::span(smallest))); }),
                Code::invalid_file, "hidden_size", "-9223372036854775808");
  tests::GgufWriter labelled;
  labelled.add("general.architecture", "bert");
  labelled.add("bert.classifier.output_labels", std::vector<std::string>(10'001, "x"));
  labelled.tensor("token_embd.weight", {4, 2}, std::vector<float>(8));
  const std::string labels = labelled.bytes();
  check_failure(failure_of([&] { Model::from_memory(std::as_bytes(std::span(labels))); }),
                Code::unsupported, "output_labels", "10001");
  tests::GgufWriter other;
  other.add("general.architecture", "mamba");
  const std::string mamba = other.bytes();
  check_failure(failure_of([&] { Model::from_memory(std::as_bytes(std::span(mamba))); }),
                Code::unsupported, "'mamba'", "llama");
}

TEST_CASE("org/name is found in the local Hugging Face cache, and a miss names the folder") {
  const tests::TemporaryFolder cache;
  const fs::path repository = cache.path() / "hub" / "models--acme--tiny";
  fs::create_directories(repository / "refs");
  fs::create_directories(repository / "snapshots");
  fs::copy(tests::golden("llama"), repository / "snapshots" / "abc123",
           fs::copy_options::recursive);
  cache.write("hub/models--acme--tiny/refs/main", "abc123");
  const char* before = std::getenv("HF_HOME");
  const std::string saved = before ? before : "";
  ::unsetenv("HF_HUB_CACHE");
  ::setenv("HF_HOME", cache.path().c_str(), 1);
  CHECK(Model("acme/tiny").info().architecture == "llama");
  check_failure(failure_of([] { Model("acme/other"); }), Code::not_found, "acme/other",
                (cache.path() / "hub").string());
  ::setenv("HF_HUB_CACHE", (cache.path() / "hub").c_str(), 1);
  CHECK(Model::inspect("acme/tiny").layers == 2);
  ::unsetenv("HF_HUB_CACHE");
  before ? ::setenv("HF_HOME", saved.c_str(), 1) : ::unsetenv("HF_HOME");
}

TEST_CASE("inspect tells what opening would take, and opening takes it") {
  const ModelInfo info = Model::inspect(tests::golden("llama").string());
  const Runtime runtime({.threads = 1});
  const std::int64_t before = runtime.memory_used();
  const Model model(tests::golden("llama").string(), {.runtime = runtime});
  CHECK(runtime.memory_used() - before >= info.weight_bytes);
  CHECK(runtime.memory_used() - before <= info.weight_bytes + 64 * 1024);
  CHECK(model.info().parameters == info.parameters);
}

TEST_CASE("a memory limit that a model does not fit in is an error, and the runtime goes on") {
  const ModelInfo info = Model::inspect(tests::golden("llama").string());
  const Runtime runtime({.threads = 2, .memory_limit = info.weight_bytes / 2});
  const auto failure =
      failure_of([&] { Model(tests::golden("llama").string(), {.runtime = runtime}); });
  CHECK(failure.code == Code::out_of_memory);
  CHECK(runtime.memory_used() == 0);
}

TEST_CASE("a compute type or cache type that is not known is refused with those that are") {
  check_failure(failure_of([] { Model(tests::golden("llama").string(), {.compute_type = "f8"}); }),
                Code::invalid_argument, "compute_type", "bf16");
  check_failure(failure_of([] { Model(tests::golden("llama").string(), {.cache_type = "q4"}); }),
                Code::invalid_argument, "cache_type", "bf16");
}

TEST_CASE("a model is read through a callback, and one that fails is an error") {
  const std::string file = read_text(tests::golden("llama") / "llama.gguf");
  const auto read = [&](std::uint64_t offset, void* to, std::size_t count) {
    const std::size_t some = std::min<std::size_t>({count, file.size() - offset, 1000});
    std::copy_n(file.data() + offset, some, static_cast<char*>(to));
    return some;
  };
  CHECK(Model::from_reader(file.size(), read).info().layers == 2);
  const auto broken = [](std::uint64_t, void*, std::size_t) { return std::size_t{0}; };
  CHECK(failure_of([&] { Model::from_reader(file.size(), broken); }).code == Code::io);
}

TEST_CASE("loading ends when it is cancelled") {
  const Cancel cancel;
  cancel.cancel();
  check_failure(failure_of([&] { Model(tests::golden("llama").string(), {.cancel = cancel}); }),
                Code::cancelled, "loading");
}

}  // namespace
}  // namespace loquor
