# SPDX-License-Identifier: MIT
# Tables of other countries and programs: decimal comma, other separators, more columns than are wanted; and results with names.
cat >k.csv <<'END'
id;a;b;kind
7;1,5;2;cat
8;2;3,25;"dog, ""big"""
9;-1,5e1;0;eel
END
program kinds <<'END'
data d {
    x: float[2] = csv("k.csv", columns=["a", "b"], sep=";", decimal=",")
    y: int<3>   = csv("k.csv", column="kind", sep=";", labels=true)
}
model net = Dense(2, 3)
train fit[B](ex in d.all, batch=3, epochs=1, log="none") {
    minimize cross_entropy(net(ex.x), ex.y) over net using sgd(lr=0.1)
}
export fn same[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn both[B](x: float[B, 2], z: float[B, 1]) -> float[B, 2] { return x + z[:, 0][:, _] }
export fn odds[B](x: float[B, 2]) -> float[B, 3] as d.y { return x[:, 0][:, _] + float(range(3)) }
export fn class[B](x: float[B, 2]) -> int<3>[B] as d.y { return argmin((x[:, 0][:, _] - float(range(3))) ** 2, axis=-1) }
export fn square(x: float[2, 2]) -> float[2, 2, 3] as d.y { return x[:, :, _] * (float(range(3)) + 1) }
END
shows "saved" ./kinds fit --save kinds.safetensors
gives "$(printf '1.5,2\n2,3.25\n-15,0')" ./kinds same d.x
gives "$(printf '1.5,2\n2,3.25\n-15,0')" ./kinds same k.csv --columns a,b --decimal ,
gives "$(printf '2,7\n3.25,8\n0,9')" ./kinds same k.csv --columns 2,id --decimal=,
gives "$(printf '8.5,9\n10,11.25\n-6,9')" ./kinds both k.csv k.csv --columns x=1..3 --columns z=id --decimal ,
fails 1 'k.csv:2:3: "1,5" is no number (--decimal , reads a comma for the point)' ./kinds same k.csv --columns 1..3
fails 1 'k.csv: there is no column "c" in the first line; there are id, a, b, kind' ./kinds same k.csv --columns a,c --decimal ,
fails 1 'k.csv: there is no column 4; the first row has 4' ./kinds same k.csv --columns 3..5 --decimal ,
printf '1,x\n2\n' >s.csv
fails 1 's.csv:2: this row has 1 cell, but the first has 2' ./kinds same s.csv # before what is wrong with cells
printf 'a,b\n' >s.csv
fails 1 's.csv:1:1: "a" is no number' ./kinds same s.csv # names of nothing
fails 2 '--columns: 2..2 has no columns' ./kinds same k.csv --columns 2..2
fails 2 '--decimal is , or ., not "x"' ./kinds same k.csv --decimal x

# Numbers of files are multiplied; those of the command line and of data blocks are what they are.
printf '255,51\n' >bytes.csv
gives "1,0.2" ./kinds same bytes.csv --scale 1/255
gives "510,102" ./kinds same bytes.csv --scale 7 --scale x=2
fails 2 '--scale needs a number like 255, 0.5 or 1/255, not "1/"' ./kinds same bytes.csv --scale 1/
fails 2 '--scale w=2: same has no such argument' ./kinds same bytes.csv --scale w=2

# Class names: above columns, in cells, as keys.
gives "$(printf 'cat,"dog, ""big""",eel\n1,2,3')" ./kinds odds 1,5
gives '{"entry":"odds","results":[[{"cat":1,"dog, \"big\"":2,"eel":3}]]}' ./kinds odds 1,5 --json
gives '' ./kinds class "1,0;2,0" --out c.csv
gives "$(printf '"dog, ""big"""\neel')" cat c.csv
gives '' ./kinds class "1,0;2,0" --header --out c.csv
gives "$(printf 'class\n"dog, ""big"""\neel')" cat c.csv
gives "$(printf '0_cat,"0_dog, ""big""",0_eel,1_cat,"1_dog, ""big""",1_eel\n1,2,3,2,4,6\n3,6,9,4,8,12')" ./kinds square "1,2;3,4"
gives "$(printf 'same_0,same_1\n1,2')" ./kinds same 1,2 --header

# A flag that does nothing says so.
fails 2 '--scale 1/255 has no effect: x is given as numbers, which stay what they are' ./kinds same 255,51 --scale 1/255
fails 2 '--scale 2 has no effect: x is taken from a data block, which says what its numbers are' ./kinds same d.x --scale 2
fails 2 '--columns 0..2 has no effect: x is taken from a data block' ./kinds same d.x --columns 0..2
fails 2 '--decimal , has no effect: x is given as numbers' ./kinds same 1,2 --decimal ,
gives '' ./kinds same d.x --out s.npy
fails 2 '--columns 0,1 has no effect: x is no CSV file' ./kinds same s.npy --columns 0,1
gives "$(printf '3,4\n4,6.5\n-30,0')" ./kinds same s.npy --scale 2
fails 2 '--scale z=2 has no effect: z is given as numbers' ./kinds both bytes.csv 1 --scale z=2
gives "511,103" ./kinds both bytes.csv 1 --scale 2
gives "$(printf '1,0.2\n3,5')" ./kinds same --x bytes.csv --x 3,5 --scale 1/255
fails 2 '--columns 1 has no effect: x is taken from a data block, which says what its numbers are, z is given as numbers' \
    ./kinds both d.x:0..1 1 --columns 1
fails 2 '--header has no effect: no result is written as a table in CSV' ./kinds same 1,2 --header --out s.npy
fails 2 '--header has no effect' ./kinds same 1,2 --header --json
fails 2 '--header has no effect' ./kinds class 1,2 --header
fails 2 '--over has no effect: no result is a class map that is written as .png' ./kinds square "1,2;3,4" --over x --out q.csv

# What the first rows seem to be is said.
program plain <<'END'
option file: string = "k.csv"
data d { x: float[2] = csv(file, columns=0..2) }
data e { x: float[1] = csv(file, column="a") }
data f { x: float[1] = csv(file, column=1, sep=";") }
data g { x: float[1] = csv(file, column=0, sep=";", decimal=",") }
export fn out[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn one[B](x: float[B, 1]) -> float[B, 1] { return x }
END
fails 1 'k.csv:2:5: this row has more cells than the first row, which has 1 (there are `;` between cells: sep=";")' ./plain out d.x
printf 'a;b\n1;2\n' >semicolons.csv
fails 1 'semicolons.csv: there is no column 1; the first row has 1, and they count from 0 (there are `;` between cells: sep=";")' \
    ./plain out d.x --file semicolons.csv
fails 1 'semicolons.csv: there is no column "a" in the first line (there are `;` between cells: sep=";")' ./plain one e.x --file semicolons.csv
fails 1 'k.csv:2:3: column "a": "1,5" is no number (decimal="," reads a comma for the point)' ./plain one f.x
printf '1\t2\n3\t4\n' >tabs.csv
fails 1 '(there are tabs between cells: sep="\t")' ./plain out d.x --file tabs.csv
printf 'a,b\n1,2\n3,4\n' >commas.csv
program other <<'END'
option file: string = "commas.csv"
data d { x: float[2] = csv(file, columns=0..2, sep=";") }
data e { x: float[1] = csv(file, column="a", sep=";") }
data f { x: float[1] = csv(file, column=0, sep=";") }
data g { x: float[1] = csv(file, column=1) }
export fn out[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn one[B](x: float[B, 1]) -> float[B, 1] { return x }
END
fails 1 'there is no column 1; the first row has 1, and they count from 0 (there are commas between cells: sep=",")' ./other out d.x
fails 1 'there is no column "a" in the first line (there are commas between cells: sep=",")' ./other one e.x
fails 1 'commas.csv:2:1: column "a,b": "1,2" is no number (sep="," if it is two cells, decimal="," if it is one number)' ./other one f.x
printf '1 2\n3 4\n' >blanks.csv
fails 1 'they count from 0 (there are blanks between cells: sep=" ")' ./other one g.x --file blanks.csv
printf '1;2\n3,4\n' >mixed.csv
fails 1 'mixed.csv:2: this row has 1 cell, but the first has 2 (there are commas between cells: sep=",")' ./other out d.x --file mixed.csv
fails 1 '--x: mixed.csv:2: this row has 1 cell, but the first has 2 (there are commas between its cells, but not in the first row)' \
    ./other out mixed.csv
printf '1;2\n3\n' >short.csv
fails 1 'short.csv:2: this row has 1 cell, but the first has 2' ./other out d.x --file short.csv
! grep -q 'between' out || broken "a row that is short only is no sign of another separator"
printf '1.234;2\n' >points.csv
fails 1 'points.csv:1:1: column 0: "1.234" is no number with a decimal comma: it has a point' ./plain one g.x --file points.csv

# Examples with numbers that are not finite are named.
printf '1,nan\n2,3\ninf,nan\n' >holes.csv
program holes <<'END'
data d { x: float[2] = csv("holes.csv", columns=0..2) }
END
shows '3 NOT FINITE in 2 examples: 0,2' ./holes check-data
shows '"not_finite":3,"rows_not_finite":2,"rows":[0,2]}' ./holes check-data --json

# Files of other alphabets, classes that differ by blanks, cells that are empty in an argument.
printf 'gr\366sse;kind\n1;rot\n2;gr\374n\n3; Rot \n' >latin.csv
program latin <<'END'
data a { x: float[1] = csv("latin.csv", column="größe", sep=";") }
data b { y: int<2> = csv("latin.csv", column=1, sep=";", labels=true) }
data c { y: int<3> = csv("latin.csv", column=1, sep=";", labels=["rot", "grün", "blau"]) }
END
sed '/^data [bc]/d' latin.nn >names.nn
"$NNC" names.nn -o ./names || broken "names.nn does not compile"
fails 1 'in the first line (gr\xf6sse, kind) (the file is not UTF-8; iconv -f latin1 -t utf-8 makes it so, if it is Latin-1)' ./names check-data
sed '/^data [ac]/d' latin.nn >blanks.nn
"$NNC" blanks.nn -o ./blanks || broken "blanks.nn does not compile"
fails 1 '"gr\xfcn" is a 3rd class but y is int<2> (kind, rot); if the first line holds names: header=true' ./blanks check-data
sed -i 1d latin.csv
fails 1 'latin.csv:3: " Rot " is a 3rd class but y is int<2> (rot, gr\xfcn); it is rot but for blanks or capitals' ./blanks check-data
sed '/^data [ab]/d' latin.nn >classes.nn
"$NNC" classes.nn -o ./classes || broken "classes.nn does not compile"
fails 1 'latin.csv:2: "gr\xfcn" is no class of y' ./classes check-data
grep -q 'not UTF-8' out || broken "the alphabet of the file is not told of"
printf '1,2\n,3\n' >empty.csv
fails 1 '--x: empty.csv:2:1: the cell is empty' ./kinds same empty.csv

# An only argument takes any number of files.
printf '1,2\n' >one.csv
gives "$(printf '1,2\n3,4\n5,6')" ./kinds same one.csv 3,4 5,6
# shellcheck disable=SC2046
gives "200" sh -c './kinds same $(yes one.csv | head -200) | wc -l | tr -d " "'
fails 2 '3,4: both has no argument left for it' ./kinds both 1,2 3 3,4
printf 'rot\nblau\n rot\nRot\n' >ends.csv
program ends <<'END'
data d { y: int<4> = csv("ends.csv", column=0, labels=true, header=false) }
END
shows 'ends: ends.csv: "rot" and " rot" are two classes of y' ./ends check-data
[ "$(grep -c 'two classes' out)" = 1 ] || broken "capitals are no mistake"
