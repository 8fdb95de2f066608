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
fails 1 'n.npy: example 0, number 1: 1e+300 is larger than a float of 32 bits can be' ./border twice f.x
fails 1 'n.npy: example 0, number 1: 1e+300 is too large for single precision' ./border twice g.x
