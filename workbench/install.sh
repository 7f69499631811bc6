#!/usr/bin/env bash
# Make a virtual environment and install the workbench in it, with the versions of constraints.txt.
#   bash workbench/install.sh VENV [WHAT ...]      WHAT: what pip would be given, default: -e .[embedded]
# PYTHON          the interpreter to use (python3)
# FIRERED_TORCH   auto | cpu | cu130 ...: which build of torch (auto: the CPU build where there is no GPU)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="${1:?usage: install.sh VENV [WHAT ...]}"; shift
what=("$@"); [ ${#what[@]} -gt 0 ] || what=(-e "$root[embedded]")
python="${PYTHON:-python3}"

"$python" -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] < (3, 13) else
  "Python 3.11 or 3.12 is needed, this is %d.%d (set PYTHON to another)" % sys.version_info[:2])'
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
  echo "could not make $venv (on Debian: apt install python3-venv)" >&2; exit 1; }
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.9"

# Where pip is told to find wheels in a folder, uv is told too: a torch that lies there is the one to take.
links=(); local_torch=
for folder in ${PIP_FIND_LINKS:-$("$python" -m pip config get global.find-links 2>/dev/null || true)}; do
  links+=(--find-links "$folder")
  compgen -G "$folder/torch-*.whl" >/dev/null && local_torch=yes
done
backend=()
if [ -n "${FIRERED_TORCH:-}" ] || [ -z "$local_torch" ]; then
  choice="${FIRERED_TORCH:-auto}"
  # uv's own auto takes the newest build of all where it finds no driver; on a Mac there is only one build.
  if [ "$choice" = auto ] && [ "$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null && ! command -v rocminfo >/dev/null; then choice=cpu; fi
  backend=(--torch-backend "$choice")
fi
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" ${links[@]+"${links[@]}"} ${backend[@]+"${backend[@]}"} \
  --constraints "$root/workbench/firered/constraints.txt" "${what[@]}" || {
  echo "the packages could not be installed (see above; FIRERED_TORCH=cpu takes the CPU build of torch)" >&2; exit 1; }
