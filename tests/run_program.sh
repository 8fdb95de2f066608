#!/bin/sh
# SPDX-License-Identifier: MIT
# run_program.sh NNC FILE.nn DATA: compiles a program, runs it, and checks what its comments say.
#
#   # with: FLAGS                flags for the compiler
#   # run: ARGS                  run the program with these arguments (in a scratch folder, data/ is the generated data)
#   # shell: COMMAND             a command of the shell that must succeed (files for the runs behind it)
#   # same: FILE FILE            two files have the same bytes
#   # status: N                  expected exit status of the run before (default 0)
#   # expect: TEXT               the output of the run before contains this text
#   # expect: NAME < NUMBER      the last line that shows `NAME value` has a value below (or >: above) the number
set -u
nnc=$1 program=$2 data=$3
stem=$(basename "$program" .nn)
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-run-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work" || exit 1
fail() {
    echo "FAIL $program: $1"
    [ -f out ] && tail -n 40 out
    exit 1
}
flags=$(sed -n 's/^# with: //p' "$program")
# shellcheck disable=SC2086
"$nnc" $flags "$program" -o "./$stem" >out 2>&1 || fail "does not compile"
status=0 ran=""
settle() { # the status of the last run must be the wanted one
    [ -z "$ran" ] || [ "$status" = "$wanted" ] || fail "\`$ran\` ended with status $status, not $wanted"
}
wanted=0
grep '^# \(run\|shell\|status\|same\|expect\):' "$program" >steps || fail "has no steps"
while IFS= read -r line; do
    what=${line#\# }
    kind=${what%%:*} text=${what#*: }
    case $kind in
    run)
        settle
        ran=$text wanted=0
        # shellcheck disable=SC2086
        "./$stem" $text >out 2>&1
        status=$?
        ;;
    status) wanted=$text ;;
    shell)
        settle
        ran=""
        sh -c "$text" >out 2>&1 || fail "this failed: $text"
        ;;
    same)
        # shellcheck disable=SC2086
        cmp -s $text || fail "these differ: $text"
        ;;
    expect)
        case $text in
        *\ \<\ [-0-9.]* | *\ \>\ [-0-9.]*)
            name=${text%% *} rest=${text#* } limit=${text##* }
            sign=${rest%% *}
            value=$(awk -v n="$name" '{ for (i = 1; i < NF; i++) if ($i == n || $i == n ":") v = $(i + 1); sub(/,$/, "", v) } END { print v }' out)
            [ -n "$value" ] || fail "no value of $name in the output of \`$ran\`"
            awk -v a="$value" -v b="$limit" -v s="$sign" 'BEGIN { exit !(s == "<" ? a + 0 < b + 0 : a + 0 > b + 0) }' || fail "$name is $value, not $sign $limit"
            ;;
        *) grep -qF -- "$text" out || fail "the output of \`$ran\` lacks: $text" ;;
        esac
        ;;
    esac
done <steps
settle
