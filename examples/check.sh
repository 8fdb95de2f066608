# SPDX-License-Identifier: MIT
# check.sh: sourced by examples/*/check, the scripts that show that an example reaches its known result.
#
#   examples/X/check             in full, on real data where it is there; may take minutes
#   examples/X/check --small     a reduced size on generated data: seconds, looser bounds; ctest runs it
#
# From the environment (all optional):
#   NNC         the compiler                                   (build/nnc)
#   GENERATED   data written by make-data                      (data; with --small build/test-data, made by `make-data --small`)
#   DATA        folder with the real data sets: mnist/, tinyshakespeare/, rt-polarity/, wine-quality/
#   OUT         folder for programs, weights and pictures      (build/examples/X)
#   THREADS     threads of the trained programs                (1)
#
# What a script finds here:
#   $here       folder of the example      $small    1 with --small, else empty
#   $NNC $GENERATED $DATA $OUT $THREADS    set and absolute; the current folder is $OUT
#   compile NAME [FLAGS]                   $here/NAME.nn -> ./NAME
#   have FOLDER                            true if $DATA/FOLDER is there and the run is in full
#   value NAME FILE                        the last number that FILE shows after NAME
#   row PROGRAM DATA MEASURE VALUE OP BOUND   one line of the table of results; OP is >= or <=. A miss fails the script at its end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
name=$(basename "$here")
small=""
[ "${1:-}" = --small ] && small=1
missed=0

absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
NNC=$(absolute "${NNC:-$root/build/nnc}")
if [ "$small" ]; then GENERATED=${GENERATED:-$root/build/test-data}; else GENERATED=${GENERATED:-$root/data}; fi
GENERATED=$(absolute "$GENERATED")
DATA=$(absolute "${DATA:-$root/data}")
OUT=$(absolute "${OUT:-$root/build/examples/$name}")
THREADS=${THREADS:-1}
mkdir -p "$OUT"
cd "$OUT"
[ -e data ] || ln -s "$GENERATED" data
trap 'status=$?; [ $status -ne 0 ] || exit $missed' EXIT

compile() {
    program=$1
    shift
    "$NNC" "$@" "$here/$program.nn" -o "./$program"
}

have() { [ ! "$small" ] && [ -d "$DATA/$1" ]; }

value() {
    awk -v n="$1" '{ for (i = 1; i < NF; i++) if ($i == n || $i == n ":" || $i == n "=") v = $(i + 1) } END { sub(/,$/, "", v); print v }' "$2"
}

row() {
    verdict=$(awk -v a="${4:-nan}" -v op="$5" -v b="$6" 'BEGIN { ok = a == a + 0 && (op == ">=" ? a + 0 >= b + 0 : a + 0 <= b + 0); print ok ? "ok" : "MISS" }')
    printf '%-28s | %-26s | %-34s | %10s %s %-8s | %s\n' "$1" "$2" "$3" "${4:-none}" "$5" "$6" "$verdict"
    [ "$verdict" = ok ] || missed=1
}
