#!/bin/sh
# Declares the public members of every library anew, in the PublicAPI.Unshipped.txt beside its project: what is public without being declared there,
# or declared without being public, is an error of the build (RS0016, RS0017). For one member the compiler's own fix in an editor is quicker.
#   scripts/public-api.sh            all libraries
#   scripts/public-api.sh Engine     some, by folder
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- Foundation Masks Imaging Formats Torch TextEncoder Granularity Engine Training Server
for name in "$@"; do
  folder="src/$name"
  [ -e "$folder/PublicAPI.Shipped.txt" ] || echo '#nullable enable' > "$folder/PublicAPI.Shipped.txt"
  before=$(mktemp)
  [ ! -e "$folder/PublicAPI.Unshipped.txt" ] || cp "$folder/PublicAPI.Unshipped.txt" "$before"
  echo '#nullable enable' > "$folder/PublicAPI.Unshipped.txt"
  log=$(mktemp)
  if ! dotnet build "$folder" -c Release -v q -nologo -m:1 -clp:NoSummary -p:WarningsNotAsErrors=RS0016 > "$log" 2>&1; then
    cp "$before" "$folder/PublicAPI.Unshipped.txt"
    cat "$log" >&2
    exit 1
  fi
  {
    echo '#nullable enable'
    sed -n "s/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" "$log" | LC_ALL=C sort -u
  } > "$folder/PublicAPI.Unshipped.txt"
  echo "$name: $(grep -c . "$folder/PublicAPI.Unshipped.txt") lines"
  rm -f "$log" "$before"
done
