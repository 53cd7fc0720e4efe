#!/usr/bin/env bash
# Creates a super admin of the platform: see the usage text below.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: scripts/create_superadmin.sh USERNAME [OPTION…]

Creates a super admin with haat create-super-admin, which describes the options. The
password is read from HAAT_ADMIN_PASSWORD, from a prompt, or from standard input. The
super admin logs in with the tenant haat-platform and must set up a second factor first.

  DATABASE_URL  the database, as the role of the server
  HAAT_BIN      the program, default haat
USAGE
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  '' | -*) usage >&2; exit 2 ;;
esac

username=$1
shift
exec "${HAAT_BIN:-haat}" create-super-admin --username "$username" "$@"
