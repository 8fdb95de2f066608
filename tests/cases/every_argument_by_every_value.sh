# SPDX-License-Identifier: MIT
# Each kind of argument of an export, given values of every form, and each kind of result in every
# format: tests/recorded/arguments.txt and results.txt have what is said and written.
mkdir sounds
printf 'one two\nthree\n\ntwo one one\n' >w.txt
printf '1,2,yes\n3,4,no\n-5,6.5,yes\n' >t.csv
printf 'a;b\n1,5;2\n3;4\n' >comma.csv
printf '1 2 3\n4 5 6\n' >b.csv
printf 'yes\nno\n\n' >y.txt
printf 'yes,no\n' >y.csv
printf 'one three\n' >s.txt
: >empty
program p <<'END'
data bytes[T] { s: int<256>[T] = lines("w.txt", bytes=true) }
data heard[T] {
    w: int<20>[T] = lines("w.txt", words=true)
    n: int        = length(w)
}
data sounds { x: float[4] = wav_dir("sounds", rate=8000, resample=true) }
data rows {
    x: float[2] = csv("t.csv", columns=0..2)
    y: int<2>   = csv("t.csv", column=2, labels=true)
    split(train=0.67, test=0.33, shuffle=false)
}
export fn number(x: float) -> float { return x }
export fn count(n: int) -> int { return n }
export fn small(n: u8[2]) -> int[2] { return int(n) }
export fn limited[B](n: int<3>[B]) -> int[B] { return n }
export fn sure(b: bool[2]) -> bool[2] { return not b }
export fn pairs[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn matrix(x: float[2, 3]) -> float[3, 2] { return transpose(x) }
export fn any[N](x: float[N]) -> float[N] { return x }
export fn sound(x: float[4]) -> float[4] { return x }
export fn grey[H, W](x: float[H, W]) -> (int[2], float) { return [H, W], sum(x) }
export fn colours[H, W](x: float[H, W, 3]) -> (int[2], float[3]) { return [H, W], sum(x, axis=(0, 1)) }
export fn stored[H, W](x: u8[H, W, 3]) -> int[3] { return sum(int(x), axis=(0, 1)) }
export fn label[B](y: int<2>[B] as rows.y) -> int<2>[B] as rows.y { return 1 - y }
export fn odds[B](x: float[B, 2]) -> float[B, 2] as rows.y { return softmax(x) }
export fn text[T](s: int<256>[T] as bytes.s) -> int<256>[T] as bytes.s { return s }
export fn texts[B, T](s: int<256>[B, T] as bytes.s) -> int<256>[B, T] as bytes.s { return s }
export fn words[B, T](w: int<20>[B, T] as heard.w, n: int[B]) -> (int<20>[B, T] as heard.w, int[B]) { return w, n }
export fn two[N](x: float[N], y: float = 2) -> float[N] { return x * y }
export fn notes[N](n: int<128>[N]) -> int<128>[N] { return n }
export fn classes[H, W](n: int<3>[H, W]) -> int<3>[H, W] { return n }
export fn deep(x: float) -> float[2, 2, 2] { return reshape(x + float(range(8)), 2, 2, 2) }
export fn paint(x: float[2, 3]) -> float[2, 3, 3] { return stack([x, x / 2, x * 0], axis=2) }
END
gives '' ./p any 0.5,0.25 --out sounds/a.wav --rate 8000
gives '' ./p any 0.5,0.25,-1 --out fast.wav --rate 16000
gives '' ./p matrix '1,2,3;4,5,6' --out m.npy
gives '' ./p count 7 --out n.npy
gives '' ./p sure 1,0 --out b.npy
gives '' ./p paint '1,0.5,0.25;0,0,1' --out c.png
gives '' ./p pairs '0,1;1,0.5' --out g.png
gzip -k t.csv

texts="text texts words label"
numbers="0 -1 2.5 1e39 nan 300 1,0 1,2;3,4 1,2,3;4,5,6 1;2 1,;2 ; 1e-50 9007199254740993"
files="t.csv.gz comma.csv b.csv m.npy n.npy b.npy c.png g.png fast.wav y.txt y.csv s.txt empty sounds -"
examples="rows.x rows.x:0..0 rows.x:1 rows.x:1..3 rows.x:3 rows.test.x:0 rows.y rows.y:1 rows.z
    bytes.s bytes.s:0 heard.w heard.w:1..3 heard.n sounds.x sounds.x:0"
wrong="x missing.png rows rows.x:1..9 rows.x:2..1 rows.x:-1 rows.x:a rows.train.x rows.val.x other.x"
product() { # EXPORTS VALUES
    for e in $1; do
        for v in $2; do
            echo "./p $e $v"
        done
    done
}
{
    product "number count" "$numbers t.csv rows.x:1 yes"
    product "small limited sure pairs matrix any sound grey colours stored odds two" "$numbers $files $examples"
    product "$texts" "$numbers $files $examples yes maybe one"
    product "pairs text" "$wrong"
} >all
recorded arguments.txt <all

# Each kind of result in each format; of charts the edges, too.
written() {
    to=o$1
    shift
    rm -f "$to"
    ./p "$@" --out "$to" || return
    head -c 400 "$to"
    ! grep -i 'nan' "$to" || return
    cksum <"$to"
}
for e in "number 2.5" "count -7" "sure 1,0" "pairs 1,2;3,0.1" "any 1e-7,1e20,-0.5" "label yes" "odds 1,2;3,4" "text one" \
    "texts w.txt" "paint 1,0.5,0.25;0,0,1" "notes 60,1,1,2,64,0" "classes 0,1,2;1,1,0" "deep 1"; do
    for f in .csv .npy .json .txt .png .wav .svg .mid .jpg ''; do
        echo "written $f $e"
    done
    for flags in --json --header "--rate 100" "--out o.csv --header" "--out o.csv --out p.csv"; do
        echo "./p $e $flags"
    done
done | sed 's/written  /written ~ /' >all
for e in "any 5e22" "any 5e22,5e22" "any -5e22" "any 3e38,-3e38" "any 1e-45,0" "grey -5e22;-5e22" \
    "pairs 5e22,5e22;5e22,5e22" "pairs 3e38,-3e38"; do
    echo "written .svg $e"
done >>all
recorded results.txt <all
