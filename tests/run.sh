#!/usr/bin/env bash
# Builds loquor with assertions and runs every test: bash tests/run.sh [ctest arguments]
# Installs the Debian packages that are missing and fetches the model that some tests need; without network those are
# skipped. Before ctest's closing lines stands how many tests were skipped and why; with LOQUOR_EXPECTED_SKIPS set, another
# number is a failure, but that tests with real models may be missing where the network is.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/setup/packages.sh"
. "$root/setup/model.sh"

install_packages "${build_packages[@]}" "${fetch_packages[@]}" "${test_packages[@]}"
fetch_model || echo "Tests with a real model are skipped: could not fetch $model_file (sha256 $model_sha256)"
fetch_embedding_model || echo "Tests with embeddings are skipped: could not fetch $embedding_folder from $embedding_package"

build=$root/build/tests
if [ ! -f "$build/build.ninja" ]; then
  # Lines for backtraces, and no more: the whole of debugging's tables takes a third of the compiler's time.
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS=-D_GLIBCXX_ASSERTIONS \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -g1" \
    -DLOQUOR_WARNINGS_AS_ERRORS=ON -DLOQUOR_PYTHON=ON -DPython_EXECUTABLE=/usr/bin/python3 >/dev/null || exit 1
fi
cmake --build "$build" -j "$(build_jobs)" || exit 1

export LOQUOR_MODEL=$model_path LOQUOR_EMBEDDING_MODEL=$embedding_path
export LOQUOR_SKIPPED=$build/skipped.txt
: >"$LOQUOR_SKIPPED"
: >"$build/ctest.log" # there before tail looks for it
ctest --test-dir "$build" --output-on-failure --timeout 600 "$@" >"$build/ctest.log" 2>&1 &
runner=$!
# Everything as it comes, but for ctest's closing lines, which follow the count of what was skipped.
tail --pid=$runner -n +1 -f "$build/ctest.log" | sed '/tests passed,/,$d'
wait $runner
status=$?
skips=$(wc -l <"$LOQUOR_SKIPPED")
reasons=$(sort "$LOQUOR_SKIPPED" | uniq -c | awk '{n = $1; $1 = ""; print substr($0, 2) " (" n ")"}' | paste -sd';')
echo "$skips skipped: ${reasons:-none}"
sed -n '/tests passed,/,$p' "$build/ctest.log"
if [ -n "${LOQUOR_EXPECTED_SKIPS:-}" ]; then
  absent=$(has_model || echo SmolLM2; has_embedding_model || echo MiniLM)
  [ -z "$absent" ] || skips=$(grep -vcF "$absent" "$LOQUOR_SKIPPED")
  if [ "$skips" -ne "$LOQUOR_EXPECTED_SKIPS" ]; then
    echo "$skips tests were skipped, expected $LOQUOR_EXPECTED_SKIPS" >&2
    exit 1
  fi
fi
exit $status
