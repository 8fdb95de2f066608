#!/bin/sh
# SPDX-License-Identifier: MIT
# run_same.sh LIBNNRT SOURCE DATA FOLDER NAME [FLAG]: the object of an example, used from C, gives the numbers of its command line.
# FOLDER holds what compile_example.sh made; FLAG is what the library was built with.
#
# write_calls.c writes cli.sh and calls.c from the tables of the object: training, evaluations and every export, in both layers.
# If there is a NAME.c, it follows: the lines `cli: COMMAND` of its head, then the program (calls that take or give texts).
set -eu
library=$1 source=$2 data=$3 folder=$4 name=$5 flag=${6:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-same-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
ln -s "$folder/$name" "$work/$name"
cd "$work"
objects=$folder/$name.o
[ ! -f "$folder/$name.extern.o" ] || objects="$objects $folder/$name.extern.o"
[ "$name" != letters ] || "$folder/digits" fit --steps 1 --log none --quiet --save digits.safetensors # its `init`
[ "$name" != student ] || "$folder/teacher" fit --steps 1 --log none --quiet --save teacher.safetensors
[ "$name" != judge ] || "$folder/cnn" fit --steps 1 --log none --quiet --save weights.safetensors # it has no training

build() { # FILE OUTPUT
    # shellcheck disable=SC2086
    cc -std=c11 -O1 -g $flag -Wall -Wextra -Wconversion -Werror -Wno-unused-function -DPROGRAM="$name" -iquote "$folder" -I"$source/runtime" \
        -I"$source/tests/same" "$1" $objects "$library" -lpng16 -lz -lm -lpthread -o "$2"
}
build "$source/tests/same/write_calls.c" write_calls
./write_calls
sh -eu cli.sh
build calls.c calls
./calls
extra=$source/tests/same/$name.c
[ -f "$extra" ] || exit 0
sed -n 's/^ \* cli: //p' "$extra" | sed 's| \*/$||' >cli.sh
sh -eu cli.sh
build "$extra" extra
./extra
