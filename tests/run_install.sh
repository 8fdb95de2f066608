#!/bin/sh
# run_install.sh CMAKE BUILD SOURCE LIBDIR [FLAG]: what `cmake --install` copies is enough: a program, and a C program with the installed header
# and library. FLAG is what the library was built with.
set -eu
cmake=$1 build=$2 source=$3 libdir=$4 flag=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-install-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
"$cmake" --install "$build" --prefix "$work/usr" >/dev/null
nnc=$work/usr/bin/nnc
"$nnc" "$source/examples/iris/iris.nn" -o iris
./iris version
"$nnc" -c "$source/examples/iris/iris.nn" -o iris.o
echo '#include "iris.h"
int main(void) { iris *m = iris_new(1); int bad = !m; iris_free(m); return bad; }' >main.c
# shellcheck disable=SC2086
cc -I. -Iusr/include main.c iris.o -L"usr/$libdir" -lnnrt $flag -lz -lm -lpthread -o main
./main
mv "usr/$libdir/libnnrt.a" elsewhere
if "$nnc" "$source/examples/iris/iris.nn" -o iris 2>message; then exit 1; fi
grep -q "libnnrt.a is neither" message
