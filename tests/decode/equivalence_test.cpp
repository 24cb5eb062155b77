// The same ids give the same logits, bit for bit, however they are cut into calls and whoever
// shares the batch.
#include <doctest/doctest.h>

#include <cstring>

#include "base/bytes.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "decode/chunks.h"
#include "decode/session_impl.h"
#include "loquor/generation.hpp"
#include "loquor/session.hpp"

namespace loquor {
namespace {

const char* const kModels[] = {"llama",  "mistral", "qwen2_window", "gpt2",
                               "gemma2", "glm4",    "mixtral",      "deepseek_v3"};

std::vector<std::int32_t> ids_for(const Model& model, std::int64_t count, int seed = 1) {
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < count; ++i) {
    ids.push_back(
        static_cast<std::int32_t>((i * i * 7 + i * 13 + seed * 29) % model.info().vocabulary));
  }
  return ids;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

template <class Function>
void with_each_model(Function&& check) {
  for (const char* name : kModels) {
    for (const char* compute : {"f32", "bf16"}) {
      for (const int threads : {1, 2}) {
        CAPTURE(name);
        CAPTURE(compute);
        CAPTURE(threads);
        check(Model(tests::golden(name).string(), {.compute_type = compute,
                                                   .cache_type = compute,
                                                   .runtime = Runtime({.threads = threads})}));
      }
    }
  }
}

TEST_CASE("a whole prompt, chunks and single tokens give the same bits") {
  with_each_model([](const Model& model) {
    const auto ids = ids_for(model, 45);
    const Logits whole = model.logits(ids);
    Session chunks(model), single(model);
    std::size_t at = 0;
    for (const std::size_t size : {1u, 7u, 20u, 2u, 15u}) {
      const auto logits = chunks.append(std::span(ids).subspan(at, size));
      at += size;
      const auto row = whole.row(static_cast<std::int64_t>(at) - 1);
      CHECK(same_bits(logits, {row.begin(), row.end()}));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = whole.row(static_cast<std::int64_t>(i));
      REQUIRE(same_bits(single.append(std::span(ids).subspan(i, 1)), {row.begin(), row.end()}));
    }
  });
}

TEST_CASE("1 and 2 threads give the same bits") {
  for (const char* name : kModels) {
    for (const char* compute : {"f32", "bf16"}) {
      const auto run = [&](int threads) {
        const Model model(tests::golden(name).string(),
                          {.compute_type = compute, .runtime = Runtime({.threads = threads})});
        return model.logits(ids_for(model, 45)).values;
      };
      CHECK(same_bits(run(1), run(2)));
    }
  }
}

TEST_CASE("a batch of ragged sequences gives each the bits it has alone") {
  with_each_model([](const Model& model) {
    const std::int64_t lengths[] = {1, 33, 5, 40};
    std::vector<Session> sessions;
    for (int i = 0; i < 4; ++i) sessions.emplace_back(model);
    Batch batch(model);
    for (std::size_t i = 0; i < 4; ++i)
      batch.add(sessions[i], ids_for(model, lengths[i], static_cast<int>(i)));
    const Logits together = batch.step();
    for (std::size_t i = 0; i < 4; ++i) {
      Session alone(model);
      const auto row = together.row(static_cast<std::int64_t>(i));
      CHECK(same_bits(alone.append(ids_for(model, lengths[i], static_cast<int>(i))),
                      {row.begin(), row.end()}));
      batch.add(sessions[i], ids_for(model, 1, 9));
    }
    const Logits next = batch.step();
    for (std::size_t i = 0; i < 4; ++i) {
      Session alone(model);
      alone.append(ids_for(model, lengths[i], static_cast<int>(i)));
      const auto row = next.row(static_cast<std::int64_t>(i));
      CHECK(same_bits(alone.append(ids_for(model, 1, 9)), {row.begin(), row.end()}));
    }
  });
}

// A golden model whose positions reach over several chunks.
class LongModel {
 public:
  explicit LongModel(const char* name) {
    for (const char* file : {"config.json", "model.safetensors"})
      std::filesystem::copy_file(tests::golden(name) / file, folder_.path() / file);
    Json config = Json::parse(read_text(folder_.path() / "config.json"));
    config["max_position_embeddings"] = std::int64_t{4096};
    folder_.write("config.json", config.dump());
  }
  Model open() const { return Model(folder_.path().string(), {.compute_type = "f32"}); }

 private:
  tests::TemporaryFolder folder_;
};

TEST_CASE("a batch of more rows than a pass takes gives each sequence the bits it has alone") {
  for (const char* name : {"llama", "qwen2_window"}) {
    CAPTURE(name);
    const LongModel files(name);
    const Model model = files.open();
    const std::int64_t lengths[] = {3, 700, 1, 400, 1300};
    std::vector<Session> sessions;
    Batch batch(model);
    for (int i = 0; i < 5; ++i) sessions.emplace_back(model).append(ids_for(model, 40, i));
    for (std::size_t i = 0; i < 5; ++i)
      batch.add(sessions[i], ids_for(model, lengths[i], static_cast<int>(i)));
    const Logits together = batch.step();
    CHECK(together.rows == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      Session alone(model);
      alone.append(ids_for(model, 40, static_cast<int>(i)));
      const auto row = together.row(static_cast<std::int64_t>(i));
      CHECK(same_bits(alone.append(ids_for(model, lengths[i], static_cast<int>(i))),
                      {row.begin(), row.end()}));
      CHECK(sessions[i].ids() == alone.ids());
      CHECK(
          same_bits(sessions[i].append(ids_for(model, 1, 9)), alone.append(ids_for(model, 1, 9))));
    }
  }
}

TEST_CASE("a batch goes in passes of 512 rows, and one that fails leaves all as it was") {
  const LongModel files("qwen2_window");
  const Model model = files.open();
  std::vector<Session> sessions;
  for (int i = 0; i < 3; ++i) sessions.emplace_back(model).append(ids_for(model, 40, i));
  const auto ids = ids_for(model, 600, 4);
  std::vector<Unread> unread;
  for (const Session& session : sessions) unread.push_back({&session.impl().cache, ids});
  Context context(model.runtime());
  std::vector<std::int64_t> passes;
  const auto until_the_third = [&](const Tensor& hidden, std::span<const ChunkPart> parts) {
    std::int64_t rows = 0;
    for (const ChunkPart& part : parts) rows += part.rows;
    CHECK(rows == hidden.rows());
    passes.push_back(rows);
    if (passes.size() == 3) fail(Code::cancelled, "enough");
  };
  CHECK_THROWS_AS(read_in_chunks(model.impl()->transformer(), context, unread, until_the_third),
                  Error);
  CHECK(passes == std::vector<std::int64_t>{512, 512, 512});
  for (int i = 0; i < 3; ++i) {
    Session& session = sessions[static_cast<std::size_t>(i)];
    Session alone(model);
    alone.append(ids_for(model, 40, i));
    CHECK(session.position() == 40);
    CHECK(same_bits(session.append(ids), alone.append(ids)));
  }
}

TEST_CASE("rewind, fork and restore give the bits of a fresh session") {
  with_each_model([](const Model& model) {
    const auto ids = ids_for(model, 44);
    const std::span<const std::int32_t> all(ids);
    Session fresh(model);
    fresh.append(all.first(37));
    const auto expected = fresh.append(all.subspan(37));

    Session session(model);
    session.append(all.first(37));
    session.append(ids_for(model, 6, 5));
    session.rewind(37);
    CHECK(same_bits(session.append(all.subspan(37)), expected));
    session.rewind(3);  // further back than a window reaches
    session.append(all.subspan(3, 34));

    Session fork = session.fork();
    CHECK(same_bits(fork.append(ids_for(model, 3, 8)), [&] {
      Session other(model);
      other.append(all.first(37));
      return other.append(ids_for(model, 3, 8));
    }()));
    const std::string saved = session.save();
    CHECK(same_bits(session.append(all.subspan(37)), expected));

    Session restored(model);
    restored.restore(saved);
    CHECK(restored.position() == 37);
    CHECK(same_bits(restored.append(all.subspan(37)), expected));
  });
}

TEST_CASE("a session is saved in its cache's type, and only restored into the same") {
  const auto model_of = [](const char* cache) {
    return Model(tests::golden("llama").string(), {.compute_type = "f32", .cache_type = cache});
  };
  constexpr std::int64_t kHeader = 64;
  const Model model = model_of("f32");
  const auto ids = ids_for(model, 39);
  const auto saved_by = [&](const Model& of) {
    Session session(of);
    session.append(ids);
    return session.save();
  };
  const std::string wide = saved_by(model), narrow = saved_by(model_of("bf16"));
  const std::int64_t before = kHeader + 39 * 4;
  CHECK(std::ssize(wide) == before + 39 * model.info().cache_bytes_per_position);
  CHECK(std::ssize(narrow) - before == (std::ssize(wide) - before) / 2);
  Session session(model);
  CHECK_THROWS_WITH_AS(session.restore(narrow), "the saved session's cache type is 1, expected 0",
                       Error);
  std::string old = wide;
  old[4] = 1;
  CHECK_THROWS_WITH_AS(session.restore(old), "the saved session has version 1, expected 3", Error);
}

TEST_CASE("a damaged or foreign saved session is refused and changes nothing") {
  const Model model(tests::golden("llama").string(), {.compute_type = "f32"});
  const Model other(tests::golden("qwen2").string(), {.compute_type = "f32"});
  Session session(model);
  session.append(ids_for(model, 9));
  const std::string saved = session.save();
  Session target(model);
  target.append(ids_for(model, 3));
  for (std::size_t size = 0; size < saved.size(); size += 7) {
    CHECK_THROWS_AS(target.restore(std::string_view(saved).substr(0, size)), Error);
  }
  for (std::size_t at = 0; at < saved.size(); at += 5) {
    std::string damaged = saved;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    CHECK_THROWS_AS(target.restore(damaged), Error);
  }
  Session foreign(other);
  CHECK_THROWS_AS(foreign.restore(saved), Error);
  CHECK(target.position() == 3);
  target.restore(saved);
  CHECK(target.position() == 9);
}

}  // namespace
}  // namespace loquor
