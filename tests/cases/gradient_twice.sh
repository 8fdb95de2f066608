# SPDX-License-Identifier: MIT
# A derivative of a derivative: of x^3 at 2 it is 6 x.
program cube <<'END'
export fn f(x: float[1]) -> float[1] {
    return grad(sum(grad(sum(x * x * x), wrt=x)), wrt=x)
}
END
gives 12 ./cube f --x 2
near 1e-6 "12 -3" echo 12,-3
fails 2 "--nonsense" ./cube f --nonsense 2
