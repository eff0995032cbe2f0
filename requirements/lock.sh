#!/bin/sh
# Writes the lock files: exact versions and hashes, for every platform, with no download address in them.
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
"$python" -m pip install -qq --only-binary=:all: uv

compile() {
    output=requirements/$1.txt
    shift
    "$python" -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command 'make lock' --output-file "$output" "$@"
}
compile build --group build
compile run pyproject.toml --group build --constraints requirements/build.txt
compile test pyproject.toml --group build --group test --constraints requirements/run.txt
compile batch --group batch --constraints requirements/test.txt
compile bench --group bench --constraints requirements/test.txt
compile spark --group spark --constraints requirements/test.txt --no-emit-package numpy
compile node --group node --constraints requirements/test.txt

for folder in screening/web/frontend tests/node tests/node/lighthouse; do
    (cd "$folder" && npm update --package-lock-only --ignore-scripts --no-audit --no-fund)
done

# A lock file holds no address, not even of those who ask for money or explain why a package is old.
"$python" - tests/node/lighthouse/package-lock.json <<'END'
import json, pathlib, sys

file = pathlib.Path(sys.argv[1])
lock = json.loads(file.read_text("utf-8"))
for entry in lock["packages"].values():
    entry.pop("funding", None)
    entry.pop("deprecated", None)
file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")
END
