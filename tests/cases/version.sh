# SPDX-License-Identifier: MIT
# There is one version: what CMakeLists.txt says is what nnc, its man page, the programs, the change log, the modes of editors and documents say.
version=$(sed -n 's/^project(nnc VERSION \([0-9.]*\).*/\1/p' "$SOURCE/CMakeLists.txt")
gives "nnc $version" "$NNC" --version
shows "\"nnc $version\"" "$NNC" help --man
program twice <<'PROGRAM'
export fn twice[B](x: float[B, 2]) -> float[B, 2] { return x * 2 }
PROGRAM
shows "nnc $version" ./twice version
[ "$(sed -n 's/^## \([0-9.]*\) (.*/\1/p' "$SOURCE/CHANGELOG.md" | head -1)" = "$version" ] || broken "CHANGELOG.md begins with another version"
[ -d "$SOURCE/tests/compat/${version%.*}" ] || broken "there are no files of $version in tests/compat"
while read -r file text; do
    grep -qF -e "$text" "$SOURCE/$file" || broken "$file does not say: $text"
done <<END
tools/editors/vscode/package.json "version": "$version"
tools/editors/emacs/nn-mode.el Version: $version
docs/tools.md extensions/nnc-$version
docs/tutorial.md nnc $version
docs/manifest.md "nnc": "$version"
docs/install.md find_package(nnc ${version%.*} 
examples/embed/cmake/CMakeLists.txt find_package(nnc ${version%.*} 
END
