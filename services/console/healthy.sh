#!/bin/bash
# Whether the console answers, for the container's health check: as GET /healthz does, and without starting a node.
host=${CONSOLE_ALLOWED_HOSTS%%,*}
exec 3<> "/dev/tcp/127.0.0.1/${CONSOLE_PORT:-8080}" || exit 1
printf 'GET /healthz HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n' \
  "${host:-127.0.0.1}" "${CONSOLE_TOKEN:-none}" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
