#!/usr/bin/env bash
# Runs haat with secrets from files: NAME_FILE=/run/secrets/x becomes NAME with what the file holds.
set -euo pipefail

# Named one by one beside our own: SSL_CERT_FILE and some AWS_…_FILE are names of files to others.
for from in "${!HAAT_@}" DATABASE_URL_FILE REDIS_URL_FILE AWS_ACCESS_KEY_ID_FILE AWS_SECRET_ACCESS_KEY_FILE; do
  name=${from%_FILE}
  if [ "$name" = "$from" ] || [ -z "${!from:-}" ]; then continue; fi
  if [ -n "${!name:-}" ]; then
    echo "entrypoint.sh: $name and $from are both set: leave one out" >&2
    exit 1
  fi
  if ! value=$(cat -- "${!from}") || [ -z "$value" ]; then
    echo "entrypoint.sh: $from: nothing can be read from ${!from}" >&2
    exit 1
  fi
  export "$name=$value"
  unset "$from"
done

exec haat "$@"
