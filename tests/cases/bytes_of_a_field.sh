# SPDX-License-Identifier: MIT
# Fields that are made of bytes, number by number, have what their expressions give, and refuse what they do not take.
for k in 0 1 2 3; do for j in 0 1 2 3 4 5 6 7; do for i in 0 1 2 3 4 5 6 7; do printf "\\$k$j$i"; done; done; done >all
program bytes <<'END'
data d {
    b: u8[8]     = raw("all")
    same: float[8] = raw("all")
    part: float[8] = float(raw("all")) / 255
    curve: float[8] = exp(tanh(log1p(float(raw("all"))) * 0.3 - 1)) ** 1.7
    root: float[8] = sqrt(maximum(float(raw("all")), 100.0))
    whole: int<86>[8] = int(raw("all")) // 3
    odd: bool[8] = int(raw("all")) % 2 == 1
    both: float[8] = float(raw("all")) + float(raw("all"))
    sums: float[8] = cumsum(float(raw("all")), axis=0)
    scaled: float[8] = float(raw("all")) * float(range(8))
}
eval holds[B](ex in d.all, batch=5) {
    b = float(ex.b)
    assert ex.same == b
    assert ex.part == b / 255
    assert ex.curve == exp(tanh(log1p(b) * 0.3 - 1)) ** 1.7
    assert ex.root == sqrt(maximum(b, 100.0))
    assert ex.both == b + b
    assert ex.whole == int(ex.b) // 3
    assert ex.odd == (int(ex.b) % 2 == 1)
    assert ex.sums == cumsum(b, axis=1)
    assert ex.scaled == b * float(range(8))
    report mean(ex.part)
}
END
./bytes info --json >out
[ "$(grep -o '"pointwise":true' out | wc -l)" = 5 ] || broken "other fields than five are pointwise"
gives "holds on all, 32 examples: mean 0.50000" ./bytes holds
sed 's/int<86>/int<80>/' bytes.nn >few.nn
"$NNC" few.nn -o few >out 2>&1 || broken "few.nn does not compile"
fails 1 "all: example 30, number 0: 80 is not in 0..79 of whole" ./few holds
