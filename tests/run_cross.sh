#!/bin/sh
# SPDX-License-Identifier: MIT
# run_cross.sh NNC SOURCE ARCH: an object made for another architecture trains to the same bits as here, under emulation. Exit code 77: the
# tools for ARCH (ARCH-linux-gnu-gcc, qemu-ARCH or qemu-ARCH-static) are not there.
set -eu
nnc=$1 source=$2 arch=$3
command -v "$arch-linux-gnu-gcc" >/dev/null || exit 77
emulator=$(command -v "qemu-$arch-static" || command -v "qemu-$arch") || exit 77
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-cross-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >train.c <<'EOF'
#define IRIS_CORE_ONLY
#include "iris.h"
#include <stdio.h>
enum { ROWS = 40 };
static _Alignas(NNRT_ALIGN) unsigned char model[IRIS_MODEL_BYTES], area[IRIS_FIT_TRAIN_BYTES], work[IRIS_FIT_WORK(ROWS)];
int main(void)
{
    static nnrt_float x[ROWS][4];
    static int32_t y[ROWS];
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    unsigned state = 1;
    for (int i = 0; i < ROWS; i++) {
        y[i] = i % 3;
        for (int k = 0; k < 4; k++) {
            state = state * 1664525u + 1013904223u;
            x[i][k] = (nnrt_float)y[i] * 1.5f + (nnrt_float)(state >> 16) / 65536;
        }
    }
    if (iris_core_init(model, 1) || iris_core_fit_init(area, 1)) return 1;
    for (int step = 0; step < 50; step++)
        if (iris_core_fit_step(model, area, &call, ROWS, x[0], y)) return 2;
    nnrt_float p[3], sum = 0;
    for (int i = 0; i < ROWS; i++) {
        if (iris_core_predict(model, &call, 1, x[i], p)) return 3;
        sum += p[y[i]];
    }
    unsigned long long hash = 14695981039346656037u;
    for (unsigned long i = 0; i < sizeof model; i++) hash = (hash ^ model[i]) * 1099511628211u;
    printf("%016llx %.9g\n", hash, (double)sum);
    return sum > 30 ? 0 : 4; /* it has learnt */
}
EOF
"$nnc" -c -march=x86-64-v3 "$source/examples/iris/iris.nn" -o iris.o
cc -std=c11 -O1 -I. train.c iris.o -o here
"$nnc" -c --target="$arch-linux-gnu" "$source/examples/iris/iris.nn" -o iris.o
"$arch-linux-gnu-gcc" -static -std=c11 -O1 -I. train.c iris.o -o there
./here >here.txt
"$emulator" ./there >there.txt
cat here.txt there.txt
cmp here.txt there.txt
hash=$(cut -d' ' -f1 here.txt)
grep -q "$hash" "$source/README.md" || { echo "README.md says another hash than $hash"; exit 1; }
