# SPDX-License-Identifier: MIT
# Texts in the codes of a field, as values, files, cells and classes; the help of exports.
printf '1 2\n3\n' >n.txt
printf '1 2\n3 x\n' >bad.txt
printf '1 2\n9\n' >big.txt
printf '\357\273\2771 2\r\n' >mark.txt
printf 'a\0b' >nul.txt
: >empty.txt
printf 'x\nx\0y\n' >zeros.txt
mkdir zeros
cp zeros.txt zeros/a.txt
printf 'one two\nthree\n\ntwo one one\n' >w.txt
printf '1,a\n2,b\n' >two.csv
printf 'k;t\n1;"1 2"\n2;x\n' >texts.csv
program p <<'END'
data nums[T] { t: int<9>[T] = lines("n.txt", numbers=true) }
data raw { c: int<256>[3] = bytes("w.txt") }
data chars { c: int<256> = bytes("w.txt") }
data zeros { y: int<2> = lines("zeros.txt", labels=true) }
data zero_chars[T] { y: int<9>[T] = lines("zeros.txt", chars=true) }
data zero_words[T] { y: int<9>[T] = lines("zeros.txt", words=true) }
data zero_bytes[T] { y: int<256>[T] = lines("zeros.txt", bytes=true) }
data folder[T] { y: int<9>[T] = lines_dir("zeros", chars=true) }
export fn classes[B](y: int<2>[B] as zeros.y) -> int<2>[B] { return y }
export fn characters[B, T](y: int<9>[B, T] as zero_chars.y) -> int<9>[B, T] { return y }
export fn words[B, T](y: int<9>[B, T] as zero_words.y) -> int<9>[B, T] { return y }
export fn bytes_of[B, T](y: int<256>[B, T] as zero_bytes.y) -> int<256>[B, T] { return y }
export fn files[B, T](y: int<9>[B, T] as folder.y) -> int<9>[B, T] { return y }
export fn sums[B, T](t: int<9>[B, T] as nums.t) -> int[B] { return sum(int(t), axis=1) }
export fn cells[B](c: int<256>[B, 3] as raw.c) -> int<256>[B, 3] as raw.c { return c }
export fn letter(c: int<256> as chars.c) -> int<256> as chars.c { return (c + 1) % 256 }
export fn letters[B](c: int<256>[B] as chars.c) -> int<256>[B] as chars.c { return c }
export fn one[T](t: int<9>[T] as nums.t) -> int<9>[T] as nums.t { return t }
export fn scalars(a: float, b: int = 2, sure: bool = true, k: int<3> = 1) -> float { return where(sure, a * float(b), float(k)) }
export fn pair[B](n: dim = 3, x: float[B, 2]) -> float[B, 2] { return x }
END
transcript <<'END'
$ ./p letters nul.txt
p: --c: nul.txt has a 0 byte; this is no text
= 1
$ ./p classes zeros.y
p: --y: zeros.txt:2: the line has a 0 byte; this is no text
= 1
$ ./p characters zero_chars.y
p: --y: zeros.txt:2: the line has a 0 byte; this is no text
= 1
$ ./p words zero_words.y
p: --y: zeros.txt:2: the line has a 0 byte; this is no text
= 1
$ ./p files folder.y
p: --y: zeros/a.txt:2: the line has a 0 byte; this is no text
= 1
$ ./p sums nul.txt
p: --t, line 1: there is a 0 byte; this is no text
= 1
$ ./p one nul.txt
p: --t: there is a 0 byte; this is no text
= 1
$ ./p bytes_of zero_bytes.y
120,0,0
120,0,121
$ ./p sums n.txt
3
3
$ ./p sums --t n.txt --t 7
3
3
7
$ ./p sums bad.txt
p: --t, line 2: "x" is no integer
= 1
$ ./p sums big.txt
p: --t, line 2: 9 is not in 0..8 of t
= 1
$ ./p sums x
p: --t, line 1: "x" is no integer
= 1
$ ./p sums mark.txt
3
$ ./p sums empty.txt
p: --t: there is no line of text
= 1
$ ./p sums nums.t
3
3
$ ./p sums two.csv
p: --t: two.csv has 2 columns; --columns says which one is the text
= 2
$ ./p sums two.csv --columns 0
1
2
$ ./p sums texts.csv --columns t
p: --t: texts.csv:3: "x" is no integer
= 1
$ ./p sums texts.csv --columns 1
p: --t: texts.csv:1: "t" is no integer
= 1
$ ./p one --t n.txt
1 2 3
$ ./p one --t empty.txt
p: --t: the text is empty, but must have at least one token
= 1
$ ./p one --t bad.txt
p: --t: "x" is no integer
= 1
$ ./p one --t big.txt
p: --t: 9 is not in 0..8 of t
= 1
$ ./p one --t 3 --t n.txt
3 1 2 3
$ ./p cells n.txt
1 2
3~~
$ ./p cells abcdef
abc
$ ./p cells abc
abc
$ ./p letter a
b
$ ./p letter ab
p: --c: "ab" is not one byte
= 1
$ ./p letters --c x --c y
x
y
$ ./p letters a,b
a
b
$ ./p letters w.txt
p: --c, line 1: "one two" is not one byte
= 1
$ ./p help scalars
usage: p scalars [--flag value]

  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --a N                      a number
  --b N                      a number [2]
  --sure N                   a number [1]
  --k N                      a number [1]
  --header                   a line of names above the columns of a CSV result
  --out FILE                 result: the end of the name is the format (again for further results)
  --over NAME                argument whose pictures lie under a class map in .png results
  --rate N                   samples a second of .wav results
  --load FILE                checkpoint
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --threads N                at most N; 0: one per processor [0]
  --seed N                   random numbers [0]

example:
  ./p scalars --a 1
$ ./p help sums
usage: p sums [--flag value]

  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --t TEXT                   a text or a file of texts
  --columns LIST             columns of CSV files: 0,2,5..8 or names (x=LIST: of the argument x)
  --header                   a line of names above the columns of a CSV result
  --out FILE                 result: the end of the name is the format (again for further results)
  --over NAME                argument whose pictures lie under a class map in .png results
  --rate N                   samples a second of .wav results
  --load FILE                checkpoint
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --threads N                at most N; 0: one per processor [0]
  --seed N                   random numbers [0]

example:
  ./p sums --t "a text"
$ ./p help pair
usage: p pair [--flag value]

  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --n N                      a size [3]
  --x VALUE                  a file (CSV NPY NPZ IDX PNG WAV, -), data like d.test.x:0..8, or 1,2;3,4
  --columns LIST             columns of CSV files: 0,2,5..8 or names (x=LIST: of the argument x)
  --decimal ,                numbers of CSV files have a decimal comma
  --scale X                  what numbers of files are multiplied by, such as 1/255 (x=X: of the argument x)
  --header                   a line of names above the columns of a CSV result
  --out FILE                 result: the end of the name is the format (again for further results)
  --over NAME                argument whose pictures lie under a class map in .png results
  --rate N                   samples a second of .wav results
  --load FILE                checkpoint
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --threads N                at most N; 0: one per processor [0]
  --seed N                   random numbers [0]

example:
  ./p pair --x x.npy

Numbers in CSV, NPY and IDX files are taken as they are stored. What a data block
computes (such as / 255) is done for d.x only; --scale 1/255 does it for files. Pictures
give 0..1, sounds -1..1.
END
