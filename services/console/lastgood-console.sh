#!/bin/sh
# The console. A process that has the database mapped is ended by SIGBUS when another one truncates a file beside it: then
# it is started again, and this says so. Signals are passed on; a trap ends a wait before its time.
#
# The console makes pages and keeps nothing of them: with gigabytes of room Node would let 100 MB of old ones lie, and
# threads that compile beside it would keep 10 MB more.
here=$(readlink -f "$0")
stopping=
node=
stop() {
  stopping=yes
  [ -z "$node" ] || kill "-$1" "$node" 2> /dev/null
}
trap 'stop TERM' TERM
trap 'stop INT' INT
trap 'stop HUP' HUP

ended() {
  wait "$1" 2> /dev/null
  code=$?
  while kill -0 "$1" 2> /dev/null; do
    wait "$1" 2> /dev/null
    code=$?
  done
}

while [ -z "$stopping" ]; do
  node --max-semi-space-size=2 --max-old-space-size=256 --no-concurrent-recompilation --v8-pool-size=1 "${here%/*}/main.ts" "$@" &
  node=$!
  [ -z "$stopping" ] || kill -TERM "$node" 2> /dev/null
  ended "$node"
  node=
  [ "$code" -eq 135 ] || exit "$code"
  echo "The console was ended by SIGBUS (135): a file beside the database was truncated while it was read. It is started again. See what writes to the state volume." >&2
  sleep 1 > /dev/null 2>&1 &
  wait $! # not sleep alone: a signal would have to wait for its end
done
exit 0
