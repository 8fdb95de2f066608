# SPDX-License-Identifier: MIT
# Names of classes as results of exports and as arguments: what is written is read back, of one class and of windows of them.
printf 'v,tag\n1,red sky\n2,blue\n3,"a;b"\n4,red sky\n5,blue\n6,blue\n7,"x,y"\n8,red sky\n' >w.csv
program w <<'END_OF_PROGRAM'
data d {
    x: float[4]  = csv("w.csv", column="v", window=4, stride=2)
    y: int<4>[4] = csv("w.csv", column="tag", labels=true, window=4, stride=2)
}
data one {
    y: int<4> = csv("w.csv", column="tag", labels=true)
    n: int<9> = csv("w.csv", column="v")
}
export fn same[B](y: int<4>[B, 4] as d.y) -> int<4>[B, 4] as d.y { return y }
export fn codes[B](y: int<4>[B, 4] as d.y) -> int<4>[B, 4] { return y }
export fn row(y: int<4>[4] as d.y) -> int<4>[4] as d.y { return y }
export fn column[B](y: int<4>[B] as one.y) -> int<4>[B] as one.y { return y }
export fn code[B](y: int<4>[B] as one.y) -> int<4>[B] { return y }
export fn scalar(y: int<4> as one.y) -> int<4> { return y }
export fn numbers[B](n: int<9>[B] as one.n) -> int<9>[B] as one.n { return n }
END_OF_PROGRAM
want='2,1,0,2
0,2,1,1
1,1,3,2'
gives "$want" ./w codes d.y

# JSON has a list for each window; text has tabs, CSV cells: both are arguments again.
gives '{"entry":"same","results":[[["red sky","blue","a;b","red sky"],["a;b","red sky","blue","blue"],["blue","blue","x,y","red sky"]]]}' \
    ./w same d.y --json
gives '{"entry":"row","results":[["red sky","blue","a;b","red sky"]]}' ./w row d.y:0 --json
gives "$(printf 'red sky\tblue\ta;b\tred sky\na;b\tred sky\tblue\tblue\nblue\tblue\tx,y\tred sky')" ./w same d.y
for end in txt csv tsv; do
    case $end in tsv) ./w same d.y >o.tsv ;; *) ./w same d.y --out o.$end ;; esac
    gives "$want" ./w codes o.$end
done
gives "$(printf 'red sky,blue,"a;b",red sky\n"a;b",red sky,blue,blue\nblue,blue,"x,y",red sky')" cat o.csv
gives "$(printf 'red sky\tblue\ta;b\tred sky')" ./w row d.y:0
gives "$want" sh -c './w same d.y | ./w codes -'
gives "$want" sh -c 'gzip -k o.csv; rm o.csv; ./w codes o.csv'

# In the command line commas will do; a name with one stands in quotes, or alone.
gives '1,1,3,2' ./w codes 'blue,blue,"x,y",red sky'
gives '1,3,2,1' ./w codes "$(printf 'blue\tx,y\tred sky\tblue')"
gives "$(printf '1,1,1,1\n2,2,2,2')" ./w codes --y blue,blue,blue,blue --y "red sky,red sky,red sky,red sky"
gives "$(printf '3\n1')" ./w code --y x,y --y blue
gives "$(printf '1\n3')" ./w code 'blue,"x,y"'
gives '3' ./w scalar x,y
gives "$(printf 'red sky\nblue\na;b\nred sky\nblue\nblue\nx,y\nred sky')" ./w column one.y
gives '' ./w column one.y --out c.csv
gives "$(./w code one.y)" ./w code c.csv
gives '' ./w column one.y --out c.txt
gives "$(./w code one.y)" ./w code c.txt
gives "$(printf '3\n8')" sh -c './w numbers 3,8 | ./w numbers -'

# What does not fit is named with its place.
fails 1 '--y: "blu" is no class of y' ./w codes blue,blu,blue,blue
fails 1 '--y: "2" is no class of y' ./w scalar 2
printf 'blue,blue,blue,blue\nblue,blue\n' >short.csv
fails 1 '--y: short.csv:2: 2 names, but the rows before have 4' ./w codes short.csv
fails 1 '--y, line 2: 2 names, but the rows before have 4' sh -c './w codes - <short.csv'
fails 1 'has the shape [1, 2], but y is int<4>[B, 4]' ./w codes blue,blue
fails 1 'nul.txt has a 0 byte' sh -c 'printf "blue\0red" >nul.txt; ./w code nul.txt'
fails 1 '--n: "9" is no number of n' ./w numbers 9

# Of a table some columns: below the first row where they are named.
gives "$(./w code one.y)" ./w code w.csv --columns tag
printf '1,blue\n2,"a;b"\n' >sub.csv
gives "$(printf '1\n0')" ./w code sub.csv --columns 1
fails 1 '--y: w.csv:1: "tag" is no class of y' ./w code w.csv --columns 1
fails 1 'there is no column "kind" in the first line' ./w code w.csv --columns kind
fails 2 '--columns 1 has no effect: y is a text' ./w code blue --columns 1

# Texts, too: cells of a CSV file are read as they were written.
printf 'id;text;kind\n1;"he said ""no"", twice";a\n2;plain;b\n' >texts.csv
program t <<'END_OF_PROGRAM'
data d[T] { s: int<256>[T] = csv("texts.csv", column="text", sep=";", bytes=true) }
export fn same[B, T](s: int<256>[B, T] as d.s) -> int<256>[B, T] as d.s { return s }
export fn counts[B, T](s: int<256>[B, T] as d.s) -> int[B] { return sum(int(s > 0), axis=1) }
END_OF_PROGRAM
gives "$(printf '19\n5')" ./t counts texts.csv --columns text
gives '' ./t same texts.csv --columns text --out back.csv
gives "$(printf '19\n5')" ./t counts back.csv
gives "$(printf '19\n5\n3')" ./t counts --s back.csv --s abc
fails 2 'texts.csv has 3 columns; --columns says which one is the text' ./t counts texts.csv
fails 2 '--columns text has no effect: s is a text' ./t counts abc --columns text

# A word is no length of a text, which is counted.
program lengths <<'END_OF_PROGRAM'
data d[T] {
    s: int<256>[T] = csv("texts.csv", column="text", sep=";", bytes=true)
    len: int       = length(s)
}
export fn last[B, T](s: int<256>[B, T] as d.s, len: int[B], add: int = 0) -> int[B] { return len + add }
END_OF_PROGRAM
gives 3 ./lengths last abc
gives 5 ./lengths last abc 2
gives 2 ./lengths last abc --len 2
fails 2 'more: last has no argument left for it' ./lengths last abc 2 more
