#!/usr/bin/env bash
# Operator chains from C# and from Python, alternating, in one run on one machine; prints the medians and their ratio.
# PYTHON: an interpreter with torch of the same version (Debian: python3-torch). ROUNDS: how often each side runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
dotnet build "$here" -c Release -v q -nologo >/dev/null
for round in $(seq "${ROUNDS:-3}"); do
  dotnet "$here/bin/Release/net10.0/SemanticSam.Bench.dll" --chains >>"$work/csharp"
  "$python" "$here/chains.py" >>"$work/python"
done
"$python" - "$work" <<'PY'
import json, statistics, sys
sides = [[json.loads(line) for line in open(f"{sys.argv[1]}/{side}")] for side in ("csharp", "python")]
print(f"{'chain':20} {'C# ms':>9} {'Python ms':>9} {'ratio':>6}")
for name in sides[0][0]:
    a, b = (statistics.median(run[name] for run in side) for side in sides)
    print(f"{name:20} {a * 1e3:9.3f} {b * 1e3:9.3f} {a / b:6.2f}")
PY
