#!/bin/sh
# Makes what deploy/compose.yaml needs and nobody else may have: the password of its PostgreSQL, in deploy/secrets. What is
# there stays. What Popug itself keeps secret, it makes on its first start (volume "secrets").
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
if [ ! -e secrets/postgres-password ]; then
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >secrets/postgres-password
fi
printf 'postgres://popug:%s@postgres:5432/popug' "$(cat secrets/postgres-password)" >secrets/database-url
# Containers read them as other users; the folder itself is only for its owner.
chmod 644 secrets/postgres-password secrets/database-url
