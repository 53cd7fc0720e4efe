# shellcheck shell=bash
# Starts Haat with demo data in its own database, for scripts that test it from
# outside. Sourced after lib.sh, not executed: call demo_server. The server and the
# database are removed when the script ends, for whatever reason.

# Ignores settings for other servers, and HAAT_ variables that would change this one.
for name in ${!PG@} ${!HAAT_@}; do
  case $name in HAAT_PG_BIN | HAAT_BIN | HAAT_CHROMIUM) ;; *) unset "$name" ;; esac
done

work='' database='' server=''

psql_owner() {
  "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$HAAT_TEST_OWNER_URL" "$@"
}

clean_up() {
  local code=$? tries=0
  trap '' INT TERM HUP # a second Ctrl-C must not interrupt the cleanup
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    while kill -0 "$server" 2>/dev/null && [ "$tries" -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ -n "$database" ]; then
    # Not WITH (FORCE): the owner may not terminate connections of haat_app.
    # PostgreSQL waits a few seconds for them to end.
    psql_owner -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS $database" ||
      echo "Could not drop the database $database." >&2
  fi
  if [ "$code" -ne 0 ] && [ -s "$work/log" ]; then
    echo 'Server log (last 50 lines):' >&2
    tail -n 50 "$work/log" >&2
  fi
  if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Starts $haat in the background with $1 demo retailers; further arguments are
# environment variables. Sets url, and work (a temporary folder).
demo_server() {
  local retailers=$1 tries=0 env suffix owner_url
  shift
  scripts/prerequisites
  pg_bin=$(find_pg_bin)
  scripts/services up test
  env=$(scripts/services env test)
  eval "$env"
  work=$(mktemp -d "${TMPDIR:-/tmp}/haat-demo.XXXXXX")
  suffix=$(random_hex)
  database=haat_demo_${suffix:0:12}
  psql_owner -c "CREATE DATABASE $database TEMPLATE template1"
  owner_url=${HAAT_TEST_OWNER_URL%/*}/$database
  HAAT_OWNER_DATABASE_URL=$owner_url "$haat" migrate
  HAAT_OWNER_DATABASE_URL=$owner_url HAAT_ENV=development "$haat" seed --retailers "$retailers"
  # The loop below may read the file before the server's shell has opened it.
  : >"$work/stdout"
  env HAAT_ENV=development HAAT_BIND=127.0.0.1:0 HAAT_LOG=warn "HAAT_JWT_SECRET=$(random_hex)" \
    "HAAT_MFA_KEYS=demo=$(random_hex) development=haat-development-key-that-is-no-secret" "HAAT_FILES=$work/files" \
    "DATABASE_URL=${HAAT_TEST_APP_URL%/*}/$database" "REDIS_URL=$HAAT_TEST_REDIS_URL" "$@" \
    "$haat" serve </dev/null >"$work/stdout" 2>"$work/log" &
  server=$!
  url=
  while [ -z "$url" ]; do
    if ! kill -0 "$server" 2>/dev/null || [ "$tries" -ge 300 ]; then
      die 'Haat did not start'
    fi
    tries=$((tries + 1))
    sleep 0.1
    url=$(sed -n 's/^Haat listens on //p' "$work/stdout")
  done
}
