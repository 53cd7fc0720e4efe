#!/usr/bin/env bash
# Whether Haat is alive. Asks with what bash has, so that the image needs no curl. No code but 0 and 1: Docker keeps the
# others to itself.
set -u

exec 3<>"/dev/tcp/127.0.0.1/${HAAT_BIND##*:}" || exit 1
printf 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 3 -u 3 _ code _ || exit 1
[ "$code" = 200 ]
