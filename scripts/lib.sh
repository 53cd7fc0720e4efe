# shellcheck shell=bash
# Helpers shared by the scripts in this folder. Sourced, not executed.
# Everything here must work with bash 3.2, the version of macOS.
# shellcheck disable=SC2034 # the scripts that source this file use the variables

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The project's root without symlinks, independent of the current folder.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Succeeds if folder $1 contains a PostgreSQL server, version 14 or newer.
is_pg_bin() {
  local program version
  for program in postgres initdb pg_ctl psql; do
    [ -x "$1/$program" ] || return 1
  done
  version=$(pg_major "$1")
  [ "${version:-0}" -ge 14 ]
}

pg_major() {
  # "postgres (PostgreSQL) 15.18 (Debian …)" or "… 17beta1"
  "$1/postgres" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p'
}

pg_candidates() {
  local prefix version
  pg_config --bindir 2>/dev/null || true
  # Debian keeps the server programs outside PATH, in one folder per version.
  printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr
  # Homebrew does not link its versioned formulas into PATH.
  for prefix in "${HOMEBREW_PREFIX:-/opt/homebrew}" /usr/local /home/linuxbrew/.linuxbrew; do
    for version in @18 @17 @16 @15 @14 ''; do
      printf '%s\n' "$prefix/opt/postgresql$version/bin"
    done
  done
  if command -v postgres >/dev/null; then dirname "$(command -v postgres)"; fi
}

# Prints the folder of the PostgreSQL programs; fails if none is found.
find_pg_bin() {
  local dir
  if [ -n "${HAAT_PG_BIN:-}" ]; then
    is_pg_bin "$HAAT_PG_BIN" || die "HAAT_PG_BIN=$HAAT_PG_BIN contains no PostgreSQL server >= 14"
    printf '%s\n' "$HAAT_PG_BIN"
    return
  fi
  while IFS= read -r dir; do
    if is_pg_bin "$dir"; then
      printf '%s\n' "$dir"
      return
    fi
  done < <(pg_candidates)
  return 1
}

# Succeeds if host $1 (an IP address) accepts connections on port $2.
port_taken() {
  (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# Prints the command line of process $1, or nothing if it does not exist.
command_of() {
  if [ -d /proc/self ]; then
    { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true
  else
    ps -o command= -p "$1" || true
  fi
}

# Prints a free port, below the ranges that systems use for outgoing connections.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    port_taken 127.0.0.1 "$port" || break
  done
  echo "$port"
}

random_hex() {
  head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# Waits for the lock $1 and takes it; the script must call unlock at the end. The
# lock is a symlink, which is created atomically; its target is the holder's
# process id (macOS has no flock).
lock_file=
lock() {
  local holder tries=0
  [ -w "$(dirname "$1")" ] || die "cannot write to $(dirname "$1")"
  until ln -s "$$" "$1" 2>/dev/null; do
    holder=$(readlink "$1" || true)
    case $(command_of "${holder:-none}") in
      *"$(basename "$0")"*) ;;
      *) if [ "$(readlink "$1" || true)" = "$holder" ]; then rm -f "$1"; fi ;;
    esac
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || die "process $holder has held $1 for five minutes"
    sleep 0.1
  done
  lock_file=$1
}

unlock() {
  if [ -n "$lock_file" ]; then rm -f "$lock_file"; fi
  lock_file=
}

# --- Programs that a script needs ------------------------------------------

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

# Sets haat to the binary to test: HAAT_BIN, or target/debug/haat, which is built first. To be called in the project's
# root.
#
# cargo unites the features of everything it builds together. Building a test along with the binary makes it include
# the features of tests, so that this is the build of `cargo nextest run --workspace` and nothing is compiled twice.
need_haat() {
  haat=${HAAT_BIN:-}
  if [ -z "$haat" ]; then
    cargo build --locked --workspace --bin haat --test architecture
    haat=${CARGO_TARGET_DIR:-target}/debug/haat
  fi
  [ -x "$haat" ] || die "$haat is not a program: unset HAAT_BIN, or set it to the binary to test"
}

# --- The folder of a profile of scripts/services ----------------------------

use_profile() {
  profile=$1
  home=$root/.local/$profile
  # The real path, because the servers' command lines contain it.
  if [ -d "$home" ]; then home=$(cd "$home" && pwd -P); fi
  data=$home/postgres/data
  pg_port='' redis_port=''
  postgres_password='' owner_password='' app_password='' redis_password='' jwt_secret='' mfa_key=''
  # shellcheck source=/dev/null
  if [ -f "$home/ports" ]; then . "$home/ports"; fi
  # shellcheck source=/dev/null
  if [ -r "$home/secrets" ]; then . "$home/secrets"; fi
}

# PostgreSQL refuses to run as root, and the user it runs as instead may have no
# access to the project (a home folder of mode 700). For root, the data is
# therefore outside the project, and .local/PROFILE is a symlink to it.
make_home() {
  local link=$root/.local/$profile outside user
  mkdir -p "$root/.local" 2>/dev/null || die "cannot write to $root"
  lock "$link.lock"
  if [ "$(id -u)" -ne 0 ]; then
    mkdir -p "$link/postgres" "$link/redis" 2>/dev/null || die "$link belongs to another user"
    chmod 700 "$link"
  else
    if [ -L "$link" ]; then
      outside=$(readlink "$link")
    elif [ -e "$link" ]; then
      die "$link belongs to $(stat -c %U "$link"): run this command as that user"
    else
      outside=/var/lib/haat-dev/$(basename "$root")-$(printf %s "$root" | cksum | cut -d' ' -f1)/$profile
      ln -s "$outside" "$link"
    fi
    mkdir -p "$outside"
    home=$outside
    user=$(server_user)
    install -d -m 700 -o "$user" "$outside/postgres" "$outside/redis"
  fi
  use_profile "$profile"
}

server_user() {
  if [ -d "$home/postgres" ]; then
    stat -c %U "$home/postgres"
  elif id postgres >/dev/null 2>&1; then
    echo postgres
  else
    id haat-dev >/dev/null 2>&1 || useradd --system --shell /usr/sbin/nologin haat-dev
    echo haat-dev
  fi
}

# Runs a command in folder $1 of the profile, as the user that runs the servers.
as_server() (
  cd "$home/$1" || exit
  shift
  if [ "$(id -u)" -eq 0 ]; then exec runuser -u "$(server_user)" -- "$@"; else exec "$@"; fi
)

# The passwords are hexadecimal, so that they need no escaping in a URL.
make_secrets() {
  if [ -f "$home/secrets" ]; then return; fi
  [ ! -d "$data" ] || die "$home/secrets is missing: the data in $home cannot be used without it"
  (
    umask 077
    for name in postgres_password owner_password app_password redis_password mfa_key; do
      echo "$name=$(random_hex)"
    done >"$home/secrets.new"
    echo "jwt_secret='$(head -c 48 /dev/urandom | base64 | tr -d '\n')'" >>"$home/secrets.new"
  )
  mv "$home/secrets.new" "$home/secrets"
  use_profile "$profile"
}
