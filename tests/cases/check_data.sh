# SPDX-License-Identifier: MIT
# check-data looks at the values that a step sees: after the expression of a field; --json is one object.
program classes <<'END'
data d {
    x: float[2] = csv("seeds.csv", columns=0..2, fill=0) / 2
    y: int<3> = int(csv("seeds.csv", column=2)) - 1
    there: float[2] = present(x)
    split(train=0.5)
}
export fn show[B](x: float[B, 2]) -> float[B, 2] { return x }
END
printf '2,4,1\n6,8,2\nnan,2,3\n4,,3\n' >seeds.csv
shows 'd: 4 examples, train 2, 2 in no part' ./classes check-data
shows 'classes: 0: 1 1: 1 2: 2' ./classes check-data
shows 'x: float[2] from seeds.csv, values 0 .. 4, mean 1.85714, 1 NOT FINITE in 1 examples' ./classes check-data
shows 'there: float[2], values 0 .. 1, mean 0.875' ./classes check-data
./classes check-data --json >data.json || broken "check-data --json fails"
for part in '{"data":[{"name":"d","examples":4,"unused":2,"parts":{"train":2},"fields":[{"name":"x"' \
    '"numbers":8,"least":0,"most":4,' '"not_finite":1,"rows_not_finite":1,"rows":[2]}' \
    '"classes":[{"name":"0","examples":1},{"name":"1","examples":1},{"name":"2","examples":2}]'; do
    grep -qF "$part" data.json || broken "check-data --json lacks $part: $(cat data.json)"
done
printf '2,4,1\n6,8,5\n' >seeds.csv
fails 1 'seeds.csv:2: 4 is not in 0..2 of y' ./classes check-data
./classes check-data --json >data.json 2>/dev/null
[ -s data.json ] && broken "half an object is written"
# A value of the other source is in its file.
program sources <<'END'
data d { y: int<3> = csv("a.csv", column=0, test="b.csv") }
eval test[B](ex in d.test) { report last = mean(float(ex.y)) }
END
printf '0\n2\n' >a.csv
printf '1\n\n5\n' >b.csv
fails 1 'b.csv:3: 5 is not in 0..2 of y' ./sources test
program columns <<'END'
data d { x: float[2] = csv("c.csv", columns=["sepal", "petals"]) }
export fn show[B](x: float[B, 2]) -> float[B, 2] { return x }
END
printf 'sepal,petal,kind\n1,2,3\n' >c.csv
fails 1 'c.csv: there is no column "petals" in the first line (sepal, petal, kind)' ./columns show d.x
# An expression has numbers of 32 bits: what does not fit is no value.
program border <<'END'
data d { x: int = int(csv("n.csv", column=0, header=false)) }
data f { x: float[2] = npy("n.npy") * 2 }
data g { x: float[2] = npy("n.npy") }
export fn show[B](x: int[B]) -> int[B] { return x + 0 }
export fn twice[B](x: float[B, 2]) -> float[B, 2] { return x }
END
printf '2147483647\n-5.5\n' >n.csv
gives '2147483647
-5' ./border show d.x
printf '1\n5000000000\n' >n.csv
fails 1 'n.csv:2: the expression of x gives no integer of 32 bits' ./border show d.x
printf '1\nnan\n' >n.csv
fails 1 'n.csv:2, number 0: nan is no integer' ./border show d.x
{
    printf '\223NUMPY\001\000\166\000'
    printf '%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
    printf '\000\000\000\000\000\000\360\077\234\165\000\210\074\344\067\176' # 1, 1e300
} >n.npy
fails 1 'n.npy: example 0, number 1: 1e+300 is too large for single precision' ./border twice f.x
fails 1 'n.npy: example 0, number 1: 1e+300 is too large for single precision' ./border twice g.x
# Twenty rows are named, thirty-two classes are counted; a text that is empty says nothing.
awk 'BEGIN { for (i = 0; i < 40; i++) print (i % 3 == 2 && i < 20 || i > 25 ? "nan" : i) "," i % 33 }' >many.csv
awk 'BEGIN { for (i = 0; i < 40; i++) print i % 4 ? "3 4" : "" }' >few.txt
program many <<'END'
data m {
    x: float = csv("many.csv", column=0)
    a: int<32> = int(csv("many.csv", column=1)) % 32
    b: int<33> = csv("many.csv", column=1)
}
data t[T] { w: int<9>[T] = lines("few.txt", numbers=true) }
export fn show[B](x: float[B]) -> float[B] { return x }
END
gives 'm: 40 examples
    x: float from many.csv, values 0 .. 25, mean 13.4, 20 NOT FINITE in 20 examples: 2,5,8,11,14,17,26,27,28,29,30,31,32,33,34,35,36,37,38,39
    a: int<32> from many.csv, values 0 .. 31, mean 12.925
      classes: 0: 3 1: 2 2: 2 3: 2 4: 2 5: 2 6: 2 7: 1 8: 1 9: 1 10: 1 11: 1 12: 1 13: 1 14: 1 15: 1 16: 1 17: 1 18: 1 19: 1 20: 1 21: 1 22: 1 23: 1 24: 1 25: 1 26: 1 27: 1 28: 1 29: 1 30: 1 31: 1
    b: int<33> from many.csv, values 0 .. 32, mean 13.725
t: 40 examples
    w: int<9>[T] from few.txt, values 3 .. 4, mean 3.5' ./many check-data
sed 's/^1,/nan,/' many.csv >more.csv && mv more.csv many.csv
shows ', 21 NOT FINITE in 21 examples: 1,2,5,8,11,14,17,26,27,28,29,30,31,32,33,34,35,36,37,38,...' ./many check-data
program none <<'END'
export fn show[B](x: float[B]) -> float[B] { return x }
END
gives 'this program has no data blocks' ./none check-data
gives '{"data":[]}' ./none check-data --json
