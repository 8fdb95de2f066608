# SPDX-License-Identifier: MIT
# What exports say to their arguments, and where their results go (`~`: texts of bytes are filled with 0).
mkdir sounds
printf 'one two\nthree\n\ntwo one one\n' >w.txt
printf '1,2,3,4,yes\n2,4,6,8,no\n3,3,3,3,may be\n4,0,0,1,yes\n' >t.csv
program p <<'END'
data words[T] {
    s: int<256>[T] = lines("w.txt", bytes=true)
    n: int         = length(s)
}
data heard[T] { w: int<20>[T] = lines("w.txt", words=true) }
data sounds { x: float[4] = wav_dir("sounds", rate=8000, resample=true) }
data rows {
    x: float[2, 2] = csv("t.csv", columns=0..4) / 2
    y: int<3>      = csv("t.csv", column=4, labels=["no", "yes", "may be"])
    k: int<5>      = csv("t.csv", column=0)
    split(train=0.5, test=0.5, shuffle=false)
}
export fn pair[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn square(x: float[2, 2]) -> float[2, 2] { return x }
export fn cubes[B](x: float[B, 2, 2]) -> float[B, 4] { return reshape(x, B, 4) }
export fn dot[N](x: float[N], y: float[N, 2]) -> float[2] { return x @ y }
export fn sized[N](n: dim = 3, x: float[N]) -> float[n, N] { return x[_, :] * (float(range(n)) + 1)[:, _] }
export fn scalars(a: float, b: int = 2, sure: bool = true, k: int<3> = 1) -> float { return where(sure, a * float(b), float(k)) }
export fn narrow(i: i8[2], u: int<4>[2]) -> int[2] { return int(i) + u }
export fn prompt(s: int<256>[4] as words.s) -> int<256>[4] as words.s { return s }
export fn line[T](s: int<256>[T] as words.s) -> int<256>[T] as words.s { return s }
export fn many[B, T](s: int<256>[B, T] as words.s) -> int<256>[B, T] as words.s { return s }
export fn cut[B](s: int<256>[B, 3] as words.s, n: int[B]) -> int[B] { return n }
export fn spoken[B, T](w: int<20>[B, T] as heard.w) -> int<20>[B, T] as heard.w { return w }
export fn both[B](x: float[B]) -> (float[B], int<3>[B] as rows.y) { return x, argmin((x[:, _] - float(range(3))) ** 2, axis=-1) }
export fn kind(y: int<3> as rows.y, k: int<5> as rows.k) -> int<3> as rows.y { return (y + k) % 3 }
export fn odds[B](x: float[B, 3]) -> float[B, 3] as rows.y { return x }
export fn map[T](w: int<20>[T] as heard.w) -> float[T, T] { return full(0.5, T, T) }
export fn links[T](w: int<20>[T] as heard.w, x: float[T]) -> (float[T, 2], int<20>[T] as heard.w) { return stack([x, x], axis=1), w }
export fn sound[N](x: float[N]) -> float[N] { return x }
export fn four(x: float[4]) -> float[4] { return x }
export fn paint[H, W](x: float[H, W, 3]) -> int<3>[H, W] { return argmax(x, axis=2) }
export fn extents[H, W, C](x: float[H, W, C]) -> int[3] { return [H, W, C] }
export fn red[N](x: float[N]) -> float[1, N, 3] { return stack([x, x * 0, x * 0], axis=1)[_, :, :] }
export fn grey[H, W](x: float[H, W]) -> float[H, W] { return x }
END
gives '' ./p sound 0.5,0.25 --out sounds/a.wav --rate 8000
transcript <<'END'
$ ./p pair 1,2;3,4
1,2
3,4
$ ./p pair --x 1,2 --x 3,4
1,2
3,4
$ ./p pair 1,2,3
p: pair: what --x names (1,2,3) has the shape [3], but x is float[B, 2]
= 1
$ ./p pair 1,2;3
p: --x is a file or numbers like 1,2;3,4; "1,2;3" is neither of them: No such file or directory
= 3
$ ./p pair 1,nan
p: --x needs finite numbers, not "nan"
= 2
$ ./p pair 1,
p: --x is a file or numbers like 1,2;3,4; "1," is neither of them: No such file or directory
= 3
$ ./p pair
p: pair needs --x
= 2
$ ./p pair t
p: --x is a file or numbers like 1,2;3,4; "t" is neither of them: No such file or directory
= 3
$ ./p pair rows.z
p: --x: rows.z: examples are named BLOCK.FIELD or BLOCK.PART.FIELD, with :N or :N..M behind; the fields of rows are x y k
= 1
$ ./p pair rows
p: --x is a file or numbers like 1,2;3,4; "rows" is neither of them: No such file or directory
= 3
$ ./p pair 1,2 --over x
p: --over has no effect: no result is a class map that is written as .png
= 2
$ ./p pair 1,2 --out
p: --out needs a value (FILE)
= 2
$ ./p pair 1,2 --out q.foo
p: --out q.foo: results of this program are written as .csv .npy .json .txt .png .svg .wav .mid
= 2
$ ./p pair 1,2 --out p.csv --out q.csv
p: pair has 1 result, but --out is given 2 times
= 2
$ ./p pair 1,2 --seed x
p: --seed needs an integer, not "x"
= 2
$ ./p square 1,2;3,4
1,2
3,4
$ ./p square 1,2,3,4
1,2
3,4
$ ./p square rows.x:1
1,2
3,4
$ ./p square rows.x:0..1
0.5,1
1.5,2
$ ./p square --x rows.x:0 --x rows.x:1
p: square: what --x names (rows.x:0, ...) has the shape [4, 2], but x is float[2, 2]
= 1
$ ./p square --x 1,2 --x 3,4
1,2
3,4
$ ./p square --x 1,2 --x 3,4,5
p: --x: 3,4,5 has the shape [3], but the one before has [2]
= 1
$ ./p cubes rows.x:1..3
1,2,3,4
1.5,1.5,1.5,1.5
$ ./p cubes rows.train.x
0.5,1,1.5,2
1,2,3,4
$ ./p cubes rows.test.x:1
2,0,0,0.5
$ ./p cubes rows.test.x:1..9
p: --x: rows.test.x:1..9: there are examples 0..1 only
= 1
$ ./p cubes rows.test.x:2
p: --x: rows.test.x:2: there are examples 0..1 only
= 1
$ ./p cubes rows.x:2..2
p: --x: rows.x:2..2: examples are numbers :N or :N..M, from 0, N below M
= 1
$ ./p cubes rows.x:-1
p: --x: rows.x:-1: examples are numbers :N or :N..M, from 0, N below M
= 1
$ ./p cubes rows.x:1..
p: --x: rows.x:1..: examples are numbers :N or :N..M, from 0, N below M
= 1
$ ./p cubes rows.x:1x
p: --x: rows.x:1x: examples are numbers :N or :N..M, from 0, N below M
= 1
$ ./p cubes rows.valid.x
p: --x: data rows has no part valid; its parts are all, train, test
= 1
$ ./p cubes rows.q.x:0
p: --x: data rows has no part q; its parts are all, train, test
= 1
$ ./p cubes --x rows.x:0 --x 1,2;3,4
0.5,1,1.5,2
1,2,3,4
$ ./p cubes --x rows.x:0 --x 5,6
p: cubes: what --x names (rows.x:0, ...) has the shape [1, 2, 2], but x is float[B, 2, 2]
= 1
$ ./p dot 1,2 1,2;3,4
7
10
$ ./p dot 1,2 1,2;3,4;5,6
p: dot: N is 2 in x but 3 in y
= 1
$ ./p dot 1 1,2
1
2
$ ./p dot --y 1,2;3,4 1,1
4
6
$ ./p sized 1,2
p: --n needs an integer, not "1,2"
= 2
$ ./p sized --n 2 1,2
1,2
2,4
$ ./p sized --n 0 1,2
p: --n is 0, but must be at least 1
= 2
$ ./p sized --n 2 --x 3
3
6
$ ./p scalars 2
4
$ ./p scalars 2 3
6
$ ./p scalars 2 --b 2.5
p: --b: 2.5 is no integer of i32 in -2147483648..2147483647
= 1
$ ./p scalars 2 3 false
1
$ ./p scalars 2 3 perhaps
p: --sure is true or false, not "perhaps"
= 2
$ ./p scalars --a=-2 --sure=false --k 2
2
$ ./p scalars 2 --k 3
p: scalars: k contains 3, but must be in 0..2
= 1
$ ./p scalars 2 --k -1
p: scalars: k contains -1, but must be in 0..2
= 1
$ ./p scalars inf
p: --a needs finite numbers, not "inf"
= 2
$ ./p scalars
p: scalars needs --a
= 2
$ ./p scalars 1 2 true 0 5
p: 5: scalars has no argument left for it
= 2
$ ./p narrow 127,-128 3,0
130
-128
$ ./p narrow 128,0 3,0
p: --i: 128 is no integer of i8 in -128..127
= 1
$ ./p narrow 1.5,0 3,0
p: --i: 1.5 is no integer of i8 in -128..127
= 1
$ ./p narrow 1,0 4,0
p: narrow: u contains 4, but must be in 0..3
= 1
$ ./p narrow 1,0 0,-1
p: narrow: u contains -1, but must be in 0..3
= 1
$ ./p prompt abcdef
cdef
$ ./p prompt abc
p: --s has 3 tokens but needs at least 4
= 1
$ ./p prompt w.txt
 one
$ ./p line w.txt
one two
three

two one one
$ ./p line abc
abc
$ ./p line --s ab --s cd
ab
cd
$ ./p line w.tx
p: --s is a file or a text; "w.tx" is neither of them: No such file or directory
= 3
$ ./p line nothing/here
p: --s is a file or a text; "nothing/here" is neither of them: No such file or directory
= 3
$ ./p many w.txt
one two~~~~
three~~~~~~
~~~~~~~~~~~
two one one
$ ./p many --s w.txt --s x
one two~~~~
three~~~~~~
~~~~~~~~~~~
two one one
x~~~~~~~~~~
$ ./p many w.txt --out o.json
$ cat o.json
["one two","three","","two one one"]
$ ./p many w.txt --out o.csv
$ cat o.csv
one two
three
""
two one one
$ ./p many ab --json
{"entry":"many","results":[["ab"]]}
$ ./p cut --s abcdef --s g
3
1
$ ./p cut --s abcdef --s g --n 9,9
9
9
$ ./p cut --s abcdef --s g --n 9
p: cut: B is 2 in s but 1 in n
= 1
$ ./p cut --n 1
p: cut needs --s
= 2
$ ./p spoken w.txt
one two 
three  
  
two one one
$ ./p spoken one_dog
one ?
$ ./p spoken heard.w
one two 
three  
  
two one one
$ ./p spoken heard.w:0
one two
$ ./p both 0,1,2
0
1
2

no
yes
may be
$ ./p both 0,1,2 --out x.csv --out y.txt
$ cat x.csv y.txt
0
1
2
no
yes
may be
$ ./p both 0,1,2 --json
{"entry":"both","results":[[0,1,2],["no","yes","may be"]]}
$ ./p both 0,1,2 --json --out z.npy
{"entry":"both","results":[["no","yes","may be"]]}
$ ./p both 0,1,2 --out - --out y.json
0
1
2
$ cat y.json
["no","yes","may be"]
$ ./p both 0,1,2 --header
both
0
1
2

no
yes
may be
$ ./p kind yes 1
may be
$ ./p kind --y may_be --k 4
p: --y: "may_be" is no class of y; did you mean may be?
= 1
$ ./p kind yes 5
p: --k: "5" is no number of k
= 1
$ ./p kind yes x
p: --k: "x" is no number of k
= 1
$ ./p kind perhaps 1
p: --y: "perhaps" is no class of y; there are no, yes, may be
= 1
$ ./p odds 1,2,3;4,5,6
no,yes,may be
1,2,3
4,5,6
$ ./p odds 1,2,3 --json
{"entry":"odds","results":[[{"no":1,"yes":2,"may be":3}]]}
$ ./p odds 1,2,3;4,5,6 --out o.csv
$ cat o.csv
no,yes,may be
1,2,3
4,5,6
$ ./p odds 1,2,3 --out o.txt
$ cat o.txt
no,yes,may be
1,2,3
$ ./p odds 1,2,3 --header
no,yes,may be
1,2,3
$ ./p odds 1,2,3 --out .hidden
$ cat .hidden
no,yes,may be
1,2,3
$ ./p odds 1,2,3 --out no/o.csv
p: --out no/o.csv: cannot write: No such file or directory
= 3
$ ./p map one_dog_two --out m.svg
$ grep -o >[a-z?]*</text> m.svg
>one</text>
>?</text>
>two</text>
>one</text>
>?</text>
>two</text>
$ ./p links one_dog 1,2 --out l.svg --out l.txt
$ grep -o >[a-z?]*</text> l.svg
>one</text>
>?</text>
$ ./p sound 0.5,-0.5,0.25,0 --out s.wav
$ od -An -tx1 s.wav
 52 49 46 46 2c 00 00 00 57 41 56 45 66 6d 74 20
 10 00 00 00 01 00 01 00 40 1f 00 00 80 3e 00 00
 02 00 10 00 64 61 74 61 08 00 00 00 00 40 00 c0
 00 20 00 00
$ ./p sound s.wav
0.5
-0.5
0.25
0
$ ./p sound s.wav --scale 2
1
-1
0.5
0
$ ./p sound 0.5 --rate 16000 --out t.wav
$ ./p sound 0.5 --rate 0 --out t.wav
p: --rate is 0, but must be at least 1
= 2
$ ./p sound 0.5 --rate 4194305 --out t.wav
p: --rate 4194305 is too large
= 2
$ ./p sound 0.5 --rate 8000
p: --rate has no effect: no result is written as .wav
= 2
$ ./p sound t.wav
0.23500182
$ ./p four s.wav
0.5
-0.5
0.25
0
$ ./p four --x 0.5 --out q.wav
p: four: what --x names (0.5) has the shape [1], but x is float[4]
= 1
$ ./p sound 0.5,0.5 --out two.wav
$ ./p four two.wav
0.5
0.5
0
0
$ ./p sound 1,2,3,4,5,6 --scale 2
p: --scale 2 has no effect: x is given as numbers, which stay what they are
= 2
$ ./p sound 0.1,0.2,0.3,0.4,0.5,0.6 --out six.wav
$ ./p four six.wav
0.1000061
0.2000122
0.2999878
0.3999939
$ ./p four --x two.wav --x six.wav
p: four: what --x names (two.wav, ...) has the shape [8], but x is float[4]
= 1
$ ./p grey 0,0.25;0.5,1 --out g.png
$ ./p grey g.png
0,0.2509804
0.5019608,1
$ ./p red 0,1 --out r.png
$ ./p extents r.png
1
2
3
$ ./p extents g.png
2
2
1
$ ./p grey r.png
0,0.21176471
$ ./p both --x 0,1 --x 2
0
1
2

no
yes
may be
$ ./p paint g.png --out o.png --over x
$ ./p paint g.png --out o.png --over y
p: --over y: paint has no such argument
= 2
$ ./p paint g.png --over x
p: --over has no effect: no result is a class map that is written as .png
= 2
$ ./p paint g.png --over x --out o.csv
p: --over has no effect: no result is a class map that is written as .png
= 2
$ ./p paint g.png
0,0
0,0
$ ./p paint g.png --columns 1
p: --columns 1 has no effect: x is no CSV file
= 2
$ ./p pair t.csv --columns 0..2 --header
pair_0,pair_1
1,2
2,4
3,3
4,0
$ ./p pair t.csv --columns x=0..2 --decimal .
1,2
2,4
3,3
4,0
$ ./p pair t.csv
p: --x: t.csv:1:9: "yes" is no number
= 1
$ ./p pair t.csv --columns y=1,2
p: --x: t.csv: there is no column "y=1" in the first line; did you mean 1?
= 1
$ ./p pair --x t.csv --x 1,2 --columns 0,1
1,2
2,4
3,3
4,0
1,2
END
