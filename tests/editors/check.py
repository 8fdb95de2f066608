#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py NNC SOURCE: the colours of editors are those of the lexer. Over all examples and the library, each token of `--dump=tokens`
has a scope of its class in the TextMate grammar, and a group of it in Vim, where vim is installed; the words of grammar/lexer.re are
words of both, and of the Emacs mode, which is loaded where emacs is. Options: --vim, --emacs: only that, status 77 where it is missing."""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

LEAST_TOKENS = 15000


def words(source):
    """Reserved words, and those that begin a declaration."""
    text = open(os.path.join(source, "grammar/lexer.re"), encoding="utf-8").read()
    reserved = set(re.findall(r'^ +"([a-z0-9]+)" +\{ token = \w+;', text, re.M))
    begin = set(re.findall(r'^ +"([a-z]+)" +\{ return \w+; \}', text, re.M))
    assert len(reserved) > 35 and len(begin) == 11, (reserved, begin)
    return reserved, begin


def tokens(nnc, path):
    """(line, column, text), from 0, columns in characters; and the comments."""
    out = subprocess.run([nnc, "check", "--dump=tokens", "--stop-after=parse", path], capture_output=True, text=True, check=True).stdout
    found = []
    for line in out.splitlines():
        place, _, text = line.partition(" ")
        row, column = map(int, place.split(":"))
        if text not in ("end of line", "end of file"):
            found.append((row - 1, column - 1, text))
    return found


TYPES = {"dim", "string", "ints", "float", "int", "bool", "f16", "bf16", "f32", "f64", "i8", "i32", "i64", "u8"}


def class_of(token, line, before, reserved, begin):
    """What the lexer says a token is, in the words of this test."""
    text, (_, column, _) = token[2], token
    if text[0] == '"':
        return "string"
    if text[0].isdigit():
        return "number"
    if text in TYPES:
        return "type"
    if text in ("true", "false"):
        return "constant"
    if text in reserved or (text in begin and column == 0):
        return "keyword"
    starts = not line[:column].strip() and column > 0 or before in ("{", ";")
    if text == "print" and starts and line[column + 5:].lstrip().startswith("("):
        return "keyword"
    if text == "assert" and starts and not re.match(r"\s*[=,:]", line[column + 6:]):
        return "keyword"
    return "name" if re.match(r"\w", text) and text != "_" else "other"


# ---- TextMate: enough of it for this grammar: match with captures, begin and end with patterns inside, include


class TextMate:
    def __init__(self, path):
        self.grammar = json.load(open(path, encoding="utf-8"))
        self.compiled = {}

    def regex(self, text):
        if text not in self.compiled:
            self.compiled[text] = re.compile(text)
        return self.compiled[text]

    def rules(self, patterns):
        for rule in patterns:
            if "include" in rule:
                inner = self.grammar["repository"][rule["include"][1:]]
                yield from self.rules([inner] if "match" in inner or "begin" in inner else inner["patterns"])
            else:
                yield rule

    def first(self, patterns, line, at):
        best = None
        for rule in self.rules(patterns):
            m = self.regex(rule.get("match") or rule["begin"]).search(line, at)
            if m and (best is None or m.start() < best[1].start()) and (m.end() > m.start() or "begin" in rule):
                best = rule, m
        return best

    def scopes(self, line):
        """The innermost scope of each character; no construct of this grammar goes beyond its line."""
        scope, at = [""] * len(line), 0
        while at < len(line):
            found = self.first(self.grammar["patterns"], line, at)
            if not found:
                break
            rule, m = found
            end = self.fill(rule, m, line, scope)
            assert end > at, (line, at, rule)
            at = end
        return scope

    def fill(self, rule, m, line, scope):
        if "begin" in rule:
            at = m.end()
            while True:
                stop = self.regex(rule["end"]).search(line, at)
                inner = self.first(rule["patterns"], line, at)
                if not inner or inner[1].start() >= stop.start():
                    break
                at = inner[1].end()
            end = stop.end()
            scope[m.start():end] = [rule["name"]] * (end - m.start())
            return end
        if "name" in rule:
            scope[m.start():m.end()] = [rule["name"]] * (m.end() - m.start())
        for number, capture in rule.get("captures", {}).items():
            if m.group(int(number)) is not None:
                lo, hi = m.span(int(number))
                scope[lo:hi] = [capture["name"]] * (hi - lo)
        return m.end()


SCOPES = {
    "string": r"string\.", "number": r"constant\.numeric\.", "type": r"storage\.type\.", "constant": r"constant\.language\.",
    "keyword": r"keyword\.(control|other|operator\.logical)\.", "name": r"(variable\.other|support|entity)\.", "other": r"(keyword\.operator|variable\.language|$)",
    "comment": r"comment\.",
}
GROUPS = {
    "string": r"nn(String|Escape)", "number": "nnNumber", "type": "nnType", "constant": "nnBoolean", "keyword": "nn(Control|Declaration|Operator)",
    "name": "nn(Name|Function)", "other": "(nnHole|)", "comment": "nn(Comment|Allow)",
}


def expected(nnc, path, reserved, begin):
    """(line, column, class, text) of all tokens, and of comments."""
    lines, before, found = open(path, encoding="utf-8").read().split("\n"), "", []
    ends = {}
    for token in tokens(nnc, path):
        row, column, text = token
        found.append((row, column, class_of(token, lines[row], before, reserved, begin), text))
        before, ends[row] = text, column + len(text)
    for row, line in enumerate(lines):
        comment = line.find("#", ends.get(row, 0))
        if comment >= 0:
            found.append((row, comment, "comment", line[comment:]))
    return lines, found


def check_textmate(nnc, source, paths):
    textmate, n, reserved, begin = TextMate(os.path.join(source, "tools/editors/vscode/syntaxes/nn.tmLanguage.json")), 0, *words(source)
    for path in paths:
        lines, found = expected(nnc, path, reserved, begin)
        scopes = [textmate.scopes(line) for line in lines]
        for row, column, kind, text in found:
            got = set(scopes[row][column:column + len(text)])
            if len(got) != 1 or not re.match(SCOPES[kind], next(iter(got))):
                sys.exit(f"{path}:{row + 1}:{column + 1}: `{text}` is a {kind}, but has the scopes {got}")
            n += 1
    assert n > LEAST_TOKENS, n
    manifest = json.load(open(os.path.join(source, "tools/editors/vscode/package.json"), encoding="utf-8"))
    for file in (manifest["main"], manifest["contributes"]["grammars"][0]["path"], manifest["contributes"]["languages"][0]["configuration"]):
        assert os.path.exists(os.path.join(source, "tools/editors/vscode", file)), file
    json.load(open(os.path.join(source, "tools/editors/vscode/language-configuration.json"), encoding="utf-8"))
    if shutil.which("node"):
        subprocess.run(["node", "--check", os.path.join(source, "tools/editors/vscode/extension.js")], check=True)
    print(f"{n} tokens of {len(paths)} files have their scopes")


def check_words(source):
    reserved, begin = words(source)
    texts = {name: open(os.path.join(source, "tools/editors", name), encoding="utf-8").read()
             for name in ("vscode/syntaxes/nn.tmLanguage.json", "vim/syntax/nn.vim", "emacs/nn-mode.el")}
    for name, text in texts.items():
        missing = [w for w in sorted(reserved | begin) if not re.search(rf"\b{w}\b", text)]
        assert not missing, f"{name} has not the words {missing}"


VIM = """
set nocompatible
let &runtimepath = $VIMFOLDER . ',' . &runtimepath
filetype plugin indent on
syntax on
execute 'edit' fnameescape($VIMFILE)
if &filetype !=# 'nn' || &makeprg !~# 'nnc check' || &indentexpr !=# 'NnIndent()' || &formatprg !=# 'nnc fmt -'
  cquit
endif
let out = []
for place in readfile($VIMPLACES)
  let [row, column] = split(place)
  call add(out, synIDattr(synID(row, column, 1), 'name'))
endfor
call writefile(out, $VIMOUT)
qall!
"""
VIM_MAKE = """
set nocompatible
let &runtimepath = $VIMFOLDER . ',' . &runtimepath
filetype plugin indent on
execute 'edit' $VIMFILE
silent make
let q = getqflist()
%left
normal! gg=G
call writefile([len(q), q[0].lnum, q[0].col, q[0].type, q[0].text] + getline(1, '$'), $VIMOUT)
qall!
"""
INDENTED = ["layer A {", "    fn f(x: float) -> float {", "        return g(", "            z)", "    }", "}"]


def run_vim(source, folder, file, places):
    script, places_file, out = (os.path.join(folder, n) for n in ("script.vim", "places", "out"))
    open(script, "w", encoding="utf-8").write(VIM)
    open(places_file, "w", encoding="utf-8").write("".join(f"{r} {c}\n" for r, c in places))
    environment = dict(os.environ, VIMFOLDER=os.path.join(source, "tools/editors/vim"), VIMFILE=file, VIMPLACES=places_file, VIMOUT=out, TERM="dumb",
                       HOME=folder, LC_ALL="C.UTF-8")
    subprocess.run(["vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", script], env=environment, check=True, timeout=120, stdin=subprocess.DEVNULL)
    return open(out, encoding="utf-8").read().splitlines()


def check_vim(nnc, source, paths):
    if not shutil.which("vim"):
        print("skipped: there is no vim")
        sys.exit(77)
    reserved, begin = words(source)
    n = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            lines, found = expected(nnc, path, reserved, begin)
            file = os.path.join(folder, "a.nn")
            shutil.copy(path, file)
            places = [(row + 1, len(lines[row][:column].encode()) + 1) for row, column, _, _ in found]
            for (row, column, kind, text), got in zip(found, run_vim(source, folder, file, places)):
                if not re.fullmatch(GROUPS[kind], got):
                    sys.exit(f"{path}:{row + 1}:{column + 1}: `{text}` is a {kind}, but vim has {got!r}")
                n += 1
        # messages in the quickfix list, indentation
        file = os.path.join(folder, "wrong.nn")
        open(file, "w", encoding="utf-8").write("\n".join(INDENTED) + "\n")
        script = os.path.join(folder, "make.vim")
        open(script, "w", encoding="utf-8").write(VIM_MAKE)
        environment = dict(os.environ, VIMFOLDER=os.path.join(source, "tools/editors/vim"), VIMFILE=file, VIMOUT=os.path.join(folder, "list"),
                           TERM="dumb", PATH=os.path.dirname(nnc) + ":" + os.environ["PATH"], HOME=folder)
        subprocess.run(["vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", script], env=environment, check=True, timeout=120,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        listed = open(os.path.join(folder, "list"), encoding="utf-8").read().splitlines()
        assert listed == ["1", "3", "16", "e", "E0101: unknown name `g`"] + INDENTED, listed
    print(f"{n} tokens of {len(paths)} files have their groups in vim")


EMACS = """
(progn
  (load-file (getenv "MODE"))
  (find-file (getenv "FILE"))
  (unless (eq major-mode 'nn-mode) (kill-emacs 3))
  (font-lock-ensure)
  (let ((before (buffer-string)))
    (indent-region (point-min) (point-max))
    (unless (string= (substring-no-properties before) (buffer-substring-no-properties (point-min) (point-max))) (kill-emacs 4)))
  (goto-char (point-min))
  (search-forward "return")
  (unless (eq (get-text-property (1- (point)) 'face) 'font-lock-keyword-face) (kill-emacs 5))
  (search-forward "# done")
  (unless (memq (get-text-property (1- (point)) 'face) '(font-lock-comment-face font-lock-comment-delimiter-face)) (kill-emacs 6)))
"""


def check_emacs(source):
    if not shutil.which("emacs"):
        print("skipped: there is no emacs")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        mode = os.path.join(folder, "nn-mode.el")
        shutil.copy(os.path.join(source, "tools/editors/emacs/nn-mode.el"), mode)
        said = subprocess.run(["emacs", "-Q", "--batch", "-f", "batch-byte-compile", mode], capture_output=True, text=True, check=True)
        assert "arning" not in said.stderr, said.stderr
        file = os.path.join(folder, "a.nn")
        open(file, "w", encoding="utf-8").write("layer A {\n    fn forward(x: float) -> float {\n        return x  # done\n    }\n}\n")
        environment = dict(os.environ, MODE=mode, FILE=file)
        subprocess.run(["emacs", "-Q", "--batch", "--eval", EMACS], env=environment, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nnc")
    parser.add_argument("source")
    parser.add_argument("--vim", action="store_true")
    parser.add_argument("--emacs", action="store_true")
    o = parser.parse_args()
    paths = sorted(glob.glob(o.source + "/examples/*/*.nn") + glob.glob(o.source + "/stdlib/*.nn") + glob.glob(o.source + "/tests/run/*.nn"))
    if o.emacs:
        check_emacs(o.source)
    elif o.vim:
        check_vim(o.nnc, o.source, paths[::4])
    else:
        check_words(o.source)
        check_textmate(o.nnc, o.source, paths)


main()
