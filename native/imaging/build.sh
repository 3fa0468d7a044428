#!/bin/sh
# Builds libsemsam_imaging into native/build/imaging. Needs cmake, a C compiler, and the headers of libjpeg, libpng and libwebp.
set -e
here=$(cd "$(dirname "$0")" && pwd)
build="$here/../build/imaging"
cmake -S "$here" -B "$build" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" >/dev/null
touch "$build/libsemsam_imaging.so"
