// FNV-1a against its published vectors.
#include "base/hash.h"

#include <doctest/doctest.h>

using namespace loquor;

TEST_CASE("hashes are the published ones, and go on where they stopped") {
  CHECK(hash_bytes("") == 0xcbf29ce484222325);
  CHECK(hash_bytes("a") == 0xaf63dc4c8601ec8c);
  CHECK(hash_bytes("foobar") == 0x85944171f73967e8);
  CHECK(hash_bytes("bar", hash_bytes("foo")) == hash_bytes("foobar"));
}
