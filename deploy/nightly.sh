#!/bin/sh
# Every night: a backup, the verification of the ledger, and what retention erases.
# BACKUPS is the folder for backups; those older than KEEP_DAYS (35) are deleted, but only after a
# night in which everything went well. Ends with 1 if anything failed.
set -u
: "${BACKUPS:?set BACKUPS to the folder for backups}"

failed=0
run() {
    echo "nightly: $*"
    "$@" && return
    echo "nightly: status $? of: $*" >&2
    failed=1
}

run screening backup --encrypt "$BACKUPS/$(date -u +%Y-%m-%dT%H%M%SZ).backup"
run screening ledger verify
[ -z "${SCREENING_RETENTION_DAYS:-}" ] || run screening retention --erase --yes
[ "$failed" = 1 ] || find "$BACKUPS" -maxdepth 1 -name '*.backup' -mtime +"${KEEP_DAYS:-35}" -delete
exit "$failed"
