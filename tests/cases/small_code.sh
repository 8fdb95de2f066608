# SPDX-License-Identifier: MIT
# -Os makes objects that are smaller and train to the same bits; it is for objects.
cp "$SOURCE/tests/cross/steps.c" .
printf '#include <stdio.h>\nvoid show(const char *text);\nvoid show(const char *text) { puts(text); }\n' >show.c
trained() { # NAME FLAGS: what the object for these flags trains to
    name=$1
    shift
    "$NNC" -c --prefix=net "$@" model.nn -o "$name.o" || exit 1
    mv "$name.h" net.h
    # shellcheck disable=SC2086
    cc -std=c11 -I. -DINPUTS=4 -DCLASSES=3 $sanitize steps.c show.c "$name.o" -o "$name" || exit 1
    "./$name"
}
cp "$SOURCE/examples/iris/iris.nn" model.nn
gives "$(trained fast)" trained small -Os
gives "$(trained fast --fp=strict)" trained small --fp=strict -Os
fast=$(wc -c <fast.o) small=$(wc -c <small.o)
[ "$small" -lt $((fast / 2)) ] || broken "$small bytes with -Os, $fast without"
fails 2 '-Os is for objects' "$NNC" -Os model.nn
fails 2 '-Os is for objects' "$NNC" --shared -Os model.nn
