# SPDX-License-Identifier: MIT
# split(folds=n, fold=k): the folds are disjoint, of equal size but for one, and together all; an option says which one is the part test.
program cross <<'TEXT'
option fold: int = 0 "which fifth is tested"
option mix: int = 7
data d {
    x: float[1] = csv("x.csv", columns=0..1)
    y: int<2> = csv("x.csv", column=1)
    split(folds=5, fold=fold, seed=mix, stratify=y)
}
data in_order {
    x: float[1] = csv("x.csv", columns=0..1)
    split(folds=4, fold=3, shuffle=false)
}
model net = Dense(1, 2)
train fit[B](ex in d.train, epochs=1, validate=d.test) {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd()
    report loss
}
export fn same[B](x: float[B, 1]) -> float[B, 1] { return x }
TEXT
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12; do echo "$i,$((i % 4 == 0))"; done >x.csv
: >all
for k in 0 1 2 3 4; do
    ./cross same --x d.test.x --fold $k --out test.csv || broken "fold $k"
    ./cross same --x d.train.x --fold $k --out train.csv || broken "the rest of fold $k"
    lines=$(wc -l <test.csv)
    [ "$lines" = 2 ] || [ "$lines" = 3 ] || broken "fold $k has $lines examples"
    [ "$(cat test.csv train.csv | sort -n | tr '\n' ' ')" = "0 1 2 3 4 5 6 7 8 9 10 11 12 " ] || broken "fold $k and the rest are not all"
    awk '$1 % 4 == 0 { n++ } END { exit n > 1 }' test.csv || broken "fold $k has too many of one class"
    cat test.csv >>all
done
[ "$(sort -n all | tr '\n' ' ')" = "0 1 2 3 4 5 6 7 8 9 10 11 12 " ] || broken "the folds are not disjoint"
gives '9
10
11
12' ./cross same --x in_order.test.x
./cross same --x d.test.x --out a.csv && ./cross same --x d.test.x --mix 8 --out b.csv || broken "another seed"
! cmp -s a.csv b.csv || broken "the seed has no effect"
shows "validation" ./cross fit --fold 4 --save k.safetensors
fails 2 "fold is 3, but the run of k.safetensors has 4" ./cross fit --resume k.safetensors --epochs 2 --fold 3
fails 1 "there is no fold 5, but 0 to 4" ./cross fit --fold 5
