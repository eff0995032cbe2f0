#!/bin/sh
# Makes .venv with the first Python of at least 3.11 that is found ($PYTHON is tried first).
set -eu
cd "$(dirname "$0")/.."

recent='import sys; sys.exit(sys.version_info < (3, 11))'
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$python" -c "$recent" 2>/dev/null; then found=$python; break; fi
done
if [ -z "${found:-}" ]; then
    echo "Python 3.11 or newer is needed and was not found. Install it, or say where it is: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$found cannot make a virtual environment: its module ensurepip is missing. On Debian or Ubuntu: apt-get install python$version-venv" >&2
    exit 1
fi
echo "Making .venv with $("$found" --version)"
rm -rf .venv
"$found" -m venv .venv
