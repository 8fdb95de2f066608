#!/bin/sh
# SPDX-License-Identifier: MIT
# run_calls.sh NNC LIBRARY PROGRAM.nn DATA: a checkpoint is synced before it takes its place, and its folder afterwards; interrupted
# and short calls change nothing; a failing call loses nothing. LIBRARY is calls.c.
set -u
nnc=$1 library=$2 source=$3 data=$4
folder=$(mktemp -d "${TMPDIR:-/tmp}/nnc-calls-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir plain slow && ln -s "$data" plain/data && ln -s "$data" slow/data
sed 's/cosine([^)]*)/0.01/' "$source" >kill.nn # what --steps ends at the end of an epoch is then the beginning of the whole run
"$nnc" kill.nn -o ./program || exit 1
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"

broken() {
    echo "FAIL: $1"
    [ -f output ] && tail -n 20 output
    exit 1
}
with() { # VARIABLE=VALUE COMMAND...
    setting=$1
    shift
    env LD_PRELOAD="$library" "$setting" "$@" >output 2>&1
}
same() {
    for file in run.safetensors run.best.safetensors kill.fit.csv; do
        [ $file = kill.fit.csv ] || cmp -s plain/$file slow/$file || broken "$1: $file differs"
        [ "$(wc -l <plain/$file)" = "$(wc -l <slow/$file)" ] || broken "$1: $file has other lines"
    done
}

# The order of the calls: written, synced, renamed, folder synced, for every file that takes a place.
cd plain || exit 1
with CALLS_LOG="$folder/log" ../program fit || broken "the run fails"
[ -s "$folder/log" ] || { echo "calls are not seen here"; exit 77; }
awk -v folder="$(pwd -P)" '
    $1 == "write" { synced[$2] = 0; written[$2] = 1 }
    $1 == "fsync" { synced[$2] = 1; if ($2 == folder) open = "" }
    $1 == "rename" { n++; from = folder "/" $2
        if (!synced[from]) { print "renamed before it was synced: " $0; bad = 1 }
        if (open != "") { print "the folder was not synced after: " open; bad = 1 }
        open = $0 }
    END { if (open != "") { print "the folder was not synced after: " open; bad = 1 }
          if (n < 40) { print "only " n " files took their place"; bad = 1 }
          exit bad }' "$folder/log" >output || broken "the order of the calls"
cd ..

# Every other call interrupted, the others short: the same bytes, in one go and in two (the second is told the whole length again:
# a run that was begun with 30 steps ends there).
cd slow || exit 1
with CALLS_INTERRUPT=1 ../program fit || broken "an interrupted call ends the run"
cd .. && same "interrupted calls" && rm -f slow/*.*
cd slow || exit 1
with CALLS_INTERRUPT=1 ../program fit --steps 30 || broken "an interrupted call ends the run"
with CALLS_INTERRUPT=1 ../program fit --resume --epochs 6 || broken "an interrupted call ends the resumed run"
cd .. && same "interrupted calls of a resumed run"

# A call that fails: status 3, and the files as they were.
cd slow || exit 1
../program fit --steps 30 >output 2>&1 || broken "the run fails"
mkdir before && cp ./*.* before/
for call in read:kill.fit.jsonl read:kill.fit.csv write:kill.fit.jsonl fsync:kill.fit.csv rename:kill.fit.csv \
    pread:run.safetensors write:run.safetensors fsync:run.safetensors open:run.safetensors; do
    with CALLS_FAIL=$call ../program fit --resume --epochs 6
    status=$?
    [ $status = 3 ] || broken "a failing $call ends with $status"
    grep -q "Input/output error" output || broken "a failing $call: no word of it"
    for file in before/*; do
        cmp -s "$file" "${file#before/}" || broken "a failing $call changes ${file#before/}"
    done
done
ls | grep -q nnc.tmp && broken "a failing call leaves a temporary"
../program fit --resume --epochs 6 >output 2>&1 || broken "the run does not go on"
cd .. && same "after failing calls"

# A log that cannot be written any more ends the run, but not without a checkpoint.
rm -f slow/*.* && cd slow || exit 1
with CALLS_FAIL=write:kill.fit.jsonl ../program fit --save_every 1000
status=$?
[ $status = 3 ] || broken "a log that cannot be written ends with $status"
grep -q "step 15: saved run.safetensors: cannot write the log: Input/output error" output || broken "no word of the log"
../program fit --resume >output 2>&1 || broken "the run does not go on without a log"
cmp -s run.safetensors ../plain/run.safetensors || broken "a run without a log: other bytes"
cd ..

# So do event files.
rm -f slow/*.* && cd slow || exit 1
with CALLS_FAIL=write:tfevents ../program fit --tfevents events
[ $? = 3 ] || broken "event files that cannot be written end with $?"
grep -q "events: cannot write event files: Input/output error" output || broken "no word of the event files"
mkdir -p events/train && chmod 500 events
if ! touch events/x 2>/dev/null; then # but for who may do everything
    ../program fit --tfevents events --save_every 1000 >output 2>&1
    [ $? = 3 ] && [ -s run.safetensors ] || broken "event files of the validation that cannot be made"
fi
cd ..
echo "the order of the calls is right; interrupted, short and failing calls lose nothing"
