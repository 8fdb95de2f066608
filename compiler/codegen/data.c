/* SPDX-License-Identifier: MIT
 * data.c: constant data of the object: numbers, structs in C layout, texts, tables. */
#include "codegen/cg.h"

#include <string.h>

static CgConst add(Cg *cg, LLVMValueRef v)
{
    vec_add(cg->arena, &cg->constant, v);
    return cg->constant.n - 1;
}

static LLVMValueRef get(const Cg *cg, CgConst c)
{
    if (c == 0 || c >= cg->constant.n) BUG("no constant %u", c);
    return cg->constant.at[c];
}

CgConst cg_int(Cg *cg, int bits, int64_t value)
{
    return add(cg, LLVMConstInt(LLVMIntTypeInContext(cg->context, (unsigned)bits), (unsigned long long)value, 1));
}

CgConst cg_double(Cg *cg, double value)
{
    return add(cg, LLVMConstReal(LLVMDoubleTypeInContext(cg->context), value));
}

CgConst cg_null(Cg *cg)
{
    return add(cg, LLVMConstNull(LLVMPointerTypeInContext(cg->context, 0)));
}

CgConst cg_bytes(Cg *cg, const void *data, size_t n)
{
    return add(cg, LLVMConstStringInContext2(cg->context, data, n, 1));
}

/* A private constant; equal addresses of equal texts are allowed. */
static LLVMValueRef private_data(Cg *cg, LLVMValueRef value, const char *name)
{
    LLVMValueRef g = LLVMAddGlobal(cg->module, LLVMTypeOf(value), name);
    LLVMSetInitializer(g, value);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
    return g;
}

CgConst cg_string(Cg *cg, const char *text)
{
    LLVMValueRef value = LLVMConstStringInContext2(cg->context, text, strlen(text), 0);
    const char *name = arena_print(cg->arena, ".str%u", cg->n_strings++);
    return add(cg, private_data(cg, value, name));
}

CgConst cg_symbol(Cg *cg, const char *name)
{
    LLVMValueRef v = LLVMGetNamedFunction(cg->module, name);
    if (!v) v = LLVMGetNamedGlobal(cg->module, name);
    if (!v) v = LLVMAddGlobal(cg->module, LLVMInt8TypeInContext(cg->context), name);
    return add(cg, v);
}

static LLVMValueRef *values(Cg *cg, const CgConst *item, uint32_t n)
{
    LLVMValueRef *v = ARENA_ARRAY(cg->arena, LLVMValueRef, n ? n : 1);
    for (uint32_t i = 0; i < n; i++)
        v[i] = get(cg, item[i]);
    return v;
}

CgConst cg_struct(Cg *cg, const CgConst *field, uint32_t n)
{
    return add(cg, LLVMConstStructInContext(cg->context, values(cg, field, n), n, 0));
}

CgConst cg_array(Cg *cg, const CgConst *item, uint32_t n)
{
    LLVMValueRef *v = values(cg, item, n);
    for (uint32_t i = 1; i < n; i++)
        if (LLVMTypeOf(v[i]) != LLVMTypeOf(v[0])) BUG("items of a constant array have different types");
    LLVMTypeRef type = n ? LLVMTypeOf(v[0]) : LLVMInt8TypeInContext(cg->context);
    return add(cg, LLVMConstArray2(type, v, n));
}

CgConst cg_global(Cg *cg, const char *name, CgConst value, int align, bool exported)
{
    LLVMValueRef v = get(cg, value), old = LLVMGetNamedGlobal(cg->module, name);
    LLVMValueRef g = LLVMAddGlobal(cg->module, LLVMTypeOf(v), old ? "" : name);
    if (old) { /* declared by an earlier use */
        if (!LLVMIsDeclaration(old)) BUG("global %s is defined twice", name);
        LLVMReplaceAllUsesWith(old, g);
        for (uint32_t i = 1; i < cg->constant.n; i++)
            if (cg->constant.at[i] == old) cg->constant.at[i] = g;
        LLVMDeleteGlobal(old);
        LLVMSetValueName2(g, name, strlen(name));
    }
    LLVMSetInitializer(g, v);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetAlignment(g, (unsigned)align);
    LLVMSetLinkage(g, exported ? LLVMExternalLinkage : LLVMInternalLinkage);
    return add(cg, g);
}
