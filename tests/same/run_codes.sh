#!/bin/sh
# SPDX-License-Identifier: MIT
# run_codes.sh LIBNNRT SOURCE DATA FOLDER [FLAG]: codes.c with the objects of three examples (compile_example.sh) in one program.
set -eu
library=$1 source=$2 data=$3 folder=$4 flag=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-codes-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work"
"$folder/charlm" fit --steps 1 --validate none --log none --quiet --save foreign.safetensors
# shellcheck disable=SC2086
cc -std=c11 -O1 -g $flag -Wall -Wextra -Wconversion -Werror -Wno-unused-function -iquote "$folder" -I"$source/runtime" "$source/tests/same/codes.c" \
    "$folder/iris.o" "$folder/unet.o" "$folder/charlm.o" "$library" -lpng16 -lz -lm -lpthread -o codes
./codes
