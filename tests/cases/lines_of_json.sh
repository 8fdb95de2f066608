# SPDX-License-Identifier: MIT
# A file of JSON lines is read once, in pieces, into the columns of its readers: in the memory of their numbers, wherever a line ends.
awk 'BEGIN { for (i = 0; i < 100000; i++)
    printf "{\"x\": [%d.5, %d, %d.25, %d], \"kind\": \"%s\", \"text\": \"nobody asks for this\", \"in\": {\"n\": %d}}\n", i, i % 7, i % 11, i % 13,
        (i % 3 ? "red" : "blue"), i }' >many.jsonl
program lines <<'END'
option file: string = "many.jsonl"
data d {
    x: float[4] = json_lines(file, key="x")
    n: int      = json_lines(file, key="in.n")
    y: int<2>   = json_lines(file, key="kind", labels=["blue", "red"])
}
eval holds[B](ex in d.all, batch=4096) {
    n = ex.n
    assert ex.x[:, 0] == float(n) + 0.5
    assert ex.x[:, 2] == float(n % 11) + 0.25
    assert ex.x[:, 3] == float(n % 13)
    assert ex.y == where(n % 3 == 0, 0, 1)
    report mean(float(ex.y)), last = max(ex.x[:, 0])
}
END
shows "100000 examples: mean 0.66666" ./lines holds
# 10.4 MB of text; 1.6 MB of numbers in single precision, 1.6 MB of integers, classes and lines in 32 MB of address space
if (ulimit -v 32000 && ./lines info) >/dev/null 2>&1; then
    (ulimit -v 32000 && ./lines check-data) >out 2>&1 || broken "100000 lines do not fit into 32 MB"
fi
shows "mean 12503.6" ./lines check-data
gzip -c many.jsonl >packed.jsonl.gz
shows "mean 12503.6" ./lines check-data --file packed.jsonl
mkfifo pipe
cat many.jsonl >pipe &
shows "mean 12503.6" ./lines check-data --file pipe

# What is wrong is told for the first field that has it, of that at its first line.
bad() { # LINES... into bad.jsonl, behind a good one
    printf '%s\n' '{"x": [1, 2, 3, 4], "in": {"n": 1}, "kind": "red"}' "$@" >bad.jsonl
}
bad '{"x": [1, 2, 3, 4], "in": {}, "kind": "red"}' '{"x": [1, 2, 3], "in": {"n": 1}, "kind": "red"}'
fails 1 'bad.jsonl:3: "x" has the shape [3], but x is [4]' ./lines check-data --file bad.jsonl
bad '{"x": [1, 2, 3], "in": {"n": 1}, "kind": "red"}' '{"x": [1, 2, 3, "4"], "in": {"n": 1}, "kind": "red"}' '{'
fails 1 'bad.jsonl:2: "x" has the shape [3], but x is [4]' ./lines check-data --file bad.jsonl
bad '{"x": [1, 2, 3, 4], "in": {}, "kind": "red"}' '{"x": [1, 2, 3, 4], "in": {"n": 1}, "kind": "green"}'
fails 1 'bad.jsonl:2: there is no "in.n"; the object has x, in, kind' ./lines check-data --file bad.jsonl
bad '{"x": [1, 2, 3, 4], "in": {"n": 1}, "kind": "green"}'
fails 1 'bad.jsonl:2: "green" is no class of y' ./lines check-data --file bad.jsonl
bad '{"x": [1, 2, 3, 4], "in": {"n": 1.5}, "kind": "red"}'
fails 1 'bad.jsonl:2: 1.5 is no integer of i32' ./lines check-data --file bad.jsonl
bad '{"x": [1, 2, 3, 1e300], "in": {"n": 1}, "kind": "red"}'
fails 1 'bad.jsonl:2: "x" is 1e+300, which is too large for single precision' ./lines check-data --file bad.jsonl
program turned <<'END'
option file: string = "turned.jsonl"
data d { x: float[3, 4] = rearrange(json_lines(file, key="x", shape=[4, 3]), "a b -> b a") }
END
echo '{"x": [1, 2, 3]}' >turned.jsonl
fails 1 'turned.jsonl:1: "x" has the shape [3], but shape= says [4, 3]' ./turned check-data

# Rows of different length, and a line that is longer than a piece.
program ragged <<'END'
data d[T] {
    x: float[T] = json_lines("ragged.jsonl", key="x")
    n: int      = length(x)
}
eval sums[B, T](ex in d.all, batch=4) { report s = mean(sum(ex.x, axis=-1)), n = mean(float(ex.n)) }
END
{
    printf '{"x": [1]}\n{"x": [1, 1]}\n{"x": [1, 1]}\n{"x": ['
    awk 'BEGIN { for (i = 0; i < 500000; i++) printf "1, " }'
    printf '1]}\n{"x": []}'
} >ragged.jsonl
shows "5 examples: s 1e+05, n 1e+05" ./ragged sums

# A size that varies, of lists in lists in lists.
program deep <<'END'
data d[T] { x: float[T, 1, 2, 2] = json_lines("deep.jsonl", key="x") }
eval sums[B, T](ex in d.all, batch=2) { report s = sum(ex.x), t = sum(float(range(T)) * ex.x[:, :, 0, 0, 0]) }
END
{
    echo '{"x": [[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]}'
    echo '{"x": [[[[9, 10], [11, 12]]]]}'
} >deep.jsonl
shows "2 examples: s 78, t 5" ./deep sums
