#!/usr/bin/env bash
# Creates Haat's roles and database in a new PostgreSQL. The PostgreSQL image runs this once, as superuser. The passwords
# are in OWNER_PASSWORD and APP_PASSWORD, or in the files named by OWNER_PASSWORD_FILE and APP_PASSWORD_FILE.
set -euo pipefail

OWNER_PASSWORD=${OWNER_PASSWORD:-$(cat -- "$OWNER_PASSWORD_FILE")}
APP_PASSWORD=${APP_PASSWORD:-$(cat -- "$APP_PASSWORD_FILE")}
export OWNER_PASSWORD APP_PASSWORD

# psql reads the passwords from the environment, because arguments are visible to all users. The database is copied from
# template0 with an explicit encoding and locale, so that it can store and search Bangla however the server was created.
psql -X -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE haat_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE haat_app LOGIN PASSWORD :'app_password';
ALTER ROLE haat_app SET lc_messages = 'C';
CREATE DATABASE haat OWNER haat_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
SQL
