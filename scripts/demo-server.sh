# shellcheck shell=bash
# Starts Haat with demo data in its own database, for scripts that test it from
# outside. Sourced after lib.sh, not executed: call demo_server. The server and the
# database are removed when the script ends, for whatever reason.

# Ignores settings for other servers, and HAAT_ variables that would change this one.
for name in ${!PG@} ${!HAAT_@}; do
  case $name in HAAT_PG_BIN | HAAT_BIN | HAAT_CHROMIUM) ;; *) unset "$name" ;; esac
done

# Installs the Debian packages $2 …, or the Homebrew packages $1 (a list, or empty).
install_packages() {
  local brew=$1
  shift
  if [ $# -eq 0 ]; then return; fi
  echo "Installing missing packages: $*" >&2
  if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then
    local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update </dev/null >&2 || true
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >&2 || true
  elif [ -n "$brew" ] && command -v brew >/dev/null; then
    # shellcheck disable=SC2086 # a list
    brew install --quiet $brew >&2 || true
  fi
  hash -r
}

# Requires Node.js with npm, at least version $1; installs them if missing.
need_node() {
  local packages=() major
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  install_packages node ${packages[@]+"${packages[@]}"}
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    die "Node.js >= $1 with npm is missing: install it from https://nodejs.org"
  fi
  major=$(node --version | sed -n 's/^v\([0-9]*\).*/\1/p')
  [ "${major:-0}" -ge "$1" ] || die "$(command -v node) is Node.js ${major:-?}, but $1 or newer is required: https://nodejs.org"
}

# Installs the npm package $1 in version $2 under .local/$1, unless present.
need_npm_package() {
  local folder=.local/$1 installed
  installed=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$folder/node_modules/$1/package.json" 2>/dev/null || true)
  if [ "$installed" = "$2" ]; then return; fi
  echo "Installing $1 $2" >&2
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --loglevel=error "$1@$2" >&2
}

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
  env HAAT_ENV=development HAAT_BIND=127.0.0.1:0 HAAT_LOG=warn "HAAT_JWT_SECRET=$(random_hex)" \
    "HAAT_MFA_KEYS=demo=$(random_hex)" "HAAT_FILES=$work/files" \
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
