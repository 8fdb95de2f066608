#!/bin/sh
# SPDX-License-Identifier: MIT
# firmware.sh NNC SOURCE DATA: examples/firmware learns iris on an emulated Cortex-M4 from rows sent over its console, and then takes at
# least 135 of 150 flowers for what they are. Exit code 77: a tool is not there (tools/setup --cross).
set -eu
for tool in arm-none-eabi-gcc qemu-system-arm make; do
    command -v $tool >/dev/null || { echo "no $tool (tools/setup --cross)"; exit 77; }
done
nnc=$(realpath "$1") source=$2 rows=$3/iris.csv
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-firmware-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/iris"
cp "$source/examples/iris/iris.nn" "$work/iris"
cp -r "$source/examples/firmware" "$work"
cd "$work/firmware"
make -s NNC="$nnc"
awk -F, -f rows.awk "$rows" "$rows" "$rows" "$rows" "$rows" "$rows" "$rows" "$rows" "$rows" "$rows" >lines
timeout 200 make -s run <lines >said
head -1 said
[ "$(wc -l <said)" = 151 ]
awk 'NR > 1 && $1 == int((NR - 2) / 50) { right++ } END { print right " of 150 are right"; exit right < 135 }' said
