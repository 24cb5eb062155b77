#!/usr/bin/env bash
# Fails where a file of lib/ includes a layer that it must not see: tests/layers.sh SOURCE_DIR
# The build enforces the same by what each folder can reach; this names the file and also looks at public headers.
set -euo pipefail
cd "$1"

declare -A sees=(
  [base]="base"
  [text]="base text"
  [io]="base io"
  [kernels]="base kernels"
  [ops]="base kernels ops"
  [nn]="base text io kernels ops nn"
  [models]="base models"
  [decode]="base text io kernels ops nn decode"
)
failed=0
complain() {
  echo "$1" >&2
  failed=1
}

for layer in "${!sees[@]}"; do
  while IFS=: read -r file line; do
    header=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$line")
    folder=${header%%/*}
    case $header in
      loquor/*) continue ;;
      ../*) complain "$file includes $header: name it from the layers' root" ;;
      nn/family.h | nn/spec.h | nn/config.h) [ "$layer" = models ] && continue ;;
    esac
    [[ " ${sees[$layer]} " == *" $folder "* ]] || complain "$file includes $header, and $layer sees only ${sees[$layer]}"
  done < <(grep -rHoE '#include "[^"]+"' "lib/$layer" --include='*.h' --include='*.cpp' --include='*.inl')
done

# oneDNN in one file, Eigen in the reference kernels, neither in a public header.
while read -r file; do
  [ "$file" = lib/kernels/onednn.cpp ] || complain "$file includes oneDNN's headers"
done < <(grep -rlE '#include [<"](oneapi/|dnnl)' lib include capi || true)
while read -r file; do
  [[ $file == lib/kernels/* ]] || complain "$file includes Eigen's headers"
done < <(grep -rlE '#include [<"]Eigen' lib include capi || true)
while IFS=: read -r file line; do
  header=$(sed -E 's/.*[<"]([^>"]+)[>"].*/\1/' <<<"$line")
  case $header in
    loquor/*) ;;
    */* | *.h) complain "$file includes $header, and public headers include only the standard library" ;;
  esac
done < <(grep -rHoE '#include [<"][^>"]+[>"]' include)
exit $failed
