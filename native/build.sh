#!/usr/bin/env bash
# Builds native/build/libsemsam_torch.so. Quiet; does nothing when it is newer than its sources.
# TORCH_PREFIX, when set, is the cmake prefix of another libtorch (torch.utils.cmake_prefix_path of a Python torch).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here/build/libsemsam_torch.so
stamp=$here/build/prefix
wanted=${TORCH_PREFIX:-system}
if [ -e "$out" ] && [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] \
   && [ -z "$(find "$here" -maxdepth 1 \( -name '*.cpp' -o -name '*.h' -o -name '*.inc' -o -name CMakeLists.txt \) -newer "$out" -print -quit)" ]; then
  exit 0
fi
for tool in cmake c++; do
  command -v "$tool" >/dev/null || { echo "native/build.sh: $tool is missing (Debian: apt-get install cmake g++ libtorch-dev libopenblas0-openmp)" >&2; exit 1; }
done
echo "Building the bridge to libtorch (once, about a minute)..." >&2
mkdir -p "$here/build"
log=$here/build/build.log
generator=(); command -v ninja >/dev/null && generator=(-G Ninja)
prefix=(); [ "$wanted" = system ] || prefix=("-DCMAKE_PREFIX_PATH=$wanted")
# Another libtorch, or a build folder copied from elsewhere, needs another cache.
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || ! grep -qsx "CMAKE_HOME_DIRECTORY:INTERNAL=$here" "$here/build/CMakeCache.txt"; then
  rm -rf "$here/build/CMakeCache.txt" "$here/build/CMakeFiles"
fi
if ! { cmake -S "$here" -B "$here/build" "${generator[@]}" "${prefix[@]}" && cmake --build "$here/build"; } >"$log" 2>&1; then
  grep -E "error|Error|Could" "$log" | head -20 >&2 || true
  echo "native/build.sh: failed; the whole log is in $log" >&2
  exit 1
fi
printf '%s' "$wanted" >"$stamp"
touch "$out"
