#!/bin/sh
# SPDX-License-Identifier: MIT
# What the compiler decides for whole programs, beside what it decided before: kernels of each kind, memory, loops and instructions.
#     plans.sh NNC [--update]
# A rule of fusion, placement or tiling that stops to apply changes no result, so no other test sees it; here it changes a figure
# of tests/plans/expected. Where the change is meant, --update writes the new figures, and the commit shows what became of them.
set -u
nnc=$(realpath "$1") || exit 2
cd "$(dirname "$0")/../../examples" || exit 3
expected=$(realpath ../tests/plans/expected)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
programs="iris/iris charlm/charlm cnn/cnn gan/gan vae/vae music/music detect/detect textcnn/textcnn transformer/transformer
    speech/speech unet/unet physics/physics recommender/recommender graph/graph translate/translate resnet_densenet/resnet_densenet"

# A line for each entry point (memory in elements, every size that is not known being 4), and one for the code of all.
figures() {
    awk -v name="$1" '
        function extent(text,   sum, product, i, j, terms, factors) {
            for (i = split(text, terms, "+"); i > 0; i--) {
                product = 1
                for (j = split(terms[i], factors, "*"); j > 0; j--) product *= factors[j] ~ /^[0-9]+$/ ? factors[j] : 4
                sum += product
            }
            return sum
        }
        function entry() {
            if (of != "" && of != "report") printf "%s %s: %d NEST, %d GEMM, %d GROUP, %d other; %d serial, %d look, %d by rows, %d banded; %d reads, %d writes, " \
                "%d operations; %d buffers in %d places, %d elements\n", name, of, \
                kind["NEST"], kind["GEMM"], kind["GROUP"], others, serial, looks, rows, bands, reads, writes, operations, buffers, places, elements
            split("", kind); split("", taken)
            others = serial = looks = rows = bands = reads = writes = operations = buffers = elements = places = 0
        }
        /^program / { entry(); of = $2 }
        /^buf .* work / {
            match($0, /place=[0-9]+/); place = substr($0, RSTART + 6, RLENGTH - 6)
            match($0, /elements=[^ ]*/); size = extent(substr($0, RSTART + 9, RLENGTH - 9))
            buffers++; elements += size
            if (!(place in taken)) { taken[place]; places++ }
        }
        /^k[0-9]+_/ {
            if ($2 == "NEST" || $2 == "GEMM" || $2 == "GROUP") kind[$2]++; else others++
            serial += / serial /; looks += / looks /; rows += / rows=/; bands += / where /
        }
        !code && /^ *rd[0-9]/ { reads++ }
        !code && /^ *wr[0-9]/ { writes++ }
        !code && /^ *x[0-9]/ { operations++ }
        /^fn / { code = 1; functions++ }
        code && /^ / { lines++; n[$2 == "=" ? $3 : $1]++ }
        END {
            entry()
            printf "%s code: %d functions, %d lines, %d loops, %d loads, %d stores, %d prefetches, %d multiply-adds, %d branches, %d calls\n", name, \
                functions, lines, n["loop"], n["ld"], n["st"], n["prefetch"], n["fma"], n["if"], n["call"]
        }'
}

for program in $programs; do
    "$nnc" -march=x86-64-v3 -c --dump=kernel,loop "$program.nn" -o "$out/model.o" >"$out/dump" || exit 1
    figures "${program##*/}" <"$out/dump"
done >"$out/found"
if [ "${2-}" = --update ]; then
    cp "$out/found" "$expected"
elif ! diff "$expected" "$out/found"; then
    echo "plans: the compiler decides otherwise than before (< before, > now); where that is meant: tests/plans/plans.sh build/nnc --update"
    exit 1
fi
