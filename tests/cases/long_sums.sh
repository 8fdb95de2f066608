# SPDX-License-Identifier: MIT
# Sums of millions of floats are good to 1e-5 of the sum of absolute values, along any axis and however they arise; the variance
# of 1e7 values far from 0 is right to 1e-4.
program sums <<'END'
fn rows(n: dim, c: float) -> float[n] { return where(range(n) < 0, 0.0, c) }

export fn leading(n: dim, c: float[2]) -> float[2] { return mean(rows(n, 1.0)[:, _] * c, axis=0) }
export fn repeated(n: dim, c: float) -> float { return sum(rows(n, c)[:, _] + rows(n + 1, 0.7)[_, :]) }
export fn middle(n: dim, c: float[2]) -> float[2] {
    return sum(reshape(rows(2 * n, 0.7), 2, n)[:, :, _] * c, axis=(0, 1))
}
export fn columns(n: dim, c: float) -> float[1, 3] {
    return rows(n, c)[_, :] @ (rows(n, 0.7)[:, _] * full(1.0, 3)[_, :])
}
export fn weights(n: dim, c: float[6], w: float[6, 5]) -> float[6, 5] {
    return grad(sum((rows(n, 0.1)[:, _] * c) @ w * 0.7), wrt=w)
}
export fn embedding(n: dim, w: float[4, 3]) -> float[4, 3] {
    expect word: int<4>[n] = int(rows(n, 2.0))
    return grad(sum(take(w, word, axis=0) * 0.7), wrt=w)
}
export fn steps(n: dim, w: float) -> float {
    scan x in rows(n, 1.0) with h = 0.0 { h = h + tanh(w * x) }
    return grad(h, wrt=w)
}
export fn running(n: dim, c: float) -> (float, float) {
    y = cumsum(rows(n, c), axis=0)
    return y[n - 1], grad(sum(cumsum(c * rows(n, 1.0), axis=0)), wrt=c)
}
export fn variance(n: dim, shift: float[2]) -> float[2] {
    x = (250 + 0.1 * float(range(n) % 701))[:, _] + shift
    d = x - mean(x, axis=0)
    return mean(d ** 2, axis=0)
}
END
near 1e-6 "1 1" ./sums leading 20000000 1,1
near 1e-5 "7000000 700000" ./sums middle 5000000 1,0.1
near 1e-5 "2209047000" ./sums repeated 47000 0.3
near 1e-5 "70000 70000 70000" ./sums columns 1000000 0.1
near 1e-5 "786447.73" ./sums steps 1000000 0.5
near 1e-6 "400000.006 8000002000000" ./sums running 4000000 0.1
near 2.4e-7 "409.5 409.5" ./sums variance 9999765 0,0

ones='1,1,1,1,1;1,1,1,1,1;1,1,1,1,1;1,1,1,1,1;1,1,1,1,1;1,1,1,1,1'
weights=$(for c in 70000 7000 14000 21000 28000 49000; do echo $c $c $c $c $c; done)
near 1e-5 "$weights" ./sums weights 1000000 1,0.1,0.2,0.3,0.4,0.7 $ones
gives "$(./sums weights 1000000 1,0.1,0.2,0.3,0.4,0.7 $ones --threads 1)" \
    ./sums weights 1000000 1,0.1,0.2,0.3,0.4,0.7 $ones --threads 2

near 1e-5 "0 0 0 0 0 0 3500000 3500000 3500000 0 0 0" ./sums embedding 5000000 '1,1,1;1,1,1;1,1,1;1,1,1'

# So is the mean of the gradients of many batches.
program batches <<'END'
layer Point { param w: float[2] = 0 }
model net = Point()
train fit(steps=1, accumulate=30000, save="point.safetensors") {
    loss = 0.1 * sum(net.w)
    minimize loss over net using sgd(lr=1)
    report loss
}
export fn w() -> float[2] { return net.w }
END
shows "saved" ./batches fit --log none
near 1e-7 "-0.1 -0.1" ./batches w --load point.safetensors
