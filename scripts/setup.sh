# Sets up what is missing, once: system libraries, the native bridge, the build. Sourced by semsam, test.sh and bench.sh.
# Says what it does, is silent when nothing is missing. SEMSAM_TORCH=<cmake prefix of another libtorch> builds against that one.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log_dir="$root/artifacts/logs"

say() { printf '%s\n' "semsam: $*" >&2; }
die() { say "$*"; exit 3; }

# Library file (as the loader names it) -> Debian package that brings it.
packages_needed() {
    local missing=()
    local known; known=$(/sbin/ldconfig -p 2>/dev/null || ldconfig -p 2>/dev/null || true)
    has() { grep -q "$1" <<<"$known"; }
    if [ -z "${SEMSAM_TORCH:-}" ]; then
        [ -e /usr/include/torch/csrc/api/include/torch/torch.h ] || missing+=(libtorch-dev)
        compgen -G '/usr/lib/*/openblas-openmp' >/dev/null || missing+=(libopenblas0-openmp)
    fi
    command -v g++ >/dev/null || missing+=(g++)
    command -v cmake >/dev/null || missing+=(cmake)
    command -v make >/dev/null || missing+=(make)
    [ -e /usr/include/jpeglib.h ] || missing+=(libjpeg62-turbo-dev)
    [ -e /usr/include/png.h ] || missing+=(libpng-dev)
    [ -e /usr/include/webp/decode.h ] || missing+=(libwebp-dev)
    has 'libcairo\.so\.2' || missing+=(libcairo2)
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
    printf '%s\n' "${missing[@]:-}"
}

install_packages() {
    local list; list=$(packages_needed | grep -v '^$' || true)
    [ -n "$list" ] || return 0
    local names; names=$(tr '\n' ' ' <<<"$list")
    command -v apt-get >/dev/null || die "these libraries are missing and this system has no apt-get; install their equivalents: $names"
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "these packages are missing; ask an administrator to run: apt-get install $names"
        sudo=(sudo)
    fi
    mkdir -p "$log_dir"
    say "installing once: ${names}(about 1 GB of disk with libtorch; a few minutes; log: artifacts/logs/apt.log)"
    {
        "${sudo[@]}" apt-get update -q &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $names
    } >"$log_dir/apt.log" 2>&1 &
    wait_with_dots $! || { tail -5 "$log_dir/apt.log" >&2; die "apt-get failed, see artifacts/logs/apt.log; nothing else was changed."; }
}

# A dot every two seconds while a background job runs; its exit status.
wait_with_dots() {
    while kill -0 "$1" 2>/dev/null; do printf '.' >&2; sleep 2; done
    printf '\n' >&2
    wait "$1"
}

require_dotnet() {
    command -v dotnet >/dev/null || die "the .NET 10 SDK is missing; install it (https://dotnet.microsoft.com/download) and run this again."
    dotnet --list-sdks | grep -q '^1[0-9]\.' || die "a .NET 10 SDK is needed; found: $(dotnet --list-sdks | tr '\n' ';')"
}

# The C bridges under native/; native/build.sh itself skips what is up to date.
build_native() {
    [ ! -e "$root/native/build/.stamp" ] || [ -n "$(find "$root/native" -path "$root/native/build" -prune -o -newer "$root/native/build/.stamp" -type f -print -quit)" ] || return 0
    mkdir -p "$log_dir"
    say "building the native bridge once (about a minute; log: artifacts/logs/native.log)"
    TORCH_PREFIX="${SEMSAM_TORCH:-${TORCH_PREFIX:-}}" bash "$root/native/build.sh" >"$log_dir/native.log" 2>&1 &
    wait_with_dots $! || { tail -20 "$log_dir/native.log" >&2; die "the native bridge did not build, see artifacts/logs/native.log"; }
    touch "$root/native/build/.stamp"
}

# build_project PROJECT OUTPUT: builds in Release when a source is newer than the output.
build_project() {
    local project=$1 output=$2
    if [ -e "$output" ] && [ -z "$(find "$root/src" "$root/stand-ins" "$root/models" "$root"/*.props "$root"/*.targets "$root/$(dirname "$project")" \
            \( -name obj -o -name bin \) -prune -o -newer "$output" -type f -print -quit 2>/dev/null)" ]; then
        return 0
    fi
    mkdir -p "$log_dir"
    say "building $project (log: artifacts/logs/build.log)"
    dotnet build "$root/$project" -c Release -v q -nologo >"$log_dir/build.log" 2>&1 &
    wait_with_dots $! || { grep -E 'error' "$log_dir/build.log" | sort -u | head -10 >&2; die "the build failed, see artifacts/logs/build.log"; }
    touch "$output"
}

setup() {
    require_dotnet
    install_packages
    build_native
}
