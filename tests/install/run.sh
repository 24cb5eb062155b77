#!/usr/bin/env bash
# Installs a build and uses it as others would: tests/install/run.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source=$1 build=$2 model=$1/tests/golden/llama
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/with a space"

cmake --install "$build" --prefix "$prefix" >/dev/null

cmake -S "$source/tests/install" -B "$work/find" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/find" >/dev/null
"$work/find/consumer_loquor" "$model"
"$work/find/consumer_static" "$model"

# A shell cannot take a prefix with a space from pkg-config, so it gets a link without one.
ln -s "$prefix" "$work/prefix"
library=$(find "$work/prefix/" -name libloquor.so)
export PKG_CONFIG_PATH=${library%/*}/pkgconfig
c++ -std=c++20 "$source/tests/install/consumer.cpp" -o "$work/shared" $(pkg-config --cflags --libs loquor)
LD_LIBRARY_PATH=${library%/*} "$work/shared" "$model"

# As a folder of the consumer's own tree: configured only, since it would build the library once more.
cmake -S "$source/tests/install" -B "$work/add" -G Ninja -DLOQUOR_SOURCE="$source" >/dev/null
ninja -C "$work/add" -t query consumer_loquor >/dev/null
! ninja -C "$work/add" -t targets all | grep -q '^test_'
