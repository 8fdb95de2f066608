#!/bin/sh
# SPDX-License-Identifier: MIT
# run_gradcheck.sh NNC FILE.nn DATA: an example in double precision, its derivatives against central differences: one element of
# every tensor, two examples a batch, or as many as the program says that it needs.
set -eu
nnc=$1 program=$2 data=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-gradcheck-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work"
objects=""
if grep -q '^extern fn nms' "$program"; then
    cc -O2 -Dnnrt_float=double -c "$(dirname "$program")/nms.c" -o nms.o
    objects=nms.o
fi
"$nnc" --float=f64 "$program" $objects -o program
whole=$(sed -n 's/.*requires N == members.*/--batch 1000/p' "$program" | head -1)
# shellcheck disable=SC2086
./program gradcheck --elements 1 ${whole:---batch 2}
