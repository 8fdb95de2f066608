# SPDX-License-Identifier: MIT
# Sizes that examples have: which argument of an entry point gets them, how they are padded, and two fields that do not agree on them.
printf '1 2 3\n4\n5 6\n7 8 9 10\n' >x.txt
printf '9 9 9\n9\n9 9\n9 9 9 9\n' >y.txt
program sizes <<'END'
option other: string = "y.txt"
data d[T] {
    x: int<100>[T] = lines("x.txt", numbers=true)
    y: int<100>[T] = lines(other, numbers=true)
    n: int = length(x)
    split(one=0.75, rest=0.25, shuffle=false)
}
eval first(ex in d.all, batch=3) {
    report total = sum(float(ex.x)), padded = sum(float(ex.y == 0)), lengths = sum(float(ex.n))
}
eval last[B, T](ex in d.one, batch=2) { report size = float(T), rows = float(B), total = sum(float(ex.x)), lengths = sum(float(ex.n)) }
export fn doubled[T, B](x: int<100>[B, T]) -> int[B, T] { return 2 * x }
export fn shout[N](s: int<100>[N] as d.x) -> int<100>[N] as d.x { return s }
END
gives 'first on all, 4 examples: total 24.2500, padded 2.2500, lengths 5.5000' ./sizes first
gives 'last on one, 3 examples: size 2.6667, rows 1.6667, total 10.3333, lengths 3.3333' ./sizes last
gives '2,4,0,0
8,0,0,0' ./sizes doubled '1,2,0,0;4,0,0,0'
gives '2,4,6
8,0,0
10,12,0' ./sizes doubled d.one.x:0..3
printf '9 9 9\n9\n9 9 9\n9 9 9 9\n' >z.txt
fails 1 'z.txt:3 has 3 numbers, but y needs 2 there' ./sizes first --other z.txt
