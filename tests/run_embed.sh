#!/bin/sh
# SPDX-License-Identifier: MIT
# run_embed.sh NNC LIBNNRT SOURCE DATA [FLAG]: FLAG is what the library was built with. The C programs of docs/embedding.md, built as C99 (and C++17 where its rules allow) with all warnings.
set -eu
nnc=$1 library=$2 source=$3 data=$4 flag=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-embed-XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$data" "$work/data"
cd "$work"
block() { # the Nth C block of the document
    awk -v n="$1" '/^```c$/ { k++; on = k == n; next } /^```/ { on = 0 } on' "$source/docs/embedding.md"
}
"$nnc" -c "$source/examples/iris/iris.nn" -o iris.o
block 1 >core.c
block 2 >convenience.c

# The lines of the header that the document shows are lines of the header, but for comments and blanks.
plain() {
    sed 's,/\*.*\*/,,; s/IRIS_INLINE //; s/ {.*return .*}$/;/; s/^[[:space:]]*//; s/[[:space:]][[:space:]]*/ /g; s/ $//' "$@"
}
plain iris.h "$source/runtime/nnrt.h" >header.txt
{ block 3; block 4; } | plain | awk '
    FILENAME == "header.txt" { there[$0]; text = text "\n" $0; next }
    open { $0 = begun " " $0; open = 0 }
    /,$/ { begun = $0; open = 1; next }
    $0 == "" || $0 == "..." || ($0 in there) { next }
    { known = $0; sub(/;$/, "", known); sub(/ *\.\.\.$/, "", known) }
    index(text, "\n" known) { next }
    { print "iris.h lacks: " $0; bad = 1 }
    END { exit bad }' header.txt -

undefined=$(nm -u iris.o | awk '{ print $2 }' | grep -v -x -e memcpy -e memmove -e memset || true)
[ -z "$undefined" ] || { echo "iris.o needs $undefined"; exit 1; }

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I. -I$source/runtime"
# shellcheck disable=SC2086
cc -std=c11 -O1 -g $warnings core.c iris.o -o core
./core || { echo "core.c ends with $?"; exit 1; }
# shellcheck disable=SC2086
cc -std=c11 -O1 -g $warnings convenience.c iris.o "$library" $flag -lm -lpthread -o convenience
./convenience

# Texts from C: bytes need no vocabulary, words have that of the checkpoint.
cat >texts.nn <<'END'
data d {
    w: int<6>[3] = lines("w.txt", words=true, max=3)
}
data e {
    c: int<256>[3] = bytes("w.txt")
}
data k {
    y: int<2> = 1 - int(lines("w.txt", labels=["one", "two"]))
}
model net = Embedding(6, 2)
train fit[B](ex in d.all, batch=2, epochs=1, save="w.safetensors") {
    minimize mean(net(ex.w) ** 2) over net using sgd(lr=0.1)
}
export fn f[T](x: int<6>[T] as d.w) -> float[T, 2] { return net(x) }
END
cat >texts.c <<'END'
#include <string.h>
#include "texts.h"
int main(void)
{
    texts *m = texts_new(1);
    int32_t code[4] = {-1, -1, -1, -1}, word[4] = {-1, -1, -1, -1};
    if (!m || texts_text_codes(m, "e.c", "\xc3xyz", code, 3) != 4) return 1;
    if (code[0] != 0xc3 || code[1] != 'x' || code[2] != 'y' || code[3] != -1) return 2; /* bytes, as many as there is room for */
    if (texts_text_codes(m, "d.w", "two", word, 4) != -1 || !strstr(texts_error(), "vocabulary")) return 3;
    if (texts_code_name(m, "d.w", 1) || !strstr(texts_error(), "vocabulary")) return 11;
    if (texts_load(m, "w.safetensors") != 0) return 4;
    int64_t n = texts_text_codes(m, "d.w", "two one two", word, 4);
    if (n < 3 || word[0] != word[2] || word[0] == word[1] || word[0] < 0 || word[1] < 0) return 5;
    if (texts_text_codes(m, "d.w", "two one two", code, 1) != n || code[0] != word[0] || code[1] != 'x') return 6;
    const char *two = texts_code_name(m, "d.w", word[0]), *one = texts_code_name(m, "d.w", word[1]);
    if (!two || !one || strcmp(two, "two") || strcmp(one, "one")) return 8;
    if (texts_code_name(m, "d.w", 99) || !strstr(texts_error(), "d.w has names for the codes 0 to ")) return 9;
    if (texts_code_name(m, "e.c", 1) || !strstr(texts_error(), "e.c is no field of this program whose codes have names")) return 10;
    if (texts_text_codes(m, "d.q", "two", code, 4) != -1 || !strstr(texts_error(), "d.q is no text field")) return 7;
    if (texts_text_codes(m, "k.y", "two", code, 4) != -1 || !strstr(texts_error(), "k.y is no text field")) return 12; /* computed */
    if (texts_code_name(m, "k.y", 0) || !strstr(texts_error(), "k.y is no field of this program whose codes have names")) return 13;
    texts_free(m);
    return 0;
}
END
printf 'one two three\ntwo three one\n' >w.txt
"$nnc" texts.nn -o texts_fit && ./texts_fit fit --quiet
"$nnc" -c texts.nn -o texts.o
# shellcheck disable=SC2086
cc -std=c11 -O1 -g $warnings texts.c texts.o "$library" $flag -lm -lpthread -o texts
./texts || { echo "texts.c ends with $?"; exit 1; }

# The shared library has both layers and needs nothing of ours.
mkdir shared
(cd shared && "$nnc" --shared "$source/examples/iris/iris.nn")
[ -f shared/libiris.so ] || { echo "nnc --shared made no libiris.so"; exit 1; }
cmp iris.h shared/iris.h
if [ -z "$flag" ]; then
    # shellcheck disable=SC2086
    cc -std=c11 -O1 -g $warnings convenience.c -Lshared -liris -Wl,-rpath,"$work/shared" -lpthread -o with_shared
    ./with_shared
fi

# The header alone: C99 and C++17, both layers.
echo '#include "iris.h"
int main(void) { return iris_error() == 0 && IRIS_MODEL_BYTES == 0; }' >header.c
cp header.c header.cc
# shellcheck disable=SC2086
cc -std=c99 $warnings -c header.c -o header_c.o
# shellcheck disable=SC2086
c++ -std=c++17 $warnings -c header.cc -o header_cc.o
if [ -z "$flag" ] && command -v valgrind >/dev/null; then
    "$nnc" -march=x86-64-v3 -c "$source/examples/iris/iris.nn" -o iris.o
    # shellcheck disable=SC2086
    cc -std=c11 -O1 -g $warnings core.c iris.o -o core
    valgrind -q --error-exitcode=9 ./core
    # shellcheck disable=SC2086
    cc -std=c11 -O1 -g $warnings convenience.c iris.o "$library" $flag -lm -lpthread -o convenience
    valgrind -q --error-exitcode=9 --leak-check=full ./convenience
fi
