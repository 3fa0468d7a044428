#!/usr/bin/env bash
# Builds, then runs the tests; needs the .NET SDK and nothing else. Extra arguments go to `dotnet test`.
#   ./test.sh          everything but the slow ones
#   ./test.sh --slow   the slow ones too
# SEMSAM_FIXTURES=FOLDER takes the golden data from FOLDER. Tests of files that are not there are skipped and the files named.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
filter=(--filter 'Category!=Slow')
if [ "${1:-}" = --slow ]; then filter=(); shift; fi
[ -z "${SEMSAM_FIXTURES:-}" ] || SEMSAM_FIXTURES=$(cd "$OLDPWD" && realpath "$SEMSAM_FIXTURES") # the tests run elsewhere
results=artifacts/test-results
rm -rf "$results"; mkdir -p "$results"
dotnet build SemanticSam.sln -c Release -v q -nologo
# Threads of libtorch that wait by spinning slow everything down as soon as another program runs.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
status=0
dotnet test SemanticSam.sln -c Release --no-build -m:1 --logger trx --results-directory "$results" "${filter[@]}" "$@" || status=$?
count() { { grep -rho '<Counters [^>]*' "$results" || true; } | { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed) failed=$(count failed) skipped=$(($(count total) - $(count executed)))
# A run that broke off has fewer results than it began with; it must not read as a pass.
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
absent=$({ grep -rhoE '<Message>[^<]+ is not under ' "$results" || true; } | sed -E 's/<Message>(.*) is not under /\1/' | sort -u)
[ -z "$absent" ] || printf 'Golden files that are not there, so that their tests were skipped:\n%s\n' "$absent"
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
