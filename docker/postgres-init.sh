#!/usr/bin/env bash
# Makes Haat's roles and database in a new PostgreSQL. The image of PostgreSQL runs this once, as superuser. The passwords
# are in OWNER_PASSWORD and APP_PASSWORD, or in the files that OWNER_PASSWORD_FILE and APP_PASSWORD_FILE name.
set -euo pipefail

OWNER_PASSWORD=${OWNER_PASSWORD:-$(cat -- "$OWNER_PASSWORD_FILE")}
APP_PASSWORD=${APP_PASSWORD:-$(cat -- "$APP_PASSWORD_FILE")}
export OWNER_PASSWORD APP_PASSWORD

# psql takes them from the environment, as arguments can be seen by everybody. The database is a copy of template0, so
# that it does not matter how the server was made: it has to store and search Bangla.
psql -X -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE haat_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE haat_app LOGIN PASSWORD :'app_password';
ALTER ROLE haat_app SET lc_messages = 'C';
CREATE DATABASE haat OWNER haat_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
SQL
