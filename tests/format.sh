#!/usr/bin/env bash
# Fails where a file is not as clang-format leaves it: tests/format.sh SOURCE_DIR
set -euo pipefail
cd "$1"
find lib include capi bindings examples tests benchmarks -name '*.cpp' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' \
  -o -name '*.inl' | grep -v -e unicode_tables -e /build/ | sort | xargs clang-format-14 --dry-run -Werror
