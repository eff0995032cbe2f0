#!/bin/sh
# Every night: a backup, the verification of the ledger, and what retention erases. Retention erases
# nothing in a night in which the verification failed: by changed records it might erase the wrong case.
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
    return 1
}

run screening backup --encrypt "$BACKUPS/$(date -u +%Y-%m-%dT%H%M%SZ).backup"
if run screening ledger verify; then verified=1; else verified=0; fi
if [ -n "${SCREENING_RETENTION_DAYS:-}" ]; then
    if [ "$verified" = 1 ]; then
        run screening retention --erase --yes
    else
        echo "nightly: retention erased nothing, because the ledger was not verified" >&2
    fi
fi
[ "$failed" = 1 ] || find "$BACKUPS" -maxdepth 1 -name '*.backup' -mtime +"${KEEP_DAYS:-35}" -delete
exit "$failed"
