#!/usr/bin/env bash
# Builds, then runs the tests; needs the .NET 10 SDK and nothing else. --slow runs the slow ones, too; further arguments go to `dotnet test`.
# SEMSAM_FIXTURES=FOLDER takes the golden data from FOLDER. Tests of files that are not there are skipped and the files named.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
[ -z "${SEMSAM_FIXTURES:-}" ] || export SEMSAM_FIXTURES=$(cd "$OLDPWD" && cd "$SEMSAM_FIXTURES" && pwd) # the tests run elsewhere
filter=(--filter 'Category!=Slow') style=()
[ "${1:-}" != --slow ] || { filter=() style=(-p:EnforceCodeStyleInBuild=true); shift; }
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # threads of libtorch that spin while they wait slow down whatever else runs
results=artifacts/test-results status=0; rm -rf "$results"
dotnet build SemanticSam.sln -c Release -v quiet -nologo ${style[@]+"${style[@]}"} &&
    dotnet test SemanticSam.sln -c Release --no-build -m:1 --logger trx --results-directory "$results" ${filter[@]+"${filter[@]}"} "$@" || status=$?
count() { grep -rho '<Counters [^>]*' "$results" 2> /dev/null | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed) failed=$(count failed) skipped=$(($(count total) - $(count executed)))
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1 # a run that broke off is not a pass
absent=$(grep -rhoE '<Message>[^<]+ is not under ' "$results" 2> /dev/null | sed -E 's/<Message>(.*) is not under /\1/' | sort -u)
[ -z "$absent" ] || printf 'Golden files that are not there, so that their tests were skipped:\n%s\n' "$absent"
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
exit "$status"
