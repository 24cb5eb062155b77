#!/bin/sh
# exports.sh LIBRARY.so SOURCE_DIR: the shared library exports every function that loquor.h declares, what the headers of
# include/loquor declare in namespace loquor, and nothing else; and the tests in C call every function of loquor.h. It has
# no thread-local data that a thread's first use allocates: there the C library ends the process when memory has run out.
set -eu
library=$1 source=$2
status=0
complain() {
  [ -z "$2" ] || { echo "$1:"; printf '%s\n' "$2"; status=1; }
}

declared=$(grep -oE 'loquor_[a-z0-9_]+\(' "$source/capi/loquor.h" | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u)
in_c=$(printf '%s\n' "$exported" | grep '^loquor_' | sort)

difference=$(printf '%s\n%s\n' "$declared" "$in_c" | sort | uniq -u)
complain "declared or exported, but not both" "$difference"

foreign=$(printf '%s\n' "$exported" |
  grep -vE '^(loquor_.*|_ZNK?6loquor.*|_ZT[ISV]N6loquor5ErrorE|LOQUOR_[0-9]+)$' || true)
complain "exported, but not part of the API" "$foreign"

names=$(nm -DC --defined-only "$library" | grep -oE ' loquor::[A-Za-z_]+' | sed 's/.*:://' | sort -u)
for name in $names; do
  grep -qE "^(class|struct) $name |[ &*]$name\(" "$source"/include/loquor/*.hpp ||
    complain "exported, but in no public header" "loquor::$name"
done
internals=$(nm -DC --defined-only "$library" | grep -E '::(Impl|State)\b|loquor::(detail|capi)::' || true)
complain "exported, but internal" "$internals"

complain "thread-local data that is not initial-exec" "$(readelf -rW "$library" | grep -E 'DTPMOD|TLSDESC' || true)"

for name in $declared; do
  grep -qw "$name" "$source"/tests/capi/*.c || complain "no test in C calls" "$name"
done
exit $status
