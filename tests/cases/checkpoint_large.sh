# SPDX-License-Identifier: MIT
# What is saved is loaded: a vocabulary of 400,000 words, names that agree for long, many tensors.
awk 'BEGIN { for (i = 0; i < 400000; i++) printf "a_word_of_the_vocabulary_%06d\n", i }' | tr 'a_0123456789' 'bcdefghijklm' >words.txt
program words <<'END'
data d { w: int<400002>[1] = lines("words.txt", words=true) }
model net = Dense(1, 1)
train fit[B](ex in d.all, batch=400000, steps=1, log="none") {
    loss = mean(net(float(ex.w)) ** 2)
    minimize loss over net using sgd(lr=0)
    report loss
}
export fn code[B](w: int<400002>[B, 1] as d.w) -> int<400002>[B] { return max(w, axis=-1) }
END
shows "saved words.safetensors" ./words fit
tail -n 1 words.txt >last.txt
gives 400001 ./words code --load words.safetensors last.txt

# Two parameters whose names agree in the first 600 bytes.
long=$(head -c 600 /dev/zero | tr '\0' n)
program names <<END
layer Inner {
    param ${long}1: float[2] = 1
    param ${long}2: float[2] = 2
    fn forward(x: float[2]) -> float[2] { return ${long}1 * x + ${long}2 }
}
model net = Inner()
train fit[B](batch=1, steps=1, log="none", ema=0.5) {
    x = zeros([2])
    loss = mean(net(x) ** 2)
    minimize loss over net using adam(lr=0)
    report loss
}
export fn f(x: float[2]) -> float[2] { return net(x) }
END
shows "saved names.safetensors" ./names fit
gives "3
5" ./names f 1,3
shows "saved" ./names fit --resume

# 40,000 tensors of another tool beside the one that is wanted.
awk 'BEGIN { printf "{\"s.w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
    for (i = 0; i < 40000; i++) printf ",\"t%d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}", i, 8 + 4 * i, 12 + 4 * i; print "}" }' >header
n=$(wc -c <header)
# shellcheck disable=SC2059
{ printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256 % 256)))\\$(printf %o $((n / 65536)))\\0\\0\\0\\0\\0"; cat header; head -c 160008 /dev/zero; } >many.st
program one <<'END'
layer Shift {
    param w: float[2] = 1
    fn forward(x: float[2]) -> float[2] { return w + x }
}
model s = Shift()
export fn f(x: float[2]) -> float[2] { return s(x) }
END
gives "1
3" ./one f --load many.st 1,3
