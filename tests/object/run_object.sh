#!/bin/sh
# run_object.sh NNC LIBNNRT SOURCE DATA NAME: the C program NAME.c with the object of an example gives the numbers of the
# example's command line: the same weights after training, the same evaluation, the same results of its exports.
set -eu
nnc=$1 library=$2 source=$3 data=$4 name=$5
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-object-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work"
export NN="$source/examples/$name/$name.nn"

"$nnc" "$NN" -o program
"$nnc" -c "$NN" -o "$name.o"
cc -std=c11 -O1 -Wall -Wextra -Wno-unused-function -Werror -I. -I"$source/runtime" "$source/tests/object/$name.c" "$name.o" "$library" \
    -lpng16 -lz -lm -lpthread -o embedded

train() { ./program fit --seed 7 --threads 1 --log none --quiet "$@"; }
same_tail() { # FILE.npy RAW: the array is these bytes
    tail -c "$(wc -c <"$2")" "$1" | cmp - "$2" || { echo "$1 and $2 differ"; exit 1; }
}

case $name in
lenet)
    train --steps 12 --save p.safetensors
    ./program test --load p.safetensors --threads 1 --json >eval.txt
    "$nnc" "$source/tests/object/pass.nn" -o pass
    ./pass rows digits.test.x:0..20 --out x.npy
    ./program classify x.npy --load p.safetensors --out p.npy
    ./embedded >c.txt
    measure=accuracy
    ;;
vae)
    train --steps 12 --save p.safetensors
    ./program test --load p.safetensors --threads 1 --json >eval.txt
    "$nnc" "$source/tests/object/pass.nn" -o pass
    ./pass rows digits.test.x:0..6 --out x.npy
    ./program reconstruct x.npy --load p.safetensors --out p.npy
    ./program sample 6 --seed 5 --load p.safetensors --out p2.npy
    ./embedded >c.txt
    same_tail p2.npy c2.raw
    measure=bound
    ;;
unet)
    train --steps 2 --save p.safetensors
    ./program valid --load p.safetensors --threads 1 --json >eval.txt
    picture=$(find data/shapes/images/ -name '*.png' | sort | head -n 1)
    "$nnc" "$source/tests/object/pass.nn" -o pass
    ./pass picture "$picture" --out x.npy
    size=$(head -c 128 x.npy | LC_ALL=C sed -n "s/.*(\([0-9]*\), \([0-9]*\), 1.*/\1 \2/p")
    ./program segment "$picture" --load p.safetensors --out p.npy
    # shellcheck disable=SC2086
    ./embedded $size >c.txt
    measure=iou
    ;;
esac
same_tail p.npy c.raw
a=$(sed -n "s/.*\"$measure\":\([-0-9.e+]*\).*/\1/p" eval.txt) b=$(sed "s/$measure //" c.txt)
[ "$(printf %.5f "$a")" = "$b" ] || { echo "$measure: $a on the command line, $b in C"; exit 1; }
./program export --load p.safetensors --out pw
./program export --load c.safetensors --out cw
diff -r pw cw || { echo "the weights differ"; exit 1; }
