#!/usr/bin/env bash
# Run every test, in two halves beside one another: one process keeps one core busy, and takes twice as long.
# The first half is told when it has ended, the second as it goes on; red when either is.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pytest="${PYTEST:-.venv/bin/pytest}"
first=(tests/gateway tests/journeys)
told="$(mktemp)"
trap 'rm -f "$told"' EXIT

"$pytest" -p no:cacheprovider "${first[@]}" >"$told" 2>&1 &
one=$!
"$pytest" -p no:cacheprovider "${first[@]/#/--ignore=}" &
other=$!
trap 'kill -INT "$one" "$other"' INT TERM
wait "$other"
other_ended=$?
wait "$one"
one_ended=$?
trap - INT TERM
cat "$told"
echo "the first half (${first[*]}) ended with $one_ended, the second (all others) with $other_ended"
[ "$one_ended" -eq 0 ] && [ "$other_ended" -eq 0 ]
