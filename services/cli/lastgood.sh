#!/bin/sh
# The command lastgood. A process that has the database mapped is ended by SIGBUS when another one truncates a file beside
# it: then there is nobody left in it to say so, and this does. Signals are passed on; a trap ends a wait before its time.
here=$(readlink -f "$0")
exec 3<&0 # what runs in the background would be given /dev/null
node "${here%/*}/main.ts" "$@" <&3 3<&- &
node=$!
for signal in TERM INT HUP; do
  trap "kill -$signal $node 2> /dev/null" "$signal"
done
wait "$node" 2> /dev/null
code=$?
while kill -0 "$node" 2> /dev/null; do
  wait "$node" 2> /dev/null
  code=$?
done
if [ "$code" -eq 135 ]; then
  echo "lastgood was ended by SIGBUS (135): a file beside the database was truncated while it was read. See what writes to the state volume, restart the supervisor, and try again." >&2
  exit 1
fi
exit "$code"
