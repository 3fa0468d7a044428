#!/usr/bin/env bash
# Paints the gallery of the model card anew with the embedded model: scripts/gallery.sh FOLDER
# FOLDER holds the photos that docs/gallery/asked.txt names; where they come from stands there, too.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 1 ] || { echo "usage: scripts/gallery.sh FOLDER_WITH_THE_PHOTOS" >&2; exit 2; }
dotnet run -c Release --project samples/Gallery "$1" docs/gallery/asked.txt docs/gallery
