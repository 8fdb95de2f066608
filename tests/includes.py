#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""includes.py SOURCE: a folder of compiler/ includes itself and what it is linked with (nnc_stage in compiler/CMakeLists.txt), nothing
else. An include of a header with types only would link, whatever it is of."""
import os
import re
import sys

SHARED = {"optimizers.def", "cpu.def", "parts.def", "nnrt_abi.h", "nnrt_types.h", "nnrt.h"}  # of the runtime; linked programs have them, too
GENERATED = {"lexer.h", "parser.h"}  # of grammar/, for syntax/


direct = {}  # folder -> what it is linked with


def stages(text):
    """Folder -> all folders below it."""
    for folder, rest in re.findall(r"^nnc_stage\((\S+)([^)]*)\)", text, re.M):
        direct[folder] = [d[4:] for d in rest.split() if d.startswith("nnc_")]
    by_name = {folder.replace("/", "_"): folder for folder in direct}
    below = {}
    for folder in direct:  # in pipeline order
        below[folder] = {folder}
        for name in direct[folder]:
            if name in by_name:
                below[folder] |= below[by_name[name]]
    return below


def main():
    os.chdir(sys.argv[1])
    below = stages(open("compiler/CMakeLists.txt").read())
    seen = bad = 0
    for folder in below:
        for name in sorted(os.listdir(f"compiler/{folder}")):
            if not name.endswith((".c", ".h", ".def")):
                continue
            for number, line in enumerate(open(f"compiler/{folder}/{name}"), 1):
                m = re.match(r'#\s*include "([^"]+)"', line)
                if not m:
                    continue
                header, seen = m.group(1), seen + 1
                place = os.path.dirname(header)
                if header == "nnc.h" and "lib" in direct[folder]:  # the compiler as a library
                    continue
                allowed = place in below[folder] if place else header in SHARED or (folder == "syntax" and header in GENERATED)
                if not allowed:
                    print(f"compiler/{folder}/{name}:{number}: {folder}/ must not include {header}")
                    bad = 1
    if seen < 500:
        print(f"only {seen} includes found")
    sys.exit(bad or seen < 500)


main()
