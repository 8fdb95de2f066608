/* SPDX-License-Identifier: MIT
 * module.c: from an object of WebAssembly to a module that needs nothing.
 *
 * The object is a single one, so its functions, globals and table stay as they are numbered. What a linker has to do is this: memory,
 * table and the stack's pointer, which the object imports, are defined; the constants move behind the stack, and with them the numbers
 * that point to them (the object lists where they stand); memcpy, memmove and memset get bodies; functions that are visible are
 * exported. The stack lies below the constants: one that grows too far leaves memory, which ends the call instead of changing it. */
#include <string.h>

#include "emit/emit.h"
#include "support/input.h"
#include "support/output.h"

enum { STACK_BYTES = 256 << 10, PAGE_BYTES = 64 << 10 };
enum { CUSTOM, TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, GLOBALS, EXPORTS, START, ELEMENTS, CODE, DATA, DATA_COUNT, N_SECTIONS };
enum { IS_FUNCTION, IS_TABLE, IS_MEMORY, IS_GLOBAL };             /* what is imported */
enum { SYMBOL_FUNCTION, SYMBOL_DATA, SYMBOL_GLOBAL, SYMBOL_SECTION, SYMBOL_TAG, SYMBOL_TABLE };
enum { SYMBOL_LOCAL = 2, SYMBOL_HIDDEN = 4, SYMBOL_UNDEFINED = 16, SYMBOL_NAMED = 64 };
enum { ADDRESS_LEB = 3, ADDRESS_SLEB = 4, ADDRESS_I32 = 5, TABLE_SLEB = 1, TABLE_I32 = 2, MOST_RELOCATION = 7, TABLE_NUMBER = 20 };

typedef struct Bytes {
    const unsigned char *at, *end;
} Bytes;

typedef struct Place { /* of a number that may change, from the start of its section */
    uint64_t offset;
    uint8_t kind;
} Place;

typedef struct Linking {
    Arena *arena;
    Bytes section[N_SECTIONS];
    VEC(Place) code, data;
    VEC(Bytes) imported;  /* names of functions, */
    VEC(uint32_t) type;   /* and their types */
    bool bulk;            /* the machine copies and fills memory */
    uint64_t table;       /* entries */
    bool has_stack;
    Text exports;
    uint32_t n_exports;
} Linking;

/* ---- reading and writing numbers -------------------------------------------------------------------- */

static uint8_t take_byte(Bytes *b)
{
    if (b->at == b->end) BUG("an object of WebAssembly ends early");
    return *b->at++;
}

static uint64_t take(Bytes *b)
{
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = take_byte(b);
        v |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) return v;
    }
}

static int64_t take_signed(Bytes *b)
{
    uint64_t v = 0;
    for (int shift = 0;;) {
        uint8_t byte = take_byte(b);
        v |= (uint64_t)(byte & 127) << shift;
        shift += 7;
        if (byte & 128) continue;
        if (byte & 64 && shift < 64) v |= ~(uint64_t)0 << shift;
        return (int64_t)v;
    }
}

static Bytes take_bytes(Bytes *b, uint64_t n)
{
    if (n > (uint64_t)(b->end - b->at)) BUG("an object of WebAssembly ends early");
    b->at += n;
    return (Bytes){b->at - n, b->at};
}

static Bytes take_name(Bytes *b)
{
    return take_bytes(b, take(b));
}

static bool is_name(Bytes name, const char *text)
{
    return strlen(text) == (size_t)(name.end - name.at) && memcmp(name.at, text, strlen(text)) == 0;
}

static void put_byte(Text *t, unsigned byte)
{
    char c = (char)(unsigned char)byte;
    text_bytes(t, &c, 1);
}

static void put(Text *t, uint64_t v)
{
    for (; v > 127; v >>= 7)
        put_byte(t, (unsigned)(v & 127) | 128);
    put_byte(t, (unsigned)v);
}

static void put_signed(Text *t, int64_t v)
{
    for (; v < -64 || v > 63; v = (v - (v & 127)) / 128)
        put_byte(t, (unsigned)(v & 127) | 128);
    put_byte(t, (unsigned)(v & 127));
}

static void put_bytes(Text *t, Bytes b)
{
    text_bytes(t, (const char *)b.at, (size_t)(b.end - b.at));
}

static void put_name(Text *t, Bytes name)
{
    put(t, (uint64_t)(name.end - name.at));
    put_bytes(t, name);
}

/* ---- the object ------------------------------------------------------------------------------------- */

static void skip_limits(Bytes *b)
{
    bool has_most = take_byte(b) & 1;
    take(b);
    if (has_most) take(b);
}

static void read_imports(Linking *l)
{
    Bytes b = l->section[IMPORTS];
    for (uint64_t n = b.at ? take(&b) : 0; n > 0; n--) {
        take_name(&b);
        Bytes name = take_name(&b);
        switch (take_byte(&b)) {
        case IS_FUNCTION:
            vec_add(l->arena, &l->imported, name);
            vec_add(l->arena, &l->type, (uint32_t)take(&b));
            break;
        case IS_TABLE:
            take_byte(&b);
            skip_limits(&b);
            break;
        case IS_MEMORY: skip_limits(&b); break;
        default:
            if (!is_name(name, "__stack_pointer"))
                BUG("an object of WebAssembly imports %.*s", (int)(name.end - name.at), (const char *)name.at);
            l->has_stack = true;
            take_bytes(&b, 2);
        }
    }
}

/* How many functions the table holds. */
static void read_elements(Linking *l)
{
    Bytes b = l->section[ELEMENTS];
    if (!b.at) return;
    uint64_t tables = take(&b), flags = take(&b);
    if (tables != 1 || flags != 0 || take_byte(&b) != 0x41) BUG("a table of WebAssembly in several pieces");
    int64_t first = take_signed(&b);
    take_byte(&b);
    l->table = (uint64_t)first + take(&b);
}

/* Numbers of functions, types, globals stay as they are, and those of the table. */
static void read_places(Linking *l, Bytes b, bool of_code)
{
    take(&b); /* which section */
    for (uint64_t n = take(&b); n > 0; n--) {
        Place p = {.kind = take_byte(&b)};
        p.offset = take(&b);
        take(&b);
        if (p.kind >= ADDRESS_LEB && p.kind <= ADDRESS_I32) take_signed(&b);
        if (p.kind > MOST_RELOCATION && p.kind != TABLE_NUMBER) BUG("a relocation of WebAssembly of kind %d", p.kind);
        if (of_code)
            vec_add(l->arena, &l->code, p);
        else
            vec_add(l->arena, &l->data, p);
    }
}

static void read_symbols(Linking *l, Bytes b)
{
    for (uint64_t n = take(&b); n > 0; n--) {
        uint8_t kind = take_byte(&b);
        uint64_t flags = take(&b), index = 0;
        bool undefined = (flags & SYMBOL_UNDEFINED) != 0;
        if (kind == SYMBOL_SECTION) {
            take(&b);
            continue;
        }
        if (kind != SYMBOL_DATA) index = take(&b);
        Bytes name = kind == SYMBOL_DATA || !undefined || flags & SYMBOL_NAMED ? take_name(&b) : (Bytes){0};
        for (int i = 0; i < 3 && kind == SYMBOL_DATA && !undefined; i++)
            take(&b);
        if (kind != SYMBOL_FUNCTION || undefined || flags & (SYMBOL_LOCAL | SYMBOL_HIDDEN)) continue;
        put_name(&l->exports, name);
        put_byte(&l->exports, IS_FUNCTION);
        put(&l->exports, index);
        l->n_exports++;
    }
}

static void read_custom(Linking *l, Bytes b)
{
    enum { VERSION = 2, SYMBOL_TABLE_PART = 8 };
    Bytes name = take_name(&b);
    if (is_name(name, "reloc.CODE")) read_places(l, b, true);
    if (is_name(name, "reloc.DATA")) read_places(l, b, false);
    if (is_name(name, "target_features"))
        for (uint64_t n = take(&b); n > 0; n--) {
            bool is_used = take_byte(&b) == '+', is_bulk = is_name(take_name(&b), "bulk-memory");
            l->bulk |= is_used && is_bulk;
        }
    if (!is_name(name, "linking")) return;
    if (take(&b) != VERSION) BUG("an object of WebAssembly of another version");
    while (b.at < b.end) {
        uint8_t part = take_byte(&b);
        Bytes content = take_name(&b);
        if (part == SYMBOL_TABLE_PART) read_symbols(l, content);
    }
}

static void read_sections(Linking *l, Bytes object)
{
    take_bytes(&object, 8);
    while (object.at < object.end) {
        uint8_t id = take_byte(&object);
        Bytes content = take_name(&object);
        if (id == CUSTOM)
            read_custom(l, content);
        else if (id < N_SECTIONS)
            l->section[id] = content;
        else
            BUG("a section of WebAssembly of kind %d", id);
    }
    read_imports(l);
    read_elements(l);
}

/* ---- the three functions of string.h ------------------------------------------------------------------ */

/* Without instructions for all of it, byte by byte. Bodies have two kinds of locals at most; a copy goes forwards if its target lies below. */
static const unsigned char fill_all[] = {0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 0x0b, 0, 0x20, 0, 0x0b};
static const unsigned char copy_all[] = {0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 0x0a, 0, 0, 0x20, 0, 0x0b};
static const unsigned char fill_bytes[] = {0,    0x02, 0x40, 0x03, 0x40, /* block, loop */
                                           0x20, 2,    0x45, 0x0d, 1, /* leave if n is 0 */
                                           0x20, 2,    0x41, 1,    0x6b, 0x22, 2, 0x20, 0, 0x6a, /* --n + to */
                                           0x20, 1,    0x3a, 0,    0,    0x0c, 0, /* = byte; again */
                                           0x0b, 0x0b, 0x20, 0,    0x0b};
static const unsigned char copy_bytes[] = {1,    2,    0x7f, /* two more locals: all, at */
                                           0x20, 2,    0x21, 3,    0x02, 0x40, 0x03, 0x40, /* all = n; block, loop */
                                           0x20, 2,    0x45, 0x0d, 1, /* leave if n is 0 */
                                           0x20, 3,    0x20, 2,    0x6b, /* all - n */
                                           0x20, 2,    0x41, 1,    0x6b, /* or n - 1: */
                                           0x20, 0,    0x20, 1,    0x49, 0x1b, 0x21, 4, /* at, by to < from */
                                           0x20, 0,    0x20, 4,    0x6a, /* to + at */
                                           0x20, 1,    0x20, 4,    0x6a, 0x2d, 0,    0,    0x3a, 0, 0, /* = from[at] */
                                           0x20, 2,    0x41, 1,    0x6b, 0x21, 2,    0x0c, 0, /* --n; again */
                                           0x0b, 0x0b, 0x20, 0,    0x0b};

static const struct {
    const char *name;
    const unsigned char *with_bulk, *without;
    size_t n_with, n_without;
} known[] = {{"memset", fill_all, fill_bytes, sizeof fill_all, sizeof fill_bytes},
             {"memcpy", copy_all, copy_bytes, sizeof copy_all, sizeof copy_bytes},
             {"memmove", copy_all, copy_bytes, sizeof copy_all, sizeof copy_bytes}};
enum { N_KNOWN = sizeof known / sizeof *known };

static int known_function(Bytes name)
{
    for (int i = 0; i < N_KNOWN; i++)
        if (is_name(name, known[i].name)) return i;
    return -1;
}

static const char *check_imported(const Linking *l)
{
    for (uint32_t i = 0; i < l->imported.n; i++) {
        Bytes name = l->imported.at[i];
        if (known_function(name) < 0)
            return arena_print(l->arena,
                               "the program needs the function `%.*s`, which is C; a module has none: `nnc -c` makes an object that can be "
                               "linked with it",
                               (int)(name.end - name.at), (const char *)name.at);
    }
    return NULL;
}

/* ---- the module ------------------------------------------------------------------------------------- */

/* A number of the object, shorter than it stands there: objects have room for the largest. */
static void put_number(Text *t, Bytes *b, uint8_t kind)
{
    bool is_signed = kind == ADDRESS_SLEB || kind == TABLE_SLEB;
    int64_t v = is_signed ? take_signed(b) : (int64_t)take(b);
    if (kind == ADDRESS_SLEB || kind == ADDRESS_LEB) v += STACK_BYTES;
    if (is_signed)
        put_signed(t, v);
    else
        put(t, (uint64_t)v);
}

static void put_code(Linking *l, Text *out)
{
    Bytes b = l->section[CODE];
    const unsigned char *start = b.at;
    uint32_t next = 0;
    uint64_t n = take(&b);
    put(out, n + l->imported.n);
    for (uint32_t i = 0; i < l->imported.n; i++) {
        int k = known_function(l->imported.at[i]);
        const unsigned char *body = l->bulk ? known[k].with_bulk : known[k].without;
        put_name(out, (Bytes){body, body + (l->bulk ? known[k].n_with : known[k].n_without)});
    }
    for (; n > 0; n--) {
        Text body = {.arena = l->arena};
        Bytes old = take_name(&b);
        for (; next < l->code.n && start + l->code.at[next].offset < old.end; next++) {
            put_bytes(&body, (Bytes){old.at, start + l->code.at[next].offset});
            old.at = start + l->code.at[next].offset;
            put_number(&body, &old, l->code.at[next].kind);
        }
        put_bytes(&body, old);
        put_name(out, (Bytes){(const unsigned char *)text_c(&body), (const unsigned char *)body.at + body.n});
    }
}

static void move_pointers(const Linking *l, unsigned char *image, const unsigned char *from, const unsigned char *to)
{
    for (uint32_t i = 0; i < l->data.n; i++) {
        const unsigned char *place = l->section[DATA].at + l->data.at[i].offset;
        if (l->data.at[i].kind != ADDRESS_I32 || place < from || place >= to) continue;
        unsigned char *at = image + (place - from);
        uint32_t v = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        v += STACK_BYTES;
        for (int k = 0; k < 4; k++)
            at[k] = (unsigned char)(v >> 8 * k);
    }
}

/* All constants as one piece; its place is behind the stack. */
static Bytes constants(Linking *l)
{
    Bytes b = l->section[DATA];
    size_t n = 0, room = (size_t)(b.end - b.at);
    unsigned char *image = NULL;
    for (int pass = 0; pass < 2; pass++) { /* how large it is; its bytes */
        b = l->section[DATA];
        for (uint64_t left = b.at ? take(&b) : 0; left > 0; left--) {
            if (take(&b) != 0 || take_byte(&b) != 0x41) BUG("data of WebAssembly without a fixed place");
            size_t at = (size_t)take_signed(&b);
            take_byte(&b);
            Bytes bytes = take_name(&b);
            size_t end = at + (size_t)(bytes.end - bytes.at);
            if (end > n) n = end;
            if (!image) continue;
            memcpy(image + at, bytes.at, end - at);
            move_pointers(l, image + at, bytes.at, bytes.end);
        }
        if (!image) image = ARENA_ARRAY(l->arena, unsigned char, n + 1);
    }
    if (n > 64 * (room + 64)) BUG("data of WebAssembly with gaps");
    return (Bytes){image, image + n};
}

static void put_section(Text *out, uint8_t id, const Text *content)
{
    put_byte(out, id);
    put_name(out, (Bytes){(const unsigned char *)content->at, (const unsigned char *)content->at + content->n});
}

static void put_place(Text *t, int64_t place) /* a constant expression */
{
    put_byte(t, 0x41);
    put_signed(t, place);
    put_byte(t, 0x0b);
}

static void put_functions(Linking *l, Text *out)
{
    Text t = {.arena = l->arena};
    Bytes b = l->section[FUNCTIONS];
    put(&t, take(&b) + l->imported.n);
    for (uint32_t i = 0; i < l->type.n; i++)
        put(&t, l->type.at[i]);
    put_bytes(&t, b);
    put_section(out, FUNCTIONS, &t);
}

static void put_spaces(Linking *l, Text *out, uint64_t bytes)
{
    enum { FUNCREF = 0x70, I32 = 0x7f };
    Text table = {.arena = l->arena}, memory = {.arena = l->arena}, stack = {.arena = l->arena}, exports = {.arena = l->arena};
    put(&table, 1);
    put_byte(&table, FUNCREF);
    put_byte(&table, 1); /* as many at most */
    put(&table, l->table), put(&table, l->table);
    if (l->table) put_section(out, TABLES, &table);
    put(&memory, 1);
    put_byte(&memory, 0);
    put(&memory, (bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    put_section(out, MEMORIES, &memory);
    put(&stack, 1);
    put_byte(&stack, I32), put_byte(&stack, 1);
    put_place(&stack, STACK_BYTES);
    if (l->has_stack) put_section(out, GLOBALS, &stack);
    put(&exports, l->n_exports + 1);
    put_name(&exports, (Bytes){(const unsigned char *)"memory", (const unsigned char *)"memory" + 6});
    put_byte(&exports, IS_MEMORY), put(&exports, 0);
    text_bytes(&exports, text_c(&l->exports), l->exports.n);
    put_section(out, EXPORTS, &exports);
}

static void put_module(Linking *l, Text *out)
{
    Bytes data = constants(l);
    Text code = {.arena = l->arena}, t = {.arena = l->arena};
    text_bytes(out, "\0asm\1\0\0\0", 8);
    Text types = {.arena = l->arena}, elements = {.arena = l->arena};
    put_bytes(&types, l->section[TYPES]);
    put_section(out, TYPES, &types);
    put_functions(l, out);
    put_spaces(l, out, STACK_BYTES + (uint64_t)(data.end - data.at));
    put_bytes(&elements, l->section[ELEMENTS]);
    if (elements.n) put_section(out, ELEMENTS, &elements);
    put_code(l, &code);
    put_section(out, CODE, &code);
    put(&t, 1);
    put(&t, 0);
    put_place(&t, STACK_BYTES);
    put_name(&t, data);
    put_section(out, DATA, &t);
}

const char *emit_module(Arena *arena, const char *object, const char *output, bool *system)
{
    Text in = {.arena = arena}, out = {.arena = arena};
    Linking l = {.arena = arena, .exports = {.arena = arena}};
    *system = true;
    const char *wrong = input_read(&in, object);
    if (wrong) return wrong;
    read_sections(&l, (Bytes){(const unsigned char *)in.at, (const unsigned char *)in.at + in.n});
    *system = false;
    wrong = check_imported(&l);
    if (wrong) return wrong;
    put_module(&l, &out);
    *system = true;
    return output_bytes(arena, output, out.at, out.n);
}
