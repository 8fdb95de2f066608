# SPDX-License-Identifier: MIT
# A table is read once, in pieces, into its columns: in the memory of its numbers, wherever a row, a quote or a line ends.
awk 'BEGIN { for (i = 0; i < 300000; i++)
    printf "%d,%d.5,%d.25,%d,%d,%d,%d.125,%d,%d,%d,%s\n", i, i % 7, i % 11, i % 13, i % 17, i % 19, i % 23, i % 29, i % 31, i % 37,
        (i % 3 ? "red" : "blue") }' >many.csv
program table <<'END'
option file: string = "many.csv"
data d {
    x: float[10] = csv(file, columns=0..10)
    n: int       = csv(file, column=0)
    y: int<2>    = csv(file, column=10, labels=["blue", "red"])
}
eval holds[B](ex in d.all, batch=4096) {
    n = ex.n
    assert ex.x[:, 0] == float(n)
    assert ex.x[:, 1] == float(n % 7) + 0.5
    assert ex.x[:, 6] == float(n % 23) + 0.125
    assert ex.x[:, 9] == float(n % 37)
    assert ex.y == where(n % 3 == 0, 0, 1)
    report mean(float(ex.y)), last = max(ex.x[:, 0])
}
END
shows "300000 examples: mean 0.66667" ./table holds
# 12.5 MB of text, 12 MB of numbers in single precision, 2.4 MB of integers and classes in 48 MB of address space
if (ulimit -v 48000 && ./table info) >/dev/null 2>&1; then
    (ulimit -v 48000 && ./table check-data) >out 2>&1 || broken "300000 rows do not fit into 48 MB"
    grep -q "values 0 .. 299999, mean 15008.9" out || broken "other numbers"
fi
gzip -c many.csv >packed.csv.gz
shows "mean 15008.9" ./table check-data --file packed.csv
mkfifo pipe
cat many.csv >pipe &
shows "mean 15008.9" ./table check-data --file pipe

# A cell that is longer than a piece, and what is wrong behind it.
(printf '1,2,3,4,5,6,7,8,9,10,"red'; awk 'BEGIN { for (i = 0; i < 150000; i++) print "a line in quotes" }'; printf '"\n1,2,3,4,5,6,7,8,9,10,blue\n') >long.csv
program numbers <<'END'
data d { x: float[10] = csv("long.csv", columns=0..10) }
export fn one() -> int { return 1 }
END
shows "d: 2 examples" ./numbers check-data
echo '1,2,3,4,x,6,7,8,9,10,blue' >>long.csv
fails 1 'long.csv:150003:9: column 4: "x" is no number' ./numbers check-data
echo '1,2,3' >>long.csv
fails 1 'long.csv:150004: this row has 3 cells, but the first has 11' ./numbers check-data
echo '1,2,"3' >>long.csv
fails 1 'long.csv:150005:5: this quote has no end' ./numbers check-data

# Each field tells of its own cells, the first one first.
printf '1,2,3,4,5,6,7,8,9,10,red\n1.5,2,3,4,5,6,7,8,9,10,blue\n' >half.csv
fails 1 "half.csv:2: 1.5 is no integer of i32" ./table check-data --file half.csv
printf '1,2,3,4,5,6,7,8,9,10,red\n1,2,3,4,5,6,7,8,9,10,blue\n1,2,3,4,5,6,7,8,9,10,green\n' >green.csv
fails 1 'green.csv:3: "green" is no class of y' ./table check-data --file green.csv
