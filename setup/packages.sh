# What loquor needs from Debian, and how it is installed. Sourced by examples/quickstart.sh and tests/run.sh.

# Prints those of the given packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s\n' "$package"
  done
}

# Installs what is missing of the given packages, as root or through sudo; otherwise says what to run and exits 2.
install_packages() {
  local missing run=() tool log
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "This needs Debian's packages (or what matches them here): ${missing[*]}" >&2
    exit 2
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      run=(sudo --preserve-env=http_proxy,https_proxy,HTTP_PROXY,HTTPS_PROXY,no_proxy,NO_PROXY)
    else
      echo "These packages are missing; please run as root:" >&2
      echo "  apt-get install -y --no-install-recommends ${missing[*]}" >&2
      exit 2
    fi
  fi
  echo "Installing: ${missing[*]}"
  log=$(mktemp)
  tool=("${run[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -y)
  # Lists may be missing altogether, or too old for the mirror.
  if ! apt-cache show "${missing[@]}" >/dev/null 2>&1; then "${tool[@]}" update >"$log" 2>&1 || true; fi
  if ! "${tool[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    "${tool[@]}" update >>"$log" 2>&1 || true
    if ! "${tool[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
      tail -n 20 "$log" >&2
      echo "apt-get could not install: ${missing[*]}" >&2
      rm -f "$log"
      exit 1
    fi
  fi
  rm -f "$log"
}

# How many compilers may run: the quota, the affinity and a gigabyte and a half each, at least one.
build_jobs() {
  local jobs quota period memory
  jobs=$(nproc 2>/dev/null || echo 1)
  if read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max && [ "$quota" != max ]; then
    [ $((quota / period)) -lt "$jobs" ] && jobs=$((quota / period))
  fi
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null)
  [ -n "$memory" ] && [ "$memory" -lt "$jobs" ] && jobs=$memory
  [ "$jobs" -ge 1 ] && echo "$jobs" || echo 1
}

build_packages=(g++ cmake ninja-build ccache pkg-config libdnnl-dev libeigen3-dev libcli11-dev)
fetch_packages=(ca-certificates python3 python3-pip unzip)
test_packages=(doctest-dev pybind11-dev python3-dev python3-numpy python3-venv python3-setuptools python3-wheel
  python3-pytest libsentencepiece-dev binutils mypy clang-format-14)
