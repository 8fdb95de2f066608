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
train all[B](ex in two.train, batch=16, epochs=1, save=none) {
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
