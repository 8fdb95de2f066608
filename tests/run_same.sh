#!/bin/sh
# run_same.sh NNC LIBNNRT SOURCE DATA NAME [FLAG]: the object of an example, used from tests/same/NAME.c, gives what its program gives.
# Lines `cli: COMMAND` in the comment at the head of NAME.c are run first; the C program compares their files with its own results.
set -eu
nnc=$1 library=$2 source=$3 data=$4 name=$5 flag=${6:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-same-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work"
"$nnc" "$source/examples/$name/$name.nn" -o "$name"
"$nnc" -c "$source/examples/$name/$name.nn" -o "$name.o"
sed -n 's/^ \* cli: //p' "$source/tests/same/$name.c" | sed 's| \*/$||' >commands
[ -s commands ] || { echo "no command in $name.c"; exit 1; }
sh -eu commands
# shellcheck disable=SC2086
cc -std=c11 -O1 -g $flag -Wall -Wextra -Wconversion -Werror -I. -I"$source/runtime" -I"$source/tests/same" "$source/tests/same/$name.c" "$name.o" "$library" -lpng16 -lz -lm -lpthread -o from_c
./from_c
