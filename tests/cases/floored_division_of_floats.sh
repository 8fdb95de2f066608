# SPDX-License-Identifier: MIT
# % and // of floats: exact whatever the size of the quotient, the sign of the divisor, infinities; the same while compiling.
program d <<'END'
export fn both[N](a: float[N], b: float[N]) -> float[2, N] { return stack([a % b, a // b], axis=0) }
export fn known() -> float[2, 5] {
    return stack([stack([5.5 % inf, -1.0 % 3.0, 7.5 % -2.0, 1e10 % 3.0, -9019.5 % 0.25], axis=0),
                  stack([-1.0 // inf, -1.0 // 3.0, 7.5 // -2.0, 1e10 // 3.0, -7.0 // 0.5], axis=0)], axis=0)
}
export fn slopes(a: float[1], b: float[1]) -> float[2] { return concat([grad(sum(a % b), wrt=a), grad(sum(a % b), wrt=b)], axis=0) }
END
printf -- '-9019.7,1e10,5.5,-1,5.5,7,-7,7,-7,0,-5.5,3e38\n' >a.csv
printf -- '0.1,3,inf,inf,-inf,3,3,-3,-3,3,0,7\n' >b.csv
near 1e-6 "0.0999391 1 5.5 inf -inf 1 2 -2 -1 0 nan 1  -90198 3333333333 0 -1 -1 2 -3 -3 2 0 -inf 4.2857142e37" ./d both --a a.csv --b b.csv
near 1e-6 "5.5 2 -0.5 1 0  -1 -1 -4 3333333333 -14" ./d known
near 1e-6 "1 -2" ./d slopes --a 7 --b 3
near 1e-6 "1 3" ./d slopes --a -7 --b 3

program w --float=f64 <<'END'
export fn both[N](a: float[N], b: float[N]) -> float[2, N] { return stack([a % b, a // b], axis=0) }
END
printf '1e300,-1e300,1,7.5\n' >a.csv
printf '3,7,1e-310,-2\n' >b.csv
near 0 "0 6 3.5074317610433e-311 -0.5 3.3333333333333335e299 -1.4285714285714286e299 inf -4" ./w both --a a.csv --b b.csv
# Quotients up to 2^53 are whole numbers, which a division that rounds misses; a constant is computed by the compiler.
printf -- '-4.568902262540341e22,610407533.2800567,-7.761807755992687e23,33651287.02311666,9007199254740991\n' >a.csv
printf -- '6225438.048481368,-7.688874598288197e-08,-244807742.65975758,-6.0958124127618205e-09,1\n' >b.csv
program e --float=f64 <<'END'
export fn quotients[N](a: float[N], b: float[N]) -> float[N] { return a // b }
export fn constant() -> float { return -4.568902262540341e22 // 6225438.048481368 }
END
gives '-7339085582346897
-7938841055047953
3170572822437368
-5520394123786747
9007199254740991' ./e quotients --a a.csv --b b.csv
gives '-7339085582346897' ./e constant
