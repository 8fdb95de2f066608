# SPDX-License-Identifier: MIT
# Files with as many numbers as an argument takes, but axes in another order, are refused; rows of numbers are reshaped.
program shapes <<'TEXT'
export fn fixed(x: float[3, 4]) -> float[3, 4] { return x }
export fn images[B](x: float[B, 2, 3, 4]) -> float[B] { return x[:, 0, 0, 1] }
export fn rows[B](x: float[B, 24]) -> float[B] { return x[:, 1] }
export fn pair[N](x: float[N], y: float[2 * N, N + 1]) -> float { return sum(x) + sum(y) }
export fn make(a: dim, b: dim, c: dim, d: dim) -> float[a, b, c, d] {
    return reshape(float(range(a * b * c * d)), [a, b, c, d])
}
export fn square(x: float[2, 2]) -> float { return sum(x) }
export fn classes(x: int<9>[2, 2]) -> int { return sum(x) }
export fn paint(h: dim, w: dim) -> float[h, w, 3] { return full(0.5, h, w, 3) }
TEXT
make() { gives '' ./shapes make "$1" "$2" "$3" "$4" --out "$5"; }
make 1 1 3 4 a.npy
make 1 1 4 3 b.npy
make 1 1 1 12 row.npy
make 1 1 2 6 c.npy
gives "$(printf '0,1,2,3\n4,5,6,7\n8,9,10,11')" ./shapes fixed a.npy
gives "$(printf '0,1,2,3\n4,5,6,7\n8,9,10,11')" ./shapes fixed row.npy
gives "$(printf '0,1,2,3\n4,5,6,7\n8,9,10,11')" ./shapes fixed 0,1,2,3,4,5,6,7,8,9,10,11
fails 1 "fixed: what --x names (b.npy) has the shape [1, 1, 4, 3], but x is float[3, 4]" ./shapes fixed b.npy
fails 1 "has the shape [1, 1, 2, 6], but x is float[3, 4]" ./shapes fixed c.npy
head -c 170 a.npy >cut.npy
fails 1 "cut.npy: the header promises 12 numbers, the file ends before" ./shapes fixed cut.npy
cat a.npy a.npy >twice.npy
fails 1 "twice.npy: the header promises 12 numbers, the file has more" ./shapes fixed twice.npy
make 5 2 3 4 five.npy
make 1 5 1 24 flat.npy
make 5 4 3 2 turned.npy
make 2 5 3 4 moved.npy
make 5 1 6 4 merged.npy
gives "$(printf '1\n25\n49\n73\n97')" ./shapes images five.npy
gives "$(printf '1\n25\n49\n73\n97')" ./shapes images flat.npy
gives "$(printf '1\n25\n49\n73\n97')" ./shapes rows five.npy
fails 1 "has the shape [5, 4, 3, 2], but x is float[B, 2, 3, 4]" ./shapes images turned.npy
fails 1 "has the shape [2, 5, 3, 4], but x is float[B, 2, 3, 4]" ./shapes images moved.npy
fails 1 "has the shape [5, 1, 6, 4], but x is float[B, 2, 3, 4]" ./shapes images merged.npy
make 1 1 4 3 right.npy
make 1 1 3 4 wrong.npy
gives 67 ./shapes pair 0,1 right.npy
fails 1 "has the shape [1, 1, 3, 4], but y is float[2*N, N + 1]" ./shapes pair 0,1 wrong.npy

# The shape of a picture or of a packed array is known before it is unpacked.
gives '' ./shapes paint 2000 2000 --out big.png
fails 1 "has the shape [2000, 2000, 1], but x is float[2, 2]" ./shapes square big.png
fails 1 "has the shape [2000, 2000, 1], but x is int<9>[2, 2]" ./shapes classes big.png
head -c "$(($(wc -c <big.png) - 500))" big.png >cut.png
fails 1 "has the shape [2000, 2000, 4], but x is float[B, 2, 3, 4]" ./shapes images cut.png

# Records of which the last is not whole are a wrong size or a cut file; a field may begin behind the start of its record.
program records <<'TEXT'
option file: string = "r.bin"
data whole { x: float[3] = raw(file) }
data field {
    x: float[2] = raw(file, offset=1, stride=4)
    y: float = raw(file, stride=4)
}
data windows { x: float[5] = raw(file, stride=2) }
export fn three[B](x: float[B, 3]) -> float[B, 3] { return x }
export fn two[B](x: float[B, 2]) -> float[B, 2] { return x }
export fn five[B](x: float[B, 5]) -> float[B] { return x[:, 0] }
TEXT
printf 'abcdefghijkl' >r.bin
gives "$(printf '97,98,99\n100,101,102\n103,104,105\n106,107,108')" ./records three whole.x
gives "$(printf '98,99\n102,103\n106,107')" ./records two field.x
gives "$(printf '97\n99\n101\n103')" ./records five windows.x
printf 'abcdefghij' >cut.bin
fails 1 "cut.bin has 10 bytes, which end inside of record 3 of x" ./records three whole.x --file cut.bin
fails 1 "cut.bin has 10 bytes, which end inside of record 2 of x" ./records two field.x --file cut.bin
