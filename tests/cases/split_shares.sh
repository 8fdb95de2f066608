# SPDX-License-Identifier: MIT
# Fractions are of all examples: beside every(5), 0.8 is all the rest. What is in no part is said.
program parts <<'END'
data two {
    x: float[1] = csv("twenty.csv", columns=0..1)
    split(train=0.8, test=every(5))
}
data some {
    x: float[1] = csv("twenty.csv", columns=0..1)
    split(train=0.5, valid=0.2, test=every(10))
}
model net = Dense(1, 1)
train fit[B](ex in some.train, batch=10, epochs=1, save=none) {
    loss = mse(net(ex.x), ex.x)
    minimize loss over net using sgd(lr=0.001)
    report loss
}
train all[B](ex in two.train, batch=16, epochs=1, save=none, log=none) {
    loss = mse(net(ex.x), ex.x)
    minimize loss over net using sgd(lr=0.001)
    report loss
}
END
i=0
while [ $i -lt 20 ]; do echo "$i,1" && i=$((i + 1)); done >twenty.csv
shows 'two: 20 examples, train 16, test 4
' ./parts check-data
shows 'some: 20 examples, train 10, valid 4, test 2, 4 in no part' ./parts check-data
shows 'data some: 4 of 20 examples are in no part' ./parts fit
lacks 'no part' ./parts all
[ -e parts.fit.jsonl ] && [ ! -e parts.all.jsonl ] || broken "log=none"

# A seed and the number for a missing cell are the whole of 64 bits.
program far <<'END'
data d {
    x: float = csv("gap.csv", column=0, fill=9223372036854775807)
    split(half=0.5, seed=9223372036854775807)
}
data e {
    x: float = csv("twenty.csv", column=0)
    split(half=0.5, seed=9223372036854775807)
}
data f {
    x: float = csv("twenty.csv", column=0)
    split(half=0.5, seed=0)
}
export fn same[N](x: float[N]) -> float[N] { return x }
END
printf '1,2\n,3\n' >gap.csv
gives "$(printf '1\n9.223372e+18')" ./far same d.x
./far same e.half.x --out e.csv && ./far same f.half.x --out f.csv || broken "same"
! cmp -s e.csv f.csv || broken "a seed of 63 bits is the seed 0"
