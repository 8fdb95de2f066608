# SPDX-License-Identifier: MIT
# Columns in any order, by number or name; headers, line ends and bad cells are seen alike in data blocks and in arguments.
program table <<'END'
option file: string = "a.csv"
data d {
    x: float[2] = csv(file, columns=["c", "a"])
}
data e {
    x: float[2] = csv(file, columns=[2, 0])
    y: int<2> = csv(file, column=3, labels=["no", "yes"])
}
data q {
    x: float[3] = csv(file, columns=0..3, missing="?", skip=true)
}
data two {
    x: float[2] = csv(file, columns=0..2)
}
export fn show[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn three[B](x: float[B, 3]) -> float[B, 3] { return x }
END
printf 'a,b,c,d\n1,2,3,yes\n4,5,6,no\n' >a.csv
gives '3,1
6,4' ./table show d.x
gives '3,1
6,4' ./table show e.x
printf '1,2\n' >narrow.csv
fails 1 'there is no column 2; the first row has 2' ./table show e.x --file narrow.csv
printf 'c,a,c\n1,2,3\n' >twice.csv
fails 1 'the columns 0 and 2 are both named "c"' ./table show d.x --file twice.csv
# A first row with a number or the missing mark is no header; a bad cell in it is an error.
printf '?,1,2,yes\n4,5,6,no\n' >mark.csv
gives '4,5,6' ./table three q.x --file mark.csv
printf '1.4x,2,3,yes\n4,5,6,no\n' >bad.csv
fails 1 'bad.csv:1:1: column 0: "1.4x" is no number (a line of names needs header=true)' ./table three q.x --file bad.csv
printf 'NA,1,2\n1,2,3\n' >na.csv
fails 1 'na.csv:1:1: "NA" is no number' ./table three na.csv
printf '1.4x,2,3\n4,5,6\n' >bad.csv
fails 1 'bad.csv:1:1: "1.4x" is no number' ./table three bad.csv
printf ',\n1,2\n' >hole.csv
fails 1 'hole.csv:1:1: the cell is empty' ./table show hole.csv
fails 1 'hole.csv:1:1: column 0: the cell is empty' ./table show two.x --file hole.csv
printf ',b\n1,2\n' >hole.csv
gives '1,2' ./table show hole.csv
gives '1,2' ./table show two.x --file hole.csv
printf '\357\273\2771,2\n3,4\n' >bom.csv
gives '1,2
3,4' ./table show bom.csv
# The same damage, in both places.
for what in two.x bad.csv; do
    printf '1,2\r3,4\r5,6\r' >bad.csv
    gives '1,2
3,4
5,6' ./table show $what --file bad.csv
    printf '1,2\n3,4,5\n' >bad.csv
    fails 1 'bad.csv:2:5: this row has more cells than the first row, which has 2' ./table show $what --file bad.csv
    printf '1,2\n3,"4\n' >bad.csv
    fails 1 'bad.csv:2:3: this quote has no end' ./table show $what --file bad.csv
    printf '1,2\n3,"4"5\n' >bad.csv
    fails 1 'bad.csv:2:6: something follows a closing quote' ./table show $what --file bad.csv
    printf '1,2\n3\n' >bad.csv
    fails 1 'bad.csv:2: this row has 1 cell, but the first has 2' ./table show $what --file bad.csv
    printf '1,2\n3,1e999\n' >bad.csv
    fails 1 'bad.csv:2:3: ' ./table show $what --file bad.csv
    printf '1,2\n3,3.4028235e38\n' >bad.csv
    gives '1,2
3,3.4028235e+38' ./table show $what --file bad.csv
done
printf '1,2\n3,4\0005\n' >bad.csv
fails 1 'bad.csv:2:3: a cell has a 0 byte' ./table show two.x --file bad.csv
fails 1 'bad.csv is no file of a known format' ./table show bad.csv
printf '1,2\n3,1e300\n' >bad.csv
fails 1 'bad.csv:2:3: column 1: "1e300" is too large for single precision' ./table show two.x --file bad.csv
# Other separators, one per file.
printf '1;2\n3;4\n' >semicolon.csv
gives '1,2
3,4' ./table show semicolon.csv
printf ' 1   2\n3  4 \n' >blanks.txt
gives '1,2
3,4' ./table show blanks.txt
printf '1,5;2\n3;4\n' >comma.csv
fails 1 'comma.csv:1:1: "1,5" is no number' ./table show comma.csv

# Only what csv() reads of the file says whether its first line has names: not a reader of numbers beside it.
printf 'cat\ndog\ncat\n' >animals.csv
printf '{"v": 1}\n{"v": 2}\n{"v": 3}\n' >values.jsonl
program animals <<'END'
data d {
    y: int<2> = csv("animals.csv", column=0, labels=["cat", "dog"])
    v: float  = json_lines("values.jsonl", key="v")
}
export fn both[B](y: int<2>[B], v: float[B]) -> float[B] { return float(y) * 10 + v }
END
gives '1
12
3' ./animals both d.y d.v
