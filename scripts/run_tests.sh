#!/usr/bin/env bash
# Run every test, in two halves beside one another: one process keeps one core busy, and takes twice as long.
# The second half is told as it goes on, the first when it has ended: what failed, not what passed. Red when either is.
set -uo pipefail
set -m # else what runs in the background ignores SIGINT, and so does all it starts: gateways, followers, readers
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pytest="${PYTEST:-.venv/bin/pytest}"
first=(tests/gateway tests/journeys)
told="$(mktemp)"
trap 'rm -f "$told"' EXIT

"$pytest" -p no:cacheprovider "${first[@]}" >"$told" 2>&1 </dev/null &
one=$!
"$pytest" -p no:cacheprovider "${first[@]/#/--ignore=}" </dev/null &
other=$!
trap 'kill -INT -- "-$one" "-$other"; wait; exit 130' INT TERM
wait "$other"
other_ended=$?
wait "$one"
one_ended=$?
trap - INT TERM
grep -Ev '\[ *[0-9]+%\]$' "$told"
echo "the first half (${first[*]}) ended with $one_ended, the second (all others) with $other_ended"
[ "$one_ended" -eq 0 ] && [ "$other_ended" -eq 0 ]
