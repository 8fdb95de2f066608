#!/bin/sh
# SPDX-License-Identifier: MIT
# compile_example.sh NNC FILE.nn FOLDER: FOLDER/NAME.o, FOLDER/NAME.h and the program FOLDER/NAME, which other tests use.
# C functions that the file declares are in the C file named after the first of them, beside it; it goes to FOLDER/NAME.extern.o.
set -eu
nnc=$1 file=$2 folder=$3
name=$(basename "$file" .nn)
extern=$(sed -n 's/^extern fn \([a-z_]*\).*/\1/p' "$file" | head -n 1)
mkdir -p "$folder"
cd "$folder"
"$nnc" -c "$file" -o "$name.o"
if [ "$extern" ]; then cc -O2 -c "$(dirname "$file")/$extern.c" -o "$name.extern.o"; fi
if grep -qE '^(train|eval|export) ' "$file"; then "$nnc" "$file" ${extern:+"$name.extern.o"} -o "$name"; fi
