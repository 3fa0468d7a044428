#!/usr/bin/env bash
# Builds, then runs the tests; needs the .NET 10 SDK and nothing else. --slow runs the slow ones, too; further arguments go to `dotnet test`.
# SEMSAM_FIXTURES=FOLDER takes the golden data from FOLDER. Tests of files that are not there are skipped and the files named.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
[ -z "${SEMSAM_FIXTURES:-}" ] || export SEMSAM_FIXTURES=$(cd "$OLDPWD" && cd "$SEMSAM_FIXTURES" && pwd) # the tests run elsewhere
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # threads of libtorch that spin while they wait slow down whatever else runs
results=artifacts/test-results status=0; rm -rf "$results"
run() { # PART PROJECT FILTER ...
    local part=$1 project=$2 filter=$3; shift 3
    dotnet test "$project" -c Release --no-build -m:1 --logger "trx;LogFilePrefix=$part" --results-directory "$results" ${filter:+--filter "$filter"} "$@"
}
fast() { # most tests keep one core busy, so the two halves run beside each other, in processes of their own, each with half the cores
    local first= second= name half=$(($(getconf _NPROCESSORS_ONLN) / 2)) status=0; [ "$half" -gt 0 ] || half=1
    export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$half}
    for name in Engine Cli Scenarios Granularity Training; do
        first="$first${first:+|}FullyQualifiedName~SemanticSam.Tests.$name." second="$second&FullyQualifiedName!~SemanticSam.Tests.$name."
    done
    mkdir -p "$results"
    { run pure tests/Pure/SemanticSam.Tests.Pure.csproj 'Category!=Slow'
      local pure=$?
      run first tests/SemanticSam.Tests.csproj "Category!=Slow&($first)" && [ "$pure" = 0 ]; } > "$results/first.log" 2>&1 & local other=$!
    run second tests/SemanticSam.Tests.csproj "Category!=Slow$second" || status=$?
    wait "$other" || status=$?
    cat "$results/first.log"
    return "$status"
}
if [ "${1:-}" = --slow ]; then shift; style=-p:EnforceCodeStyleInBuild=true tests=(run all SemanticSam.sln '' "$@")
elif [ $# -gt 0 ]; then style='' tests=(run all SemanticSam.sln '' --filter 'Category!=Slow' "$@")
else style='' tests=(fast); fi
build() { # one compiler for all projects, which is a third faster; where the machine asks for none that stays, it goes when it is done
    local status=0
    dotnet build SemanticSam.sln -c Release -v quiet -nologo -p:UseSharedCompilation=true $style || status=$?
    [ "${UseSharedCompilation:-}" != false ] || dotnet build-server shutdown --vbcscompiler > /dev/null
    return "$status"
}
build && "${tests[@]}" || status=$?
count() { grep -rho '<Counters [^>]*' "$results" 2> /dev/null | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed) failed=$(count failed) skipped=$(($(count total) - $(count executed)))
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1 # a run that broke off is not a pass
absent=$(grep -rhoE '<Message>[^<]+ is not under ' "$results" 2> /dev/null | sed -E 's/<Message>(.*) is not under /\1/' | sort -u)
[ -z "$absent" ] || printf 'Golden files that are not there, so that their tests were skipped:\n%s\n' "$absent"
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
exit "$status"
