/* SPDX-License-Identifier: MIT
 * python_names.c: names and types as Python writes them. */
#include <string.h>

#include "emit/emit.h"
#include "emit/reserved.h"

/* What a name in generated text would mean something else for; of the types those that annotations need. */
static const char *const words[] = {
    " False None True and as assert async await bool break class continue def del elif else except finally float for from ",
    " global if import in int is lambda nonlocal not or pass raise return self str try while with yield ",
};
/* What a package would hide: Python's own modules, and those that it is used and built with. */
static const char *const modules[] = {
    " abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 ",
    " cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser ",
    " contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest ",
    " email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath ",
    " getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ",
    " ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap ",
    " modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers numpy opcode operator optparse os ",
    " ossaudiodev pathlib pdb pickle pickletools pip pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats ",
    " pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched ",
    " secrets select selectors setuptools shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 ",
    " sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig ",
    " syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace ",
    " traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref ",
    " webbrowser wheel winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo ",
};

const char *emit_python_word(Arena *arena, const char *name)
{
    const char *base = reserved_base(arena, name);
    bool taken = reserved_listed(words, sizeof words / sizeof *words, base) || strncmp(base, "_native", 7) == 0;
    return taken ? arena_print(arena, "%s_", name) : name;
}

const char *emit_python_parameter(const EmitProgram *e, const char *name)
{
    return emit_python_word(e->arena, emit_c_parameter(e, name));
}

const char *emit_python_kind(const EmitProgram *e, uint8_t elem)
{
    static const char *const kinds[DT_COUNT] = {
        [DT_bool] = "Bool", [DT_i32] = "Int32", [DT_i64] = "Int64",   [DT_f32] = "Float32", [DT_f64] = "Float64",
        [DT_u8] = "UInt8",  [DT_i8] = "Int8",   [DT_f16] = "Float16", [DT_bf16] = "UInt16"};
    return kinds[lower_dtype(elem, e->lowered->float_dtype)];
}

bool emit_python_hides(const char *package)
{
    return reserved_listed(modules, sizeof modules / sizeof *modules, package);
}
