#!/bin/sh
# SPDX-License-Identifier: MIT
# What the compiler decides for whole programs, beside what it decided before: kernels of each kind, memory, loops and instructions.
#     plans.sh NNC PART                PART: figures (of examples), others (more programs), flags (with them)
#     plans.sh NNC --beside OTHER      where two compilers decide otherwise, line by line
# A rule of fusion, placement or tiling that stops to apply changes no result, so no other test sees it; here it changes a figure
# of tests/plans/figures. What no figure shows (an order, a place, a step of an axis) changes the listings, of which there are sums
# (of cksum; that of kernels with what --dump=memory says) in figures, others and flags.
# Where the change is meant, NNC_UPDATE=1 (or tools/record) writes the new figures, and the commit shows what became of them.
set -u
nnc=$(realpath "$1") || exit 2
part=$2 other=
[ "$part" != --beside ] || other=$(realpath "$3") || exit 2
cd "$(dirname "$0")/../../examples" || exit 3
expected=$(realpath ../tests/plans)/$part
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# With figures.
programs="iris/iris charlm/charlm cnn/cnn gan/gan vae/vae music/music detect/detect textcnn/textcnn transformer/transformer
    speech/speech unet/unet physics/physics recommender/recommender graph/graph translate/translate resnet_densenet/resnet_densenet"

# By their listings: flags, and the programs that get them.
others="
: $(printf '%s ' ../tests/run/*.nn ../tests/outputs/*.nn | sed 's/\.nn / /g')
: anomaly/anomaly dcgan/dcgan diffusion/diffusion diffusion/pictures distil/student forecast/forecast lenet/lenet
: regression/regression siamese/siamese sizes/sizes spoken/spoken tabular/tabular textclass/textclass transfer/letters wgan_gp/wgan_gp
: ../bench/models/cnn ../bench/models/densenet ../bench/models/emb ../bench/models/gpt ../bench/models/grulm ../bench/models/resnet20
"
flags="
-Os: ../tests/outputs/steps ../tests/run/table ../tests/run/line iris/iris cnn/cnn speech/speech graph/graph ../bench/models/grulm
-Os --target=thumbv7em-none-eabihf: iris/iris regression/regression tabular/tabular ../bench/models/mlp
--target=aarch64-linux-gnu: cnn/cnn charlm/charlm tabular/tabular
--target=wasm32: vae/vae music/music
-march=generic: lenet/lenet textclass/textclass
-march=x86-64-v4: cnn/cnn speech/speech recommender/recommender ../bench/models/gru
-march=sapphirerapids --float=bf16: cnn/cnn transformer/transformer ../bench/models/resnet20 ../bench/models/gru1000
--float=bf16: vae/vae textcnn/textcnn
--float=f64 --fp=strict: iris/iris cnn/cnn music/music
--no-fusion: ../tests/run/nested iris/iris transformer/transformer ../bench/models/lenet
--no-reuse: cnn/cnn ../bench/models/gru
--memory=1KB: ../tests/outputs/memory ../tests/outputs/plans iris/iris charlm/charlm cnn/cnn dcgan/dcgan unet/unet translate/translate ../bench/models/resnet20 ../bench/models/cnn
--memory=64MB: ../bench/models/resnet20 ../bench/models/transformer
"

# A line for each entry point (memory in elements, every size that is not known being 4), and one for the code of all.
figures() {
    awk -v name="$1" -v file="$out/entry" '
        function extent(text,   sum, product, i, j, terms, factors) {
            for (i = split(text, terms, "+"); i > 0; i--) {
                product = 1
                for (j = split(terms[i], factors, "*"); j > 0; j--) product *= factors[j] ~ /^[0-9]+$/ ? factors[j] : 4
                sum += product
            }
            return sum
        }
        function sum_of(   command, line, word) {
            close(file)
            command = "cksum <" file
            command | getline line
            close(command)
            split(line, word, " ")
            return word[1]
        }
        function entry() {
            if (of != "") sum = sum_of()
            if (of != "" && of != "report") printf "%s %s: %d NEST, %d GEMM, %d GROUP, %d other; %d serial, %d look, %d by rows, %d banded; %d reads, %d writes, " \
                "%d operations; %d buffers in %d places, %d elements; sum %s\n", name, of, \
                kind["NEST"], kind["GEMM"], kind["GROUP"], others, serial, looks, rows, bands, reads, writes, operations, buffers, places, elements, sum
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
        /^fn / { if (!code) entry(); of = ""; code = 1; functions++ }
        code && /^ / { lines++; n[$2 == "=" ? $3 : $1]++ }
        { print >file }
        END {
            entry()
            printf "%s code: %d functions, %d lines, %d loops, %d loads, %d stores, %d prefetches, %d multiply-adds, %d branches, %d calls; sum %s\n", name, \
                functions, lines, n["loop"], n["ld"], n["st"], n["prefetch"], n["fma"], n["if"], n["call"], sum_of()
        }'
}

# listing NNC PROGRAM FLAGS STAGES
listing() {
    case " $3" in *" -march="* | *" --target="*) ;; *) set -- "$1" "$2" "$3 -march=x86-64-v3" "$4" ;; esac
    case " $3" in *" --memory="*) stop=kernel ;; *) stop=loop ;; esac # too little memory is an error behind the kernels
    "$1" $3 -c --dump=$4 --stop-after=$stop "$2.nn" -o "$out/model.o" || echo "exit status $?"
}

# lines STAGE: how many, and their sum.
lines() {
    echo "$(wc -l <"$out/$1") lines of $1, sum $(cksum <"$out/$1" | cut -d' ' -f1)"
}

# summary PROGRAM FLAGS
summary() {
    listing "$nnc" "$1" "$2" kernel,memory,loop >"$out/dump"
    case $1 in ../*) name=${1#../} ;; *) name=${1##*/} ;; esac
    sed '/^fn /,$d' "$out/dump" >"$out/kernels"
    sed -n '/^fn /,$p' "$out/dump" >"$out/loops"
    echo "$name${2:+ $2}: $(lines kernels); $(lines loops)"
}

# each LINES COMMAND...: for each of the programs of these lines with its flags
each() {
    echo "$1" | while IFS=: read -r flags list; do
        for program in $list; do
            "$2" "$program" "$flags"
        done
    done
}

beside() {
    listing "$nnc" "$1" "$2" kernel,memory,loop >"$out/this"
    listing "$other" "$1" "$2" kernel,memory,loop >"$out/that"
    diff -U1 "$out/that" "$out/this" >"$out/differs" || { echo "==== $1 $2"; head -n 40 "$out/differs"; }
}

if [ "$other" ]; then
    for program in $programs; do
        beside "$program" ""
    done
    each "$others" beside
    each "$flags" beside
    exit 0
fi
case $part in
    figures)
        for program in $programs; do
            listing "$nnc" "$program" "" kernel,loop >"$out/dump"
            figures "${program##*/}" <"$out/dump"
        done ;;
    others) each "$others" summary ;;
    flags) each "$flags" summary ;;
    *) echo "plans: there is no part $part" >&2; exit 2 ;;
esac >"$out/found" || exit 2
if [ -n "${NNC_UPDATE-}" ]; then
    cp "$out/found" "$expected"
elif ! diff "$expected" "$out/found"; then
    echo "plans: the compiler decides otherwise than before (< before, > now; plans.sh NEW --beside OLD shows where);" \
        "where that is meant: tools/record"
    exit 1
fi
