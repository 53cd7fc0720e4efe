#!/usr/bin/env bash
# Creates a tenant and its first administrator: see the usage text below.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: scripts/create_tenant_admin.sh SLUG NAME USERNAME [OPTION…]

Creates a tenant with haat create-tenant, and its first administrator with haat
create-admin, which describes the options. The password is read from HAAT_ADMIN_PASSWORD,
from a prompt, or from standard input.

  HAAT_OWNER_DATABASE_URL  the database, as the role that owns the tables
  DATABASE_URL             the same database, as the role of the server
  HAAT_BIN                 the program, default haat
USAGE
}

case "${1:-}" in -h | --help) usage; exit 0 ;; esac
case "$#:${1:-}" in
  [012]:* | *:-*) usage >&2; exit 2 ;;
esac

slug=$1 name=$2 username=$3
shift 3
"${HAAT_BIN:-haat}" create-tenant --slug "$slug" --name "$name"
exec "${HAAT_BIN:-haat}" create-admin --tenant "$slug" --username "$username" "$@"
