#!/bin/sh
# SPDX-License-Identifier: MIT
# run_case.sh NNC CASE.sh DATA SOURCE: runs a shell script of tests/cases in a scratch folder with the words below. It fails at the
# first command that does not give what is expected; NNC is the compiler, data/ the generated data, SOURCE the repository.
#
#   program NAME [FLAGS] <<'END' ... END   compiles the text to ./NAME (NAME.nn stays beside it)
#   gives TEXT COMMAND...                  exits with 0 and its standard output is exactly TEXT
#   shows TEXT COMMAND...                  exits with 0 and its output (both streams) contains TEXT
#   lacks TEXT COMMAND...                  exits with 0 and its output does not contain TEXT
#   fails STATUS TEXT COMMAND...           exits with STATUS (not 0) and its output contains TEXT
#   near TOLERANCE "A B C" COMMAND...      exits with 0; standard output, as numbers, differs by at most TOLERANCE, relative above 1
#   within SECONDS COMMAND...              ends within that time, whatever its status (the output is in `out`)
#   transcript <<'END' ... END             a line behind `$ ` is a command, its words apart by blanks; below it stands all that it shows
#                                          (`~` for a 0 byte) and, if its status is not 0, `= STATUS`
#   recorded FILE                          runs the lines of standard input; FILE of tests/recorded is their transcript, with `~` for
#                                          other bytes than ASCII (NNC_UPDATE=1 writes it: read it)
set -u
NNC=$1 case=$2 data=$3 SOURCE=$4
export NNC SOURCE
case "$(grep -oaE -m1 '__(asan|tsan)_init' "${NNC%/*}/runtime/libnnrt.a" 2>/dev/null)" in # a program that is linked by hand needs it, too
*asan*) sanitize=-fsanitize=address,undefined ;;
*tsan*) sanitize=-fsanitize=thread ;;
*) sanitize='' ;;
esac
folder=$(mktemp -d "${TMPDIR:-/tmp}/nnc-case-XXXXXX")
trap leave EXIT
: >"$folder/.said"
ln -s "$data" "$folder/data"
cd "$folder" || exit 1

leave() { # what the shell itself says of a script's words means that something was not tested
    status=$?
    cat "$folder/.said" >&2
    if grep -E '^[^ ]*run_case\.sh: ([0-9]+|line [0-9]+): .*: (command )?not found$' "$folder/.said" >/dev/null; then
        echo "FAIL $case: it uses a word that there is not"
        status=1
    fi
    rm -rf "$folder"
    exit $status
}
broken() {
    echo "FAIL $case: $1"
    [ -f out ] && head -c 4000 out
    exit 1
}
program() {
    stem=$1
    shift
    cat >"$stem.nn"
    "$NNC" "$@" "$stem.nn" -o "./$stem" >out 2>&1 || broken "$stem.nn does not compile"
}
gives() {
    wanted=$1
    shift
    "$@" >out 2>err || broken "\`$*\` ended with status $?: $(cat err)"
    [ "$(cat out)" = "$wanted" ] || broken "\`$*\` does not give: $wanted"
}
shows() {
    wanted=$1
    shift
    "$@" >out 2>&1 || broken "\`$*\` ended with status $?"
    grep -qF -e "$wanted" out || broken "\`$*\` does not show: $wanted"
}
lacks() {
    unwanted=$1
    shift
    "$@" >out 2>&1 || broken "\`$*\` ended with status $?"
    ! grep -qF -e "$unwanted" out || broken "\`$*\` shows: $unwanted"
}
fails() {
    status=$1 wanted=$2
    shift 2
    "$@" >out 2>&1
    got=$?
    [ "$got" = "$status" ] || broken "\`$*\` ended with status $got, not $status"
    grep -qF -e "$wanted" out || broken "\`$*\` does not say: $wanted"
}
near() {
    tolerance=$1 wanted=$2
    shift 2
    "$@" >out 2>err || broken "\`$*\` ended with status $?: $(cat err)"
    tr ',;[] ' '\n\n\n\n\n' <out | grep -v '^$' >numbers
    printf '%s\n' "$wanted" | tr ',; ' '\n\n\n' | grep -v '^$' | paste numbers - | awk -F '\t' -v t="$tolerance" '
        function special(x) { return x ~ /nan|inf/ }
        { if (special($1) || special($2)) { if ($1 != $2) bad = 1; next }
          d = $1 - $2; m = $2 < 0 ? -$2 : $2; if (d < 0) d = -d
          if ($1 == "" || $2 == "" || d > t * (m > 1 ? m : 1)) bad = 1 }
        END { exit bad || !NR }' || broken "\`$*\` is not near: $wanted"
}
lines() { # runs lines of words
    while read -r line; do
        printf '%s\n' "\$ $line"
        set -f
        # shellcheck disable=SC2086
        $line </dev/null >shown 2>&1
        got=$?
        set +f
        tr '\0' '~' <shown
        [ $got = 0 ] || echo "= $got"
    done
}
transcript() {
    cat >wanted
    grep '^\$ ' wanted | cut -c3- | lines >out
    cmp -s wanted out || broken "$(diff wanted out)"
}
recorded() {
    lines | LC_ALL=C tr -c '[:print:]\n' '~' >out
    [ -z "${NNC_UPDATE-}" ] || cp out "$SOURCE/tests/recorded/$1"
    cmp -s "$SOURCE/tests/recorded/$1" out || broken "$(diff "$SOURCE/tests/recorded/$1" out)"
}
within() {
    limit=$1
    shift
    timeout -s KILL "$limit" "$@" >out 2>&1
    [ $? != 137 ] || broken "\`$*\` takes more than $limit s"
}
exec 2>"$folder/.said"
# shellcheck disable=SC1090
. "$case"
