# SPDX-License-Identifier: MIT
# Values and derivatives of elementwise functions at corners; the same while compiling; ends of what is whole.
program f <<'EOF'
export fn arcs[N](x: float[N]) -> float[3, N] { return stack([asin(x), acos(x), atan(x)], axis=0) }
export fn slopes[N](x: float[N]) -> float[4, N] {
    return stack([grad(sum(asin(x)), wrt=x), grad(sum(acos(x)), wrt=x), grad(sum(atan(x)), wrt=x), grad(sum(tan(x)), wrt=x)], axis=0)
}
export fn whole[N](x: float[N]) -> float[4, N] { return stack([floor(x), ceil(x), trunc(x), round(x)], axis=0) }
export fn known() -> float[11] {
    return stack([asin(0.5), acos(-1.0), atan(inf), tan(1.0), round(2.5), round(-3.5), ceil(-0.5), trunc(-1.5), float(isnan(0.0 / 0.0)),
                  float(isfinite(inf)), clip(7.0, -1, 2.5)], axis=0)
}
export fn kinds[N](x: float[N]) -> float[2, N] { return stack([float(isnan(x)), float(isfinite(x))], axis=0) }
export fn clipped[N](x: float[N]) -> float[2, N] { return stack([clip(x, -1, 2), grad(sum(clip(x, -1, 2)), wrt=x)], axis=0) }
EOF
printf -- '-1,-0.5,0,0.5,1,0.9999999,1.5\n' >x.csv
near 3e-7 "-1.57079633 -0.523598776 0 0.523598776 1.57079633 1.57030805 nan  3.14159265 2.0943951 1.57079633 1.0471976 0 4.88281255e-4 nan
    -0.785398163 -0.463647609 0 0.463647609 0.785398163 0.785398104 0.982793723" ./f arcs --x x.csv
printf -- '0,0.5,1,-0.75\n' >x.csv
near 1e-6 "1 1.15470054 inf 1.51185789  -1 -1.15470054 -inf -1.51185789  1 0.8 0.5 0.64
    1 1.29844641 3.42551882 1.86787196" ./f slopes --x x.csv
printf -- '0.5,1.5,2.5,-0.5,-1.5,-2.5,8388607.5,-inf,nan,3e38\n' >x.csv
near 0 "0 1 2 -1 -2 -3 8388607 -inf nan 3e38  1 2 3 0 -1 -2 8388608 -inf nan 3e38  0 1 2 0 -1 -2 8388607 -inf nan 3e38
    0 2 2 0 -2 -2 8388608 -inf nan 3e38" ./f whole --x x.csv
near 1e-6 "0.523598776 3.14159265 1.57079633 1.55740772 2 -4 0 -1 1 0 2.5" ./f known
printf -- 'nan,inf,-inf,0,3e38\n' >x.csv
near 0 "1 0 0 0 0  0 0 0 1 1" ./f kinds --x x.csv
printf -- '-3,-1,0.5,2,7,nan,inf\n' >x.csv
near 0 "-1 -1 0.5 2 2 nan 2  0 0 1 0 0 0 0" ./f clipped --x x.csv
program w --float=f64 <<'EOF'
export fn arcs[N](x: float[N]) -> float[6, N] { return stack([asin(x), acos(x), atan(x), tan(x), round(10 * x), trunc(10 * x)], axis=0) }
EOF
printf -- '0.25,-0.95\n' >x.csv
near 4e-16 "0.25268025514207865 -1.2532358975033751  1.318116071652818 2.8240322242982717  0.24497866312686414 -0.7597627548757708
    0.25534192122103627 -1.398382589287699  2 -10  2 -9" ./w arcs --x x.csv
fails 1 "here it is called atan" "$NNC" -c /dev/stdin -o m.o <<'EOF'
export fn f(x: float) -> float { return arctan(x) }
EOF
