#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same whatever the threads; killed, interrupted, and on from the database.
. "$(dirname "$0")/lib.sh"

explore "$work/c.yaml" --level filter --max-evaluations 6 --json -j1 -o "$work/one" &&
  explore "$work/c.yaml" --level filter --max-evaluations 6 --json -j2 -o "$work/two" &&
  python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "one and two threads" $?
for pause in 0.6 0.8 1.0; do
  killed_after $pause "$axgen" explore "$work/c.yaml" --level filter --max-evaluations 6 -q -o "$work/killed"
done
explore "$work/c.yaml" --level filter --max-evaluations 6 --json -o "$work/killed" && [ $killed -gt 0 ] &&
  python3 "$check" same "$work/one" "$work/killed" >>"$work/err"
judge "killed $killed times, then to its end" $?
explore "$work/c.yaml" --level filter --max-evaluations 6 --json -o "$work/one" &&
  python3 "$check" remembered "$work/out" "$work/one/explore.json" >>"$work/err" &&
  python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "a second time: all from explore.db" $?

# SIGINT as soon as something was evaluated: the front so far. Without a target, whose folding would make some draws equal.
python3 "$check" interrupted "$axgen" "$(changed free '/^target/d')" "$work/stopped" >"$work/out" 2>"$work/err"
judge "interrupted: exit 130 and a front" $?

explore "$work/c.yaml" --level filter --max-evaluations 4 --json -o "$work/one" && cp "$work/out" "$work/less.json" &&
  python3 "$check" front "$work/less.json" "$work/one" 4 >>"$work/err"
judge "fewer points take the place of more" $?
mkdir "$work/held"
echo 'no database' >"$work/held/explore.db"
explore "$work/c.yaml" -o "$work/held"
[ $? = 1 ] && grep -q 'explore.db' "$work/err" && [ "$(cat "$work/held/explore.db")" = 'no database' ] &&
  [ "$(ls "$work/held")" = explore.db ]
judge "a file that is no database stays" $?

finish
