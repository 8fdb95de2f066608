# SPDX-License-Identifier: MIT
# Small files that unpack to large ones take no more memory than what is wanted of them can need, and are told of.
command -v gzip >/dev/null || { echo "no gzip here"; exit 77; }
program p <<'END'
data lines { x: float[2] = json_lines("o.jsonl", key="x") }
data cells { x: float[1] = csv("d.csv", column=0) }
data wide { x: float[2] = csv("row.csv", columns=0..2) }
data named { x: float[2] = csv("row.csv", columns=["a", "b"]) }
data plain { x: float[2] = safetensors("t.safetensors", array="x") }
data sounds { s: float[4] = wav_dir("w/", rate=8000) }
data pictures { i: float[2, 2] = image_dir("i/", glob="*.gz") }
export fn bright(i: float[2, 2]) -> float { return sum(i) }
export fn sums(x: float[2, 3]) -> float { return sum(x) }
export fn loud(s: float[4]) -> float { return sum(s) }
export fn all[B](x: float[B, 3]) -> float { return sum(x) }
export fn pairs[B](x: float[B, 2]) -> float { return sum(x) }
export fn louds[B](s: float[B, 4]) -> float { return sum(s) }
export fn colours[B](s: float[B, 8, 8, 3]) -> float { return sum(s) }
END
# so many bytes of a text
many() { # BYTES TEXT
    yes "$2" | tr -d '\n' | head -c "$1"
}
limited() { # in 250 MB of address space
    (ulimit -v 250000 && exec "$@")
}
[ -z "$sanitize" ] || limited() { "$@"; }

yes 0,0,0 | head -c 100000000 | gzip -1 >big.csv.gz
fails 1 "--x: big.csv.gz has more than 17 MB, unpacked, but 6 numbers are wanted" limited ./p sums big.csv.gz
cat big.csv.gz >pipe.gz
piped() { limited ./p sums - <pipe.gz; }
fails 1 "--x: standard input has more than 17 MB, unpacked, but 6 numbers are wanted" piped
printf '1,2,3\n4,5,6\n' | gzip >small.csv.gz
gives 21 ./p sums small.csv.gz
gives 21 ./p all small.csv.gz

head -c 262000000 /dev/zero | gzip -1 >zeros.gz
and_zeros() { # so that what gzip made of standard input goes on with many zeros
    gzip -1 && cat zeros.gz
}
printf 'RIFF\377\377\377\377WAVEfmt \020\0\0\0\1\0\1\0\100\037\0\0\200\076\0\0\2\0\020\0data\377\377\377\377' | and_zeros >big.wav.gz
fails 1 "--s: big.wav.gz has more than 67 MB, unpacked, but 4 numbers are wanted" limited ./p loud big.wav.gz
# A file is one sound, also of an argument with a batch.
fails 1 "--s: big.wav.gz has more than 67 MB, unpacked, but 4 numbers are wanted" limited ./p louds big.wav.gz
fails 1 "--s: big.wav.gz has more than 67 MB, unpacked, but 3 numbers are wanted" limited ./p colours big.wav.gz
# What is cut off is not converted, and nothing of what does not fit.
gzip -dc big.wav.gz | head -c 100000000 >small.wav
gives 0 limited ./p louds small.wav
fails 1 "has the shape [3]" limited ./p colours small.wav

{ printf '{"x": [0' && many 20000000 ',0' && printf ']}\n'; } | gzip -1 >o.jsonl.gz
fails 1 'o.jsonl:1: the object has more than 1048578 values, but 2 numbers of it are wanted' limited ./p pairs lines.x
{ printf '{"x": [0' && many 150000000 ',0' && printf ']}\n'; } | gzip -1 >o.jsonl.gz
fails 1 'o.jsonl:1: the line has more than 67 MB, but 2 numbers of it are wanted' limited ./p pairs lines.x
{ printf '{"other": [0' && many 1000000 ',0' && printf '], "x": [1, 2]}\n' && printf '{"x": [3, 4]}\n{"x": [5, 6]}\n'; } >o.jsonl
gives 21 ./p pairs lines.x

{ printf '1\n2\n' && head -c 100000000 /dev/zero | tr '\0' 0; } | gzip -1 >d.csv.gz
fails 1 'd.csv:3: the row that begins here has more than 67 MB' limited ./p all cells.x

# A row takes as much as its text and a little for each cell, wherever it ends; as an argument it has the same limit.
generous() { # in 600 MB of address space
    (ulimit -v 600000 && exec "$@")
}
[ -z "$sanitize" ] || generous() { "$@"; }
{ many 66000000 1, && echo 1; } | gzip -1 >row.csv.gz
gives 2 generous ./p pairs wide.x
{ printf a,b && many 33000000 ,c && printf '\n1,2' && many 33000000 ,3 && printf '\n'; } | gzip -1 >row.csv.gz
gives 3 generous ./p pairs named.x
many 80000000 1, | gzip -1 >row.csv.gz
fails 1 '--x: row.csv.gz:1: the row that begins here has more than 67 MB' generous ./p pairs row.csv.gz

printf '\037\213\010\0\0\0\0\0\0\3not a tensor' >t.safetensors
fails 1 't.safetensors is no checkpoint: it is packed by gzip; unpack it first (gunzip)' ./p sums plain.x

# half a sample
printf 'RIFF\51\0\0\0WAVEfmt \020\0\0\0\1\0\1\0\100\037\0\0\200\076\0\0\2\0\020\0data\5\0\0\0\0\100\0\100\1' >half.wav
fails 1 "half.wav has 5 bytes of samples, but each takes 2 (1 channel of 16 bits)" ./p loud half.wav

# of folders: what is packed has a limit, too
mkdir w i
mv big.wav.gz w/big.wav
fails 1 "w/big.wav has more than 256 MB, unpacked; unpack it first (gunzip)" generous ./p loud sounds.s
printf '\211PNG\r\n\032\n\0\0\0\015IHDR\0\0\0\2\0\0\0\2\10\0\0\0\0\127\335\122\370' | and_zeros >i/big.png.gz
fails 1 "i/big.png.gz has more than 256 MB, unpacked; unpack it first (gunzip)" generous ./p bright pictures.i
