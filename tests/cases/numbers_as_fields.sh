# SPDX-License-Identifier: MIT
# An argument `as d.y`, where y is an array of numbers, is an array: numbers, tables, pictures and the data itself are read.
printf '1,2\n3,0\n' >f.csv
printf '{"k":[1,2]}\n{"k":[3,0]}\n' >f.json
program paint <<'TEXT'
export fn map() -> int<4>[2, 2] { return [[0, 1], [2, 3]] }
TEXT
mkdir masks
gives '' ./paint map --out masks/a.png
program t <<'TEXT'
data d { y: int<4>[2] = csv("f.csv", columns=0..2) }
data j { y: int<4>[2] = json_lines("f.json", key="k") }
data m { y: int<4>[2, 2] = image_dir("masks", raw=true) }
data c { y: int<4>[2] = 3 - int(csv("f.csv", columns=0..2)) }
export fn rows[B](y: int<4>[B, 2] as d.y) -> int<4>[B, 2] { return y }
export fn row(y: int<4>[2] as d.y) -> int<4>[2] as d.y { return y }
export fn back[B](y: int<4>[B, 2] as d.y) -> int<4>[B, 2] as d.y { return y }
export fn lines[B](y: int<4>[B, 2] as j.y) -> int<4>[B, 2] { return y }
export fn masks[B](y: int<4>[B, 2, 2] as m.y) -> int<4>[B, 2, 2] { return y }
export fn mask(y: int<4>[2, 2] as m.y) -> int<4>[2, 2] as m.y { return y }
export fn computed[B](y: int<4>[B, 2] as c.y) -> int<4>[B, 2] as c.y { return y }
TEXT
transcript <<'END'
$ ./t rows d.y
1,2
3,0
$ ./t rows f.csv
1,2
3,0
$ ./t rows 1,2;3,0
1,2
3,0
$ ./t rows f.csv --columns 1,0
2,1
0,3
$ ./t rows 1
t: rows: what --y names (1) has the shape [1], but y is int<4>[B, 2]
= 1
$ ./t rows 1,4
t: rows: y contains 4, but must be in 0..3
= 1
$ ./t row 1,2
1
2
$ ./t row d.y:1
3
0
$ ./t back d.y --json
{"entry":"back","results":[[[1,2],[3,0]]]}
$ ./t lines j.y
1,2
3,0
$ ./t lines 1,2
1,2
$ ./t masks m.y
0,1,2,3
$ ./t masks masks/a.png
0,1,2,3
$ ./t masks --y masks/a.png --y masks/a.png
0,1,2,3
0,1,2,3
$ ./t mask masks/a.png
0,1
2,3
$ ./t computed c.y
2,1
0,3
$ ./t computed f.csv
1,2
3,0
END
gives "$(printf '1,2\n3,0')" sh -c './t back d.y | ./t rows -'
