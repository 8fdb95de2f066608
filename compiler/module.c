/* SPDX-License-Identifier: MIT
 * module.c: a module of WebAssembly: iris.wasm, iris.mjs with its functions, iris.d.mts with their types. */
#include "module.h"

#include <string.h>

#include "files.h"
#include "support/output.h"

/* "dir/iris.wasm" -> "dir/iris.mjs" */
static const char *beside(Nnc *cx, const char *end)
{
    const char *wasm = files_output(cx);
    return arena_print(&cx->arena, "%.*s%s", (int)(strlen(wasm) - strlen(".wasm")), wasm, end);
}

int module_check(Nnc *cx)
{
    if (cx->o->n_link_inputs)
        return driver_fail(cx, 2,
                           arena_print(&cx->arena, "%s: a module for wasm32 is made of the program alone; `nnc -c` makes an object to link",
                                       cx->o->link_inputs[0]));
    int status = cx->o->output && output_is_special(cx->o->output) ? files_check(cx, "-o", cx->o->output, true) : 0; /* three are made */
    if (!status) status = files_check(cx, "-o", files_output(cx), true);
    if (!status) status = files_check(cx, "-o", beside(cx, ".mjs"), true);
    return status ? status : files_check(cx, "-o", beside(cx, ".d.mts"), true);
}

int module_link(Nnc *cx, const char *object, const char *output)
{
    bool system = false;
    const char *wrong = emit_module(&cx->arena, object, output, &system);
    return wrong ? driver_fail(cx, system ? 3 : 1, system ? wrong : arena_print(&cx->arena, "%s: %s", cx->o->input, wrong)) : 0;
}

int module_write(Nnc *cx, const EmitProgram *e)
{
    const char *wasm = strrchr(files_output(cx), '/');
    wasm = wasm ? wasm + 1 : files_output(cx);
    int status = files_write(cx, beside(cx, ".mjs"), emit_javascript(e, wasm), false);
    return status ? status : files_write(cx, beside(cx, ".d.mts"), emit_typescript(e), false);
}
