#!/bin/sh
# SPDX-License-Identifier: MIT
# run_bad.sh SOURCE DATA FOLDER NAME [WORD]: bad input for every export of a program (bad_input.c).
# FOLDER holds what compile_example.sh made.
set -eu
source=$1 data=$2 folder=$3 name=$4 word=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-bad-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
ln -s "$folder/$name" "$work/$name"
cd "$work"

fit() { # PROGRAM FILE: weights of one step
    block=$("$1" info | awk '$1 == "train" { sub(/\[.*/, "", $2); print $2; exit }')
    "$1" "$block" --steps 1 --validate none --threads 1 --log none --quiet --save "$2"
}
if [ "$name" = judge ]; then fit "$folder/cnn" weights.safetensors; else fit "./$name" weights.safetensors; fi
if [ "$name" = iris ]; then fit "$folder/regression" foreign.safetensors; else fit "$folder/iris" foreign.safetensors; fi
objects=$folder/$name.o
[ ! -f "$folder/$name.extern.o" ] || objects="$objects $folder/$name.extern.o"
# shellcheck disable=SC2086
cc -std=gnu11 -O1 -Wall -Wextra -Wconversion -Werror -DPROGRAM="$name" -I"$source/tests" -I"$source/runtime" "$source/tests/badinput/bad_input.c" $objects -o bad_input
./bad_input $word
