# SPDX-License-Identifier: MIT
# Fields that are made of bytes, number by number, have what their expressions give, and refuse what they do not take.
for k in 0 1 2 3; do for j in 0 1 2 3 4 5 6 7; do for i in 0 1 2 3 4 5 6 7; do printf "\\$k$j$i"; done; done; done >every
(cat every; head -c 14 every) >all # 270 bytes: ten rows of 27
program bytes <<'END'
data d {
    b: u8[27]     = raw("all")
    same: float[27] = raw("all")
    part: float[27] = float(raw("all")) / 255
    shifted: float[27] = float(raw("all")) / 127.5 - 1
    third: float[27] = float(raw("all")) / 3
    curve: float[27] = exp(tanh(log1p(float(raw("all"))) * 0.3 - 1)) ** 1.7
    root: float[27] = sqrt(maximum(float(raw("all")), 100.0))
    whole: int<86>[27] = int(raw("all")) // 3
    odd: bool[27] = int(raw("all")) % 2 == 1
    both: float[27] = float(raw("all")) + float(raw("all"))
    sums: float[27] = cumsum(float(raw("all")), axis=0)
    scaled: float[27] = float(raw("all")) * float(range(27))
}
eval holds[B](ex in d.all, batch=5) {
    b = float(ex.b)
    assert ex.same == b
    assert ex.part == b / 255
    assert ex.shifted == b / 127.5 - 1
    assert ex.third == b / 3
    assert ex.curve == exp(tanh(log1p(b) * 0.3 - 1)) ** 1.7
    assert ex.root == sqrt(maximum(b, 100.0))
    assert ex.both == b + b
    assert ex.whole == int(ex.b) // 3
    assert ex.odd == (int(ex.b) % 2 == 1)
    assert ex.sums == cumsum(b, axis=1)
    assert ex.scaled == b * float(range(27))
    report mean(ex.part)
}
END
./bytes info --json >out
[ "$(grep -o '"pointwise":true' out | wc -l)" = 7 ] || broken "other fields than seven are pointwise"
gives "holds on all, 10 examples: mean 0.47540" ./bytes holds
sed 's/int<86>/int<80>/' bytes.nn >few.nn
"$NNC" few.nn -o few >out 2>&1 || broken "few.nn does not compile"
fails 1 "all: example 8, number 24: 80 is not in 0..79 of whole" ./few holds
