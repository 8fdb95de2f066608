# SPDX-License-Identifier: MIT
# Values and derivatives of the activations against numbers of double precision: the largest relative difference, at 0, for
# tiny x and far out on both sides; no NaN at the infinities; the documented derivatives at kinks.
program a <<'END'
fn far[N](y: float[N], t: float[N]) -> float { return max(where(y == t, 0, abs(y - t) / abs(t))) }
export fn values[N](x: float[N], t: float[8, N]) -> float {
    return max(stack([far(sigmoid(x), t[0]), far(softplus(x), t[1]), far(elu(x), t[2]), far(selu(x), t[3]), far(silu(x), t[4]),
                      far(gelu(x), t[5]), far(mish(x), t[6]), far(log(sigmoid(x)), t[7])], axis=0))
}
export fn slopes[N](x: float[N], t: float[8, N]) -> float {
    return max(stack([far(grad(sum(sigmoid(x)), wrt=x), t[0]), far(grad(sum(softplus(x)), wrt=x), t[1]),
                      far(grad(sum(elu(x)), wrt=x), t[2]), far(grad(sum(selu(x)), wrt=x), t[3]),
                      far(grad(sum(silu(x)), wrt=x), t[4]), far(grad(sum(gelu(x)), wrt=x), t[5]),
                      far(grad(sum(mish(x)), wrt=x), t[6]), far(grad(sum(log_sigmoid(x)), wrt=x), t[7])], axis=0))
}
export fn ends[N](x: float[N]) -> (float[6, N], float[6, N]) {
    slopes = stack([grad(sum(sigmoid(x)), wrt=x), grad(sum(softplus(x)), wrt=x), grad(sum(elu(x)), wrt=x), grad(sum(silu(x)), wrt=x),
                    grad(sum(gelu(x)), wrt=x), grad(sum(mish(x)), wrt=x)], axis=0)
    return stack([sigmoid(x), softplus(x), elu(x), silu(x), gelu(x), mish(x)], axis=0), slopes
}
export fn kinks(x: float[1]) -> float[10] {
    return concat([grad(sum(relu(x)), wrt=x), grad(sum(abs(x)), wrt=x), grad(sum(maximum(x, 0)), wrt=x), grad(sum(minimum(x, 0)), wrt=x),
                   grad(sum(leaky_relu(x)), wrt=x), grad(sum(maximum(minimum(x, 1), 0)), wrt=x), grad(sum(maximum(minimum(x, 0), -1)), wrt=x),
                   grad(hinge(1 + x, ones(1)), wrt=x), grad(huber(1 + x, zeros(1)), wrt=x), grad(sum(sqrt(x)), wrt=x)], axis=0)
}
export fn curves(x: float[1]) -> float[3] {
    a = grad(sum(softplus(x)), wrt=x)
    b = grad(sum(silu(x)), wrt=x)
    c = grad(sum(huber_each(x, zeros(1))), wrt=x)
    return concat([grad(sum(a), wrt=x), grad(sum(b), wrt=x), grad(sum(c), wrt=x)], axis=0)
}
export fn pools(x: float[1, 4, 1]) -> float[8] {
    return concat([reshape(grad(sum(max_pool1d(x, 2)), wrt=x), 4), reshape(grad(max(x), wrt=x), 4)], axis=0)
}
export fn entropy(x: float[2], t: float[2]) -> float[4] {
    return concat([2 * grad(binary_cross_entropy(x, t), wrt=x), 2 * grad(binary_focal_loss(x, t, gamma=0, alpha=0.5), wrt=x)], axis=0)
}
export fn clear(x: float[2], t: float[2]) -> float[8] {
    a = binary_cross_entropy_each(x, t)
    b = binary_cross_entropy_each(x, t, positive=3)
    return 1e9 * concat([a, grad(sum(a), wrt=x), b, grad(sum(b), wrt=x)], axis=0)
}
END
cat >x.csv <<'END'
0,1e-08,-1e-08,-1,3,-3,-8,-15,-20,-80
END
cat >values.csv <<'END'
0.5,0.500000002,0.499999998,0.268941421,0.952574127,0.0474258732,0.00033535013,3.05902227e-07,2.06115362e-09,1.80485139e-35
0.693147181,0.693147186,0.693147176,0.313261688,3.04858735,0.0485873516,0.000335406373,3.05902274e-07,2.06115362e-09,1.80485139e-35
0,1e-08,-9.99999995e-09,-0.632120559,3,-0.950212932,-0.999664537,-0.999999694,-0.999999998,-1
0,1.05070099e-08,-1.75809933e-08,-1.11133074,3.15210296,-1.67056873,-1.75750956,-1.7580988,-1.75809934,-1.75809934
0,5.00000002e-09,-4.99999998e-09,-0.268941421,2.85772238,-0.14227762,-0.00268280104,-4.5885334e-06,-4.12230724e-08,-1.44388111e-33
0,5.00000004e-09,-4.99999996e-09,-0.158655254,2.99595031,-0.00404969409,-4.97676846e-15,0,0,0
0,6.00000003e-09,-5.99999997e-09,-0.303401461,2.986535,-0.145647461,-0.00268325088,-4.58853411e-06,-4.12230724e-08,-1.44388111e-33
-0.693147181,-0.693147176,-0.693147186,-1.31326169,-0.0485873516,-3.04858735,-8.00033541,-15.0000003,-20,-80
END
cat >slopes.csv <<'END'
0.25,0.25,0.25,0.196611933,0.0451766597,0.0451766597,0.000335237671,3.05902133e-07,2.06115361e-09,1.80485139e-35
0.5,0.500000002,0.499999998,0.268941421,0.952574127,0.0474258732,0.00033535013,3.05902227e-07,2.06115362e-09,1.80485139e-35
1,1,0.99999999,0.367879441,1,0.0497870684,0.000335462628,3.05902321e-07,2.06115362e-09,1.80485139e-35
1.75809934,1.05070099,1.75809932,0.646768603,1.05070099,0.0875306121,0.000589776625,5.37806668e-07,3.62371282e-09,3.17310804e-35
0.5,0.500000005,0.499999995,0.0723294881,1.08810411,-0.088104106,-0.00234655124,-4.28262977e-06,-3.91619187e-08,-1.4258326e-33
0.5,0.500000008,0.499999992,-0.0833154706,1.01194565,-0.0119456472,-3.97960726e-14,0,0,0
0.6,0.600000006,0.599999994,0.0592167559,1.02110691,-0.0933931145,-0.00234739438,-4.28263113e-06,-3.91619187e-08,-1.4258326e-33
0.5,0.499999998,0.500000002,0.731058579,0.0474258732,0.952574127,0.99966465,0.999999694,0.999999998,1
END
near 1e-5 0 ./a values --x x.csv --t values.csv
near 2e-5 0 ./a slopes --x x.csv --t slopes.csv
printf 'inf,-inf\n' >ends.csv
near 0 "1,0 inf,0 inf,-1 inf,0 inf,0 inf,0  0,0 1,0 1,0 1,0 1,0 1,0" ./a ends --x ends.csv
near 1e-6 "0 0 0 0 0.01 0 0 0 1 0" ./a kinks --x 0
near 1e-6 "0.25 0.5 1" ./a curves --x 0
near 0 "1 0 1 0  1 0 0 0" ./a pools --x 2,2,2,2
near 1e-6 "0.5 -0.5 0.25 -0.25" ./a entropy --x 0,0 --t 0,1
# Small losses of clear answers, on both sides, times 1e9 (positive=3: three times as much where t is 1).
near 1e-5 "2.06115362 2.06115362 -2.06115362 2.06115362  6.18346085 2.06115362 -6.18346085 2.06115362" ./a clear --x 20,-20 --t 1,0

program logistic <<'END'
export fn slope(x: float[4, 2], t: float[4]) -> float[2] {
    w = zeros(2)
    return -grad(binary_cross_entropy(x @ w, t), wrt=w)
}
END
near 1e-6 "0.125 -0.5" ./logistic slope --x "1,2;3,4;-1,0;2,-2" --t 1,0,0,1
