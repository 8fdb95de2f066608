#!/bin/sh
# SPDX-License-Identifier: MIT
# run_install.sh CMAKE BUILD SOURCE LIBDIR [FLAG]: what `cmake --install` copies is enough: a program; C programs with the installed header and
# library, by hand, with pkg-config, with CMake; and it can be taken away again. FLAG is what the library was built with.
set -eu
cmake=$1 build=$2 source=$3 libdir=$4 flag=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-install-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
"$cmake" --install "$build" --prefix "$work/usr" >/dev/null
nnc=$work/usr/bin/nnc
version=$("$nnc" --version | cut -d' ' -f2)
"$nnc" "$source/examples/iris/iris.nn" -o iris
./iris version
"$nnc" -c "$source/examples/iris/iris.nn" -o iris.o
echo '#include "iris.h"
int main(void) { iris *m = iris_new(1); int bad = !m; iris_free(m); return bad; }' >main.c
# shellcheck disable=SC2086
cc -I. -Iusr/include main.c iris.o -L"usr/$libdir" -lnnrt $flag -lm -lpthread -o main
./main
mv "usr/$libdir/libnnrt.a" elsewhere
if "$nnc" "$source/examples/iris/iris.nn" -o iris 2>message; then exit 1; fi
grep -q "libnnrt.a is neither" message
mv elsewhere "usr/$libdir/libnnrt.a"

# texts for man and the shells
for text in nnc/editors/vim/syntax/nn.vim man/man1/nnc.1.gz man/man1/nnc-make-data.1.gz bash-completion/completions/nnc zsh/site-functions/_nnc fish/vendor_completions.d/nnc.fish; do
    [ -s "usr/share/$text" ] || { echo "not installed: $text"; exit 1; }
done

# pkg-config
grep -qx "Version: $version" "usr/$libdir/pkgconfig/nnrt.pc" || { echo "nnrt.pc is of another version"; exit 1; }
PKG_CONFIG_PATH=usr/$libdir/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046,SC2086
cc -I. $(pkg-config --cflags nnrt) main.c iris.o $flag $(pkg-config --libs nnrt) -o main && ./main

# CMake: a model that imports another file is compiled again when that changes
mkdir "an app"
cat >"an app/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES C)
find_package(nnc $version REQUIRED)
add_executable(app main.c)
nnc_add_model(app model.nn PREFIX small FLAGS -D n=3)
END
cat >"an app/model.nn" <<'END'
import "parts/part.nn" as part
const n = 2
model net = part.Twice()
export fn twice[B](x: float[B, n]) -> float[B, n] { return net(x) }
END
mkdir "an app/parts"
part() { echo "layer Twice { fn forward[*S](x: float[*S]) -> float[*S] { return x * $1 } }" >"an app/parts/part.nn"; }
part 2
cat >"an app/main.c" <<'END'
#include <stdio.h>
#include "small.h"
int main(void) {
    small *m = small_new(1);
    float x[3] = {1, 2, 3}, y[3];
    if (!m || small_twice(m, 1, x, y)) return 1;
    printf("%g %g %g\n", y[0], y[1], y[2]);
    small_free(m);
    return 0;
}
END
"$cmake" -S "an app" -B "an app/build" -DCMAKE_PREFIX_PATH="$work/usr" -DCMAKE_EXE_LINKER_FLAGS="$flag" >/dev/null
build_app() { "$cmake" --build "an app/build" >log 2>&1 || { cat log; exit 1; }; "an app/build/app"; }
[ "$(build_app)" = "2 4 6" ]
sleep 1 # make compares seconds on some file systems
part 3
[ "$(build_app)" = "3 6 9" ]

# taken away again, nothing of nnc is left
"$cmake" -DMANIFEST="$build/install_manifest.txt" -P "$source/cmake/uninstall.cmake"
left=$(find usr ! -type d)
[ -z "$left" ] || { echo "left: $left"; exit 1; }
[ ! -e usr/share/doc/nnc ] && [ ! -e "usr/$libdir/cmake/nnc" ]
