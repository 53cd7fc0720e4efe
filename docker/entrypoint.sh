#!/usr/bin/env bash
# Runs haat with secrets from files: NAME_FILE=/run/secrets/x sets NAME to the contents of the file.
set -euo pipefail

# Variables without the HAAT_ prefix are listed by name, because SSL_CERT_FILE and some AWS_…_FILE variables are paths that
# other programs read.
for from in "${!HAAT_@}" DATABASE_URL_FILE REDIS_URL_FILE AWS_ACCESS_KEY_ID_FILE AWS_SECRET_ACCESS_KEY_FILE; do
  name=${from%_FILE}
  if [ "$name" = "$from" ] || [ -z "${!from:-}" ]; then continue; fi
  if [ -n "${!name:-}" ]; then
    echo "entrypoint.sh: $name and $from are both set: unset one" >&2
    exit 1
  fi
  if ! value=$(cat -- "${!from}") || [ -z "$value" ]; then
    echo "entrypoint.sh: $from: ${!from} is empty or cannot be read" >&2
    exit 1
  fi
  export "$name=$value"
  unset "$from"
done

exec haat "$@"
