# SPDX-License-Identifier: MIT
# A state that is made of other places of itself has what they held before: it is not overwritten while it is read.
program q <<'END'
layer Scale {
    param w: float = 1
    fn forward[B](x: float[B]) -> float[B] { return w * x }
}
layer Queue {
    state line: float[40] = 0
    state square: float[9, 9] = 0
    fn forward[B](x: float[B]) -> float[B] {
        if training {
            line := concat([x[0:1], 2 * line[0:39]], axis=0)
            square := transpose(square) * 2 + float(range(9))
        }
        return x
    }
}
model net = Scale()
model queue = Queue()
train fit[B](batch=1, steps=3, save="line.st", log="none") {
    x = float(step) * ones(B)
    minimize mean(net(x)) over net using sgd()
    report x = sum(queue(x))
}
export fn line() -> float[4] { return queue.line[0:4] }
export fn corner() -> float[3, 3] { return queue.square[0:3, 6:9] }
END
lacks 'error' ./q fit
near 0 '2 2 0 0' ./q line --load line.st
near 0 '30 35 40 32 37 42 34 39 44' ./q corner --load line.st
lacks 'error' ./q fit --steps 4
near 0 '3 4 4 0' ./q line --load line.st
near 0 '30 35 40 40 45 50 50 55 60' ./q corner --load line.st
