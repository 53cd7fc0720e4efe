#!/usr/bin/env bash
# Checks that Haat is alive. Uses only bash, so that the image needs no curl. Exits with 0 or 1 only: Docker reserves the
# other exit codes.
set -u

exec 3<>"/dev/tcp/127.0.0.1/${HAAT_BIND##*:}" || exit 1
printf 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 3 -u 3 _ code _ || exit 1
[ "$code" = 200 ]
