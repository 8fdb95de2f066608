# SPDX-License-Identifier: MIT
# Files that gzip packed: as they are unpacked, in several members, with bytes behind; cut and damaged ones are told of.
command -v gzip >/dev/null || { echo "no gzip here"; exit 77; }
program p <<'PROGRAM'
data d { x: float[1] = csv("d.csv", column=0) }
export fn sums[B](x: float[B, 1]) -> float[1] { return sum(x, axis=0) }
PROGRAM
awk 'BEGIN { for (i = 0; i < 50000; i++) print i % 1000 }' >d.csv
gives 24975000 ./p sums d.x
rm -f d.csv.gz && gzip -k d.csv && mv d.csv plain
gives 24975000 ./p sums d.x
gives 24975000 ./p sums d.csv.gz
mv d.csv.gz one

# in programs without data, too
program q <<'PROGRAM'
export fn sums[B](x: float[B, 1]) -> float[1] { return sum(x, axis=0) }
PROGRAM
cp one packed
gives 24975000 ./q sums packed

# two members; two, the first of which is empty; zeros behind the last, and anything else
cat one one >d.csv.gz
gives 49950000 ./p sums d.x
printf '' | gzip >empty && cat empty one empty >d.csv.gz
gives 24975000 ./p sums d.x
{ cat one && printf '\0\0\0'; } >d.csv.gz
gives 24975000 ./p sums d.x
{ cat one && printf '\0\0\1'; } >d.csv.gz
fails 1 'd.csv.gz: the compressed data is damaged: what follows it is not packed by gzip' ./p sums d.x
{ cat one && printf 'behind'; } >d.csv.gz
fails 1 'd.csv.gz: the compressed data is damaged: what follows it is not packed by gzip' ./p sums d.x
{ cat one && printf '\037'; } >d.csv.gz
fails 1 'd.csv.gz: the compressed data is damaged: it ends too early' ./p sums d.x
{ cat one && printf '\037\213' | cat - one | tail -c +4 | { printf '\037\212\010' && cat; }; } >d.csv.gz
fails 1 'd.csv.gz: the compressed data is damaged: what follows it is not packed by gzip' ./p sums d.x

# the name does not tell, the first two bytes do
cp one d.csv && rm d.csv.gz
gives 24975000 ./p sums d.x
printf '7' >d.csv
gives 7 ./p sums d.x

# cut and damaged
head -c 3000 one >d.csv
[ "$(wc -c <d.csv)" -lt "$(wc -c <one)" ] || broken "the packed file is small"
fails 1 'd.csv: the compressed data is damaged: it ends too early' ./p sums d.x
for n in 2 3 9 12 20; do
    head -c $n one >d.csv
    fails 1 'd.csv: the compressed data is damaged' ./p sums d.x
done
size=$(wc -c <one)
head -c $((size - 4)) one >d.csv
fails 1 'd.csv: the compressed data is damaged: it ends too early' ./p sums d.x
{ head -c $((size - 8)) one && printf 'abcd' && tail -c 4 one; } >d.csv
fails 1 'd.csv: the compressed data is damaged' ./p sums d.x
{ cat one && head -c 100 one; } >d.csv
fails 1 'd.csv: the compressed data is damaged: it ends too early' ./p sums d.x

# a cell of 60 MB, in 60 kB
rm -f d.csv && head -c 60000000 /dev/zero | tr '\0' 1 | gzip >d.csv.gz
limited() { (ulimit -v 200000 && exec ./p sums d.x); }
[ -n "$sanitize" ] || fails 1 '"111111111111111111111111111111111111111111111111111111111111" is too large for single precision' limited
rm d.csv.gz && cp one d.csv
mkdir e && mv d.csv e && rm -f d.csv.gz && mkdir d.csv
fails 3 'd.csv is a folder' ./p sums d.x
