#!/usr/bin/env bash
# The entrypoint of a stand-in for the PostgreSQL image (scripts/engine.sh). It keeps the conventions of the real one
# that docker/ uses: POSTGRES_USER, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_INITDB_ARGS, and scripts in
# /docker-entrypoint-initdb.d, which run once, on a server that does not listen on TCP.
set -euo pipefail

if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ "$1" != postgres ] || [ -s "$PGDATA/PG_VERSION" ]; then exec "$@"; fi

export POSTGRES_USER=${POSTGRES_USER:-postgres}
if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE"); fi
# shellcheck disable=SC2086 # a list of arguments
initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
sed -i "s/^#listen_addresses.*/listen_addresses = '*'/" "$PGDATA/postgresql.conf"
pg_ctl --wait --options="-c listen_addresses=''" start
for script in /docker-entrypoint-initdb.d/*.sh; do
  if [ -x "$script" ]; then "$script"; else . "$script"; fi
done
pg_ctl --wait --mode=fast stop
exec "$@"
