#!/usr/bin/env bash
# Build the wheel and use it as a stranger would: clean environment, locked dependencies, empty directory.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
python="$root/.venv/bin/python"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "building the wheel"
"$python" -m build --wheel --outdir "$work/dist" "$root" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

echo "installing it beside locks/runtime.lock in a clean environment"
"$python" -m venv "$work/venv"
pip=("$work/venv/bin/python" -m pip install -q --disable-pip-version-check)
"${pip[@]}" --require-hashes -r "$root/locks/runtime.lock"
"${pip[@]}" --no-deps "$work"/dist/linegate-*.whl

mkdir "$work/empty"
cd "$work/empty"
unset PYTHONPATH LINEGATE_CONFIG LINEGATE_URL LINEGATE_TOKEN
"$work/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

owners = packages_distributions()
for package in ("gateway", "drivers", "hlr_sim", "sim_readers"):
    if owners.get(package) != ["linegate"]:
        sys.exit(f"package {package} should be owned by linegate alone, not by {owners.get(package)}")
config = Path(sys.prefix) / "share" / "linegate" / "config"
if not any(config.glob("**/*.toml")):
    sys.exit("the wheel installed no share/linegate/config with data files in it")
PYTHON
"$work/venv/bin/linegate" --help >/dev/null || { echo "linegate --help failed" >&2; exit 1; }
"$work/venv/bin/linegate" doctor --offline || { echo "linegate doctor --offline failed" >&2; exit 1; }
leftover="$(ls -A)"
test -z "$leftover" || { echo "linegate left files behind in the working directory: $leftover" >&2; exit 1; }
echo "the wheel works"
