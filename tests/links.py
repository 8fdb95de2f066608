#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""links.py SOURCE: links of documents lead to files and headings that are there, and so do names like language.md#types in sources."""
import os
import re
import sys

ROOT = os.path.realpath(sys.argv[1])
SKIP = re.compile(r"^(build|\.git)")
SOURCES = (".md", ".c", ".h", ".def", ".re", ".y", ".sh", ".txt", ".nn", ".py")


def files():
    for top, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if not SKIP.match(f))
        for name in sorted(names):
            if name.endswith(SOURCES):
                yield os.path.relpath(os.path.join(top, name), ROOT)


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as text:
        return text.read()


def without_code(text):
    """Blocks become blank lines: `[i](x)` in a program is no link, `# ...` no heading."""
    out, inside = [], False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        out.append("" if inside or fence else line)
        inside ^= fence
    return "\n".join(out)


def anchors(path, cache={}):
    """As GitHub makes them: letters, digits, hyphens; blanks are hyphens; the second of a name gets -1."""
    if path not in cache:
        seen = {}
        for heading in re.findall(r"^#+ +(.*?) *#*$", without_code(text_of(path)), re.M):
            name = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
            name = re.sub(r"[^\w\- ]", "", name).lower().replace(" ", "-")
            count = seen[name] = seen.get(name, -1) + 1
            if count:
                seen[f"{name}-{count}"] = 0
        cache[path] = seen
    return cache[path]


def wrong(base, target):
    """What is wrong with a link from the folder `base`; None: nothing."""
    name, _, anchor = target.partition("#")
    there = os.path.normpath(os.path.join(os.path.dirname(base), name)) if name else base
    if not os.path.exists(os.path.join(ROOT, there)):
        return f"there is no {target}"
    if anchor and (not there.endswith(".md") or anchor not in anchors(there)):
        return f"{there} has no heading #{anchor}"
    return None


def main():
    bad, links, names = [], 0, 0
    for path in files():
        text = text_of(path)
        found = []
        if path.endswith(".md"):
            text = re.sub(r"`[^`\n]*`", "", without_code(text))
            found = [(m.start(), path, m.group(1)) for m in re.finditer(r"\]\(\s*([^)\s]+)\s*\)", text)]
            found += [(m.start(), path, m.group(1)) for m in re.finditer(r"^\[[^\]]+\]: +(\S+)$", text, re.M)]
            links += len(found)
            text = re.sub(r"\]\([^)]*\)", lambda m: " " * len(m.group()), text)
        mentioned = [(m.start(), "docs/x", m.group(1)) for m in re.finditer(r"(?<![\w/])(?:docs/)?([a-z-]+\.md#[a-z0-9-]+)", text)]
        names += len(mentioned)
        for at, base, target in found + mentioned:
            reason = None if re.match(r"[a-z]+:", target) else wrong(base, target)
            if reason:
                bad.append(f"{path}:{text.count(chr(10), 0, at) + 1}: {reason}")
    print(*bad, sep="\n")
    if links < 200 or names < 40:
        print(f"links.py read {links} links and {names} names: where are the others?")
    return bool(bad) or links < 200 or names < 40


sys.exit(main())
