#!/usr/bin/env bash
# sdist -> wheel -> clean environments -> the main job, from another directory.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT

"$root/.venv/bin/python" -m build --installer uv --outdir "$work/dist" "$root" >/dev/null   # the wheel is built from the sdist
"$root/.venv/bin/check-wheel-contents" --toplevel firered "$work"/dist/*.whl

cd "$work"
echo "-- without extras: what is missing is named"
bash "$root/workbench/install.sh" "$work/venv" "$work"/dist/*.whl
venv/bin/firered --version
venv/bin/firered catalog init
if venv/bin/firered run data/tour 2> error; then echo "the main job ran without the embedded models" >&2; exit 1; fi
grep -q "firered-workbench\[embedded\]" error || { cat error >&2; exit 1; }
venv/bin/firered doctor || [ $? = 1 ]

echo "-- with the embedded models: the main job, small, twice"
bash "$root/workbench/install.sh" "$work/venv" "$(echo "$work"/dist/*.whl)[embedded]"
venv/bin/firered eject recipes/data/tour.yaml small.yaml
sed -i 's|^  - train: tiny/flow$|  - train: tiny/flow\n    set: ["steps=20"]|' small.yaml
venv/bin/firered run small.yaml
venv/bin/firered run small.yaml 2>&1 | tee again
grep -q "nothing was done twice" again
venv/bin/firered catalog audit
test -s catalog/reports/tour.html
