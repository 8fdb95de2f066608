# SPDX-License-Identifier: MIT
# Names belong to the codes that a reader makes of texts: a field that computes with them has numbers, which are shown and wanted.
printf 'k,t\nb,p\na,q\nb,q\n' >l.csv
printf 'a b a\nb\n' >m.txt
program l <<'END_OF_PROGRAM'
data e { y: int<2> = 1 - int(csv("l.csv", column="k", labels=true)) }
data same { y: int<2> = int(csv("l.csv", column="k", labels=true)) }
data two {
    y: int<2> = csv("l.csv", column="k", labels=true)
    z: int<2> = csv("l.csv", column="t", labels=true)
}
data m[T] { y: int<9>[T] = int(lines("m.txt", words=true)) + 1 }
export fn through[B](y: int<2>[B] as e.y) -> int<2>[B] as e.y { return y }
export fn code[B](y: int<2>[B] as e.y) -> int<2>[B] { return y }
export fn one(y: int<2> as e.y) -> int<2> as e.y { return y }
export fn spread[B](y: int<2>[B]) -> float[B, 2] as e.y { return one_hot(y, 2) }
export fn kept[B](y: int<2>[B] as same.y) -> int<2>[B] as same.y { return y }
export fn kept_code[B](y: int<2>[B] as same.y) -> int<2>[B] { return y }
export fn words[B, T](y: int<9>[B, T] as m.y) -> int<9>[B, T] as m.y { return y }
eval computed[B](ex in e.all) { report confusion(one_hot(ex.y, 2), ex.y) }
eval first[B](ex in two.all) { report confusion(one_hot(ex.z, 2), ex.y) }
eval second[B](ex in two.all) { report confusion(one_hot(ex.y, 2), ex.z) }
END_OF_PROGRAM
transcript <<'END'
$ ./l through e.y
0
1
0
$ ./l code e.y
0
1
0
$ ./l code 1,0
1
0
$ ./l code b
l: --y: "b" is no number of y
= 1
$ ./l one 1
1
$ ./l one 2
l: --y: "2" is no number of y
= 1
$ ./l spread 1
0,1
0,1
$ ./l kept same.y
b
a
b
$ ./l kept_code b,a
1
0
$ ./l words m.y
3,4,3
4,0,0
$ ./l words 3,4
3,4
$ ./l computed
computed on all, 3 examples
confusion (rows: true class, columns: found)
     0  1
  0  2  0
  1  0  1
$ ./l first
first on all, 3 examples
confusion (rows: true class, columns: found)
     a  b
  a  0  1
  b  1  1
$ ./l second
second on all, 3 examples
confusion (rows: true class, columns: found)
     p  q
  p  0  1
  q  1  1
END
shows 'classes: 0: 2 1: 1' ./l check-data
shows 'classes: a 1 b 2' ./l check-data
