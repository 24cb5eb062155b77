#!/usr/bin/env bash
# Builds loquor and asks a small language model something: bash examples/quickstart.sh ["a question"] [--model PATH]
# Installs the Debian packages that are missing and fetches SmolLM2-135M-Instruct once. Without a question it opens a
# chat on a terminal, and answers a fixed question elsewhere.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/setup/packages.sh"
. "$root/setup/model.sh"

model='' question=''
while [ $# -gt 0 ]; do
  case $1 in
    --model) [ $# -ge 2 ] || { echo "quickstart: --model needs a path" >&2; exit 2; }; model=$2; shift 2 ;;
    -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) echo "quickstart: unknown option $1" >&2; exit 2 ;;
    *) question=$1; shift ;;
  esac
done

packages=("${build_packages[@]}")
if [ -z "$model" ] && ! has_model; then packages+=("${fetch_packages[@]}"); fi
install_packages "${packages[@]}"

build=$root/build/release
if [ ! -f "$build/build.ninja" ]; then
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLOQUOR_TESTS=OFF -DLOQUOR_BENCHMARKS=OFF >/dev/null
fi
# Ninja shows one line on a terminal; elsewhere only what is wrong is worth a line.
if [ -t 1 ]; then
  cmake --build "$build" -j "$(build_jobs)"
elif ! cmake --build "$build" -j "$(build_jobs)" >"$build/build.log" 2>&1; then
  cat "$build/build.log" >&2
  exit 1
fi

if [ -z "$model" ]; then
  if ! fetch_model; then
    echo "quickstart: could not fetch $model_file (sha256 $model_sha256); bring it here and give --model PATH" >&2
    exit 1
  fi
  model=$model_path
fi

tool=$build/examples/loquor/loquor
if [ -n "$question" ]; then
  exec "$tool" generate --chat --timings "$model" "$question"
elif [ -t 0 ]; then
  exec "$tool" chat "$model"
else
  exec "$tool" generate --chat --timings "$model" "What is the capital of France?"
fi
