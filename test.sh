#!/usr/bin/env bash
# Sets up what is missing, then runs the tests. Extra arguments go to `dotnet test`.
#   ./test.sh          everything but the slow ones
#   ./test.sh --slow   the slow ones too
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/setup.sh"
filter=(--filter 'Category!=Slow')
if [ "${1:-}" = --slow ]; then filter=(); shift; fi
setup
results="$root/artifacts/test-results"
rm -rf "$results"; mkdir -p "$results"
cd "$root"
dotnet build SemanticSam.sln -c Release -v q -nologo
status=0
dotnet test tests/SemanticSam.Tests.csproj -c Release --no-build --logger "trx;LogFileName=tests.trx" --results-directory "$results" "${filter[@]}" "$@" || status=$?
counters=$(grep -o '<Counters [^>]*' "$results/tests.trx" || true)
count() { grep -o " $1=\"[0-9]*\"" <<<"$counters" | grep -o '[0-9]*' || echo 0; }
passed=$(count passed); failed=$(count failed)
# A run that broke off has fewer results than it began with; it must not read as a pass.
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
exit "$status"
