#!/bin/sh
# SPDX-License-Identifier: MIT
# run_package.sh BUILD: the Debian packages: what is in them, what they need, no name of a folder of this machine; lintian where it is installed.
set -eu
build=$1
for tool in dpkg-deb dpkg-shlibdeps cpack; do
    command -v $tool >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-package-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
wrong() {
    echo "FAIL $*"
    exit 1
}
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work" >log 2>&1 || { cat log; wrong "cpack ends with $?"; }
version=$("$build/nnc" --version | cut -d' ' -f2)
for package in nnc libnnrt-dev; do
    file=$(echo ${package}_"$version"_*.deb)
    dpkg-deb -f "$file" Depends >"$package.needs"
    dpkg-deb -x "$file" "$package"
    for of_it in copyright changelog.gz; do [ -f $package/usr/share/doc/$package/$of_it ] || wrong "$package has no $of_it"; done
done
grep -q "libnnrt-dev (= $version).*gcc.*libc6" nnc.needs || wrong "nnc needs $(cat nnc.needs)"
for file in bin/nnc bin/nnc-make-data share/doc/nnc/README.md share/doc/nnc/docs/language.md share/doc/nnc/examples/iris/iris.nn; do
    [ -f nnc/usr/$file ] || wrong "nnc has no $file"
done
(cd libnnrt-dev && find . -name libnnrt.a -o -name nnrt.h -o -name nnrt_types.h -o -name nnrt.pc) >found
[ "$(wc -l <found)" = 4 ] || wrong "libnnrt-dev has only $(cat found)"
top=$(cd "$build" && cd .. && pwd)
strings -a nnc/usr/bin/nnc libnnrt-dev/usr/lib*/libnnrt.a 2>/dev/null | grep -F "$top/" && wrong "the folder of the build is in it"
nm nnc/usr/bin/nnc 2>/dev/null | grep -q ' T main' && wrong "nnc has its symbols"
if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,pkg-config-unavailable-for-cross-compilation ./*.deb || wrong "lintian"
fi
