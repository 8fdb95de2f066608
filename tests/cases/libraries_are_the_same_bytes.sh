# SPDX-License-Identifier: MIT
# Libraries are the same, byte for byte, wherever and whenever they are made: no temporary name gets into them, none is left beside them.
command -v readelf >/dev/null || exit 77
cat >twice.nn <<'PROGRAM'
model net = chain(Dense(2, 2))
export fn twice[B](x: float[B, 2]) -> float[B, 2] { return net(x) * 2 }
PROGRAM
mkdir one two
gives "" "$NNC" --shared twice.nn -o one/libtwice.so
cp twice.nn two
(cd two && "$NNC" --shared twice.nn -o libtwice.so) || broken "no library in two/"
cmp -s one/libtwice.so two/libtwice.so || broken "the two libraries differ"
[ "$(ls one)" = "$(printf 'libtwice.so\ntwice.h')" ] || broken "one/ has $(ls one)"
readelf -d one/libtwice.so | grep -q 'soname: \[libtwice.so\]' || broken "the library has not its name"
# and nnc itself has not the folder where it was built, for debuggers neither
! grep -qF "$2" "$NNC" || broken "nnc was built in $2"
