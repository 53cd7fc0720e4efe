# shellcheck shell=bash
# Helpers shared by scripts/check-docker and scripts/check-containers. Sourced after lib.sh, not executed.
# shellcheck disable=SC2034,SC2154 # work and tls_port belong to the scripts that source this file

prod=docker/docker-compose.prod.yml

# --- Programs ---------------------------------------------------------------

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

# Packages of servers start them when they are installed, nginx for example on port 80 of all addresses. This policy
# prevents that; allow_services removes it.
policy=/usr/sbin/policy-rc.d
policy_mark='# Temporary, by scripts/check-docker of Haat.'

# Installs the Debian packages $@ without starting their services.
install_stopped() {
  command -v apt-get >/dev/null || die "missing programs, install them manually: $*"
  echo "Installing missing programs: $*" >&2
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  apt update || true
  apt install -y --no-install-recommends "$@"
}

allow_services() {
  if grep -qsF "$policy_mark" "$policy"; then as_root rm -f "$policy"; fi
}

# --- Secrets ----------------------------------------------------------------

# Runs the commands documented in docker-compose.prod.yml in folder $1, where they create docker/secrets.
create_docker_secrets() {
  mkdir -p "$1/docker"
  (cd "$1" && sed -n 's/^#   //p' "$root/$prod" | grep -v '^docker compose' | bash -euo pipefail) 2>"$work/openssl.log"
}

# --- Requests ---------------------------------------------------------------

# Waits until a command succeeds, for at most $1 seconds.
wait_for() {
  local end=$((SECONDS + $1))
  until "${@:2}" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || die "timed out waiting for: ${*:2}"
    sleep 0.2
  done
}

# Sends a request to nginx, under the host name in its certificate.
request() {
  curl -sS --fail-with-body --max-time 60 --noproxy '*' --cacert "$secrets/tls_certificate" \
    --connect-to "haat.example.com:443:127.0.0.1:$tls_port" "${@:1:$#-1}" "https://haat.example.com${*: -1}"
}

status() { request -o /dev/null -w '%{http_code}' "$@" 2>/dev/null || true; }

field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

log_in() { # USERNAME PASSWORD [OPTION OF curl…]
  request "${@:3}" -H 'Content-Type: application/json' -d "{\"username\":\"$1\",\"password\":\"$2\"}" /auth/login |
    field accessToken
}

rows() { seq "$1" "$2" | sed 's/.*/NEW-&,Shop &,,Dhaka,Gazipur,Kaliganj/'; } # FIRST LAST
