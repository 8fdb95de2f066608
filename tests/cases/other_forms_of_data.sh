# SPDX-License-Identifier: MIT
# Tensors of safetensors files, JSON lines, windows of labels.
container() { # FILE HEADER BYTES as printf writes them
    {
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((${#2} % 256)))\\$(printf %o $((${#2} / 256)))\\0\\0\\0\\0\\0\\0"
        printf %s "$2"
        # shellcheck disable=SC2059
        printf "$3"
    } >"$1"
}
program tensors <<'END'
option file: string = "a.st"
data d {
    x: float[2] = safetensors(file, array="x") * 2
    y: int<9>   = safetensors(file, array="y")
}
data rows { x: float[2, 2] = safetensors(file, array="x", window=2, stride=1) }
data only { x: float[2] = safetensors(file) }
export fn pairs[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn windows[B](x: float[B, 2, 2]) -> float[B, 4] { return reshape(x, B, 4) }
export fn classes[B](y: int<9>[B]) -> int<9>[B] { return y }
END
# F16: 1, 2, 3, 4, 0.5, -1; U8: 7, 0, 8.
two='{"x":{"dtype":"F16","shape":[3,2],"data_offsets":[0,12]},"y":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}}'
container a.st "$two" '\0\074\0\100\0\102\0\104\0\070\0\274\7\0\10'
gives "$(printf '2,4\n6,8\n1,-2')" ./tensors pairs d.x
gives "$(printf '7\n0\n8')" ./tensors classes d.y
gives "$(printf '1,2,3,4\n3,4,0.5,-1')" ./tensors windows rows.x
fails 1 'a.st has the tensors x, y: array="..." says which one is wanted' ./tensors pairs only.x
container one.st '{"w":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}}' '\300\077\0\300'
gives "1.5,-2" ./tensors pairs only.x --file one.st
fails 1 'one.st: there is no tensor "x"; it has w' ./tensors pairs d.x --file one.st
many() { # N tensors of a byte: t01, t02, ...
    header=$(awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "%s\"t%02d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}", (i > 1 ? "," : "{"), i, i - 1, i; print "}" }')
    container many.st "$header" "$(awk -v n="$1" 'BEGIN { while (n--) printf "\\1" }')"
}
many 16
fails 1 'many.st: there is no tensor "x"; it has t01, t02, t03, t04, t05, t06, t07, t08, t09, t10, t11, t12, t13, t14, t15, t16' ./tensors pairs d.x --file many.st
! grep -q 't16,' out || broken "16 tensors are followed by more"
many 18
fails 1 'it has t01, t02, t03, t04, t05, t06, t07, t08, t09, t10, t11, t12, t13, t14, t15, t16, ...' ./tensors pairs d.x --file many.st
container bad.st '{"w":{"dtype":"F8_E4M3","shape":[1,2],"data_offsets":[0,2]}}' '\0\0'
fails 1 'bad.st: w has the element type F8_E4M3, which is not read' ./tensors pairs only.x --file bad.st
container bad.st '{"w":{"dtype":"U8","shape":[1,3],"data_offsets":[0,3]}}' '\0\0\0'
fails 1 'bad.st holds [3] per example, but x is [2]' ./tensors pairs only.x --file bad.st
container bad.st '{"w":{"dtype":"U8","shape":[2,2],"data_offsets":[0,3]}}' '\0\0\0'
fails 1 'bad.st is damaged: the number of bytes of w is wrong' ./tensors pairs only.x --file bad.st
container bad.st '{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}' '\0'
fails 1 'bad.st: w has 0 axes; 1 to 8 are read, the first one counts examples' ./tensors pairs only.x --file bad.st

program objects <<'END'
option file: string = "a.jsonl"
data d[T] {
    x: float[2, 2]  = json_lines(file, key="x")
    kind: int<3>    = json_lines(file, key="meta.kind", labels=true)
    words: int<9>[T] = json_lines(file, key="text", words=true)
    long: int       = length(words)
    good: bool      = json_lines(file, key="good")
    n: int          = json_lines(file, key="n")
}
export fn squares[B](x: float[B, 2, 2]) -> float[B, 4] { return reshape(x, B, 4) }
export fn kinds[B](y: int<3>[B] as d.kind) -> int<3>[B] as d.kind { return y }
export fn numbers[B](n: int[B]) -> int[B] { return n }
END
cat >a.jsonl <<'END'
{"x": [[1, 2], [3, 4.5]], "meta": {"kind": "cat"}, "text": "One two.", "good": true, "n": 5}

{"x": [[5, 6], [7, 8e1]], "meta": {"kind": "dög"}, "text": "two \u00e4 three", "good": false, "n": -7, "more": null}
END
gives "$(printf '1,2,3,4.5\n5,6,7,80')" ./objects squares d.x
gives "$(printf 'cat\ndög')" ./objects kinds d.kind
gives "$(printf '5\n-7')" ./objects numbers d.n
gives "$(printf '2\n3')" ./objects numbers d.long
gives "$(printf '1\n0')" ./objects numbers d.good
says() {
    printf '%s\n' '{"x": [[1, 2], [3, 4]]}' "$2" >b.jsonl
    fails 1 "b.jsonl:2: $1" ./objects squares d.x --file b.jsonl
}
says '"x" is a list whose parts differ in length' '{"x": [[1, 2], [3]]}'
says '"x" is a list with a text' '{"x": [[1, 2], [3, "4"]]}'
says '"x" is null where numbers are wanted' '{"x": null}'
says '"x" has the shape [2], but x is [2, 2]' '{"x": [1, 2]}'
says '"x" is a list of more than 8 levels' '{"x": [[[[[[[[[1]]]]]]]]]}'
says 'there is no "x"; the object has y, z' '{"y": 1, "z": 2}'
says 'this line is no JSON: too large a number' '{"x": [[1, 2], [3, 1e400]]}'
says 'this line is no JSON' '{"x": [[1, 2], [3, 4]]'
says 'this line is no JSON' '{"x": [[1, 2], [3, 4]]} {}'
says 'this line is no JSON' '{"x": [[1, 2], [3, 4]], "x": 1}'
says 'an object {...} stands on a line, not a list' '[1]'
printf '{"x": [[1, 2], [3, 4]], "meta": {"kind": [1]}}\n' >b.jsonl
fails 1 'b.jsonl:1: "meta.kind" is a list where a text is wanted' ./objects kinds d.kind --file b.jsonl
: >b.jsonl
fails 1 'b.jsonl: there are no lines' ./objects squares d.x --file b.jsonl

# A class for each row of a window, in step with its numbers.
program labels <<'END'
data d {
    x: float[3] = csv("l.csv", column=0, window=3, stride=2)
    y: int<3>[3] = csv("l.csv", column=1, labels=true, window=3, stride=2)
    split(train=0.5, test=0.5)
}
export fn numbers[B](x: float[B, 3]) -> float[B, 3] { return x }
export fn classes[B](y: int<3>[B, 3]) -> int<3>[B, 3] { return y }
export fn names[B](y: int<3>[B, 3]) -> int<3>[B, 3] as d.y { return y }
END
printf '1,walk\n2,run\n3,walk\n4,rest\n5,run\n6,run\n' >l.csv
gives "$(printf '1,2,3\n3,4,5')" ./labels numbers d.x
gives "$(printf '2,1,2\n2,0,1')" ./labels classes d.y
gives "$(printf 'walk\trun\twalk\nwalk\trest\trun')" ./labels names d.y
shows "d: 2 examples, train 1, test 1" ./labels check-data
program single <<'END'
data d {
    x: float[1] = csv("l.csv", column=0, window=1, stride=2)
    y: int<3>[1] = csv("l.csv", column=1, labels=true, window=1, stride=2)
}
export fn numbers[B](x: float[B, 1]) -> float[B, 1] { return x }
export fn names[B](y: int<3>[B, 1]) -> int<3>[B, 1] as d.y { return y }
END
gives "$(printf '1\n3\n5')" ./single numbers d.x
gives "$(printf 'walk\nwalk\nrun')" ./single names d.y
