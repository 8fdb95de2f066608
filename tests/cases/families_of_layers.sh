# SPDX-License-Identifier: MIT
# A family of layers with two indices, asked for by both at once and by one after the other.
program f <<'END'
layer By(k: float) {
    fn forward[B](x: float[B]) -> float[B] { return x * k }
}
layer Net {
    for i in 0..2 {
        for j in 0..2 {
            layer block[i, j] = By(10.0 * (i + 1) + j)
        }
    }
    fn forward[B](x: float[B]) -> float[B] {
        row = block[1]
        return row[0](x) - block[1, 1](x) / 2 + block[0][1](x)
    }
}
model net = Net()
export fn f[B](x: float[B]) -> float[B] { return net(x) }
END
gives "20.5
41" ./f f 1,2
