#!/usr/bin/env bash
# A batch killed at random (SIGKILL) and resumed must give the bytes of an undisturbed one.
#   tests/batch-kill.sh PICTURES [KILLS [SEGMENT OPTIONS...]]
# PICTURES is a folder; KILLS is 20 by default; the options are --text "person, car" --threads 1 by default.
# SEED chooses the moments (as far as the machine lets it); KEEP names a folder for the results (else they go).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pictures=${1:?name a folder of pictures}; kills=${2:-20}
shift; shift || true
options=("$@"); [ $# -gt 0 ] || options=(--text "person, car" --threads 1)
RANDOM=${SEED:=$$}
if [ -n "${KEEP:-}" ]; then work=$KEEP; mkdir -p "$work"; else work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; fi
"$root/semsam" models > /dev/null # builds, if need be
command=("$root/semsam" segment "$pictures" "${options[@]}" --resume --quiet --out)
results() { { find "$1/results" -name "*.json" 2> /dev/null || true; } | wc -l; }
now() { date +%s.%N; }

start=$(now)
"${command[@]}" "$work/undisturbed" || [ $? = 1 ] # 1: some pictures failed, which is compared, too
undisturbed=$(echo "$(now) - $start" | bc)
echo "undisturbed: $(results "$work/undisturbed") results in ${undisturbed%.*} s (seed $SEED)"

start=$(now); before=0; early=0; all=$(results "$work/undisturbed")
for kill in $(seq "$kills"); do
    "${command[@]}" "$work/killed" & pid=$!
    # The kills spread over the whole job; every fifth meets a process that only starts.
    if [ $((kill % 5)) = 0 ]; then target=0; else target=$(((all * (kill - 1) + all * RANDOM / 32768) / kills)); fi
    while [ "$(results "$work/killed")" -lt "$target" ] && kill -0 $pid 2> /dev/null; do sleep 0.1; done
    sleep "$(echo "scale=3; $RANDOM / 32768" | bc)"
    kill -KILL $pid 2> /dev/null || early=$((early + 1))
    wait $pid 2> /dev/null || true
    after=$(results "$work/killed")
    echo "kill $kill: $after results, $({ find "$work/killed" -name ".*.tmp" 2> /dev/null || true; } | wc -l) half-written temporary files"
    [ "$after" -ge "$before" ] || { echo "a result was lost"; exit 1; }
    before=$after
done
[ "$early" = 0 ] || echo "$early kills came after the job had ended"
"${command[@]}" "$work/killed" || [ $? = 1 ]
echo "killed and resumed: $(results "$work/killed") results in $(echo "($(now) - $start) / 1" | bc) s"

diff -r --exclude=errors.jsonl --exclude=timings.jsonl "$work/undisturbed" "$work/killed"
errors() { if [ -f "$1/errors.jsonl" ]; then sed 's/,"time":"[^"]*"//' "$1/errors.jsonl"; fi; }
diff <(errors "$work/undisturbed") <(errors "$work/killed")
"$root/semsam" verify "$work/killed"
echo "equal, byte for byte: $(find "$work/killed" -type f | wc -l) files, $(du -sb "$work/killed" | cut -f1) bytes; $(wc -l < "$work/killed/timings.jsonl") answers were computed and logged for $(wc -l < "$work/killed/inputs.jsonl") inputs"
