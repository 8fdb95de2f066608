/* SPDX-License-Identifier: MIT
 * ast.h: the syntax tree, one struct per grammar category (language.md#grammar).
 *
 * Nodes live in the compilation's arena and are never changed after parsing. Names are interned
 * (compare with ==). Every node has a span. Lists are linked by `next` in source order. */
#ifndef NNC_SYNTAX_AST_H
#define NNC_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "support/source.h"
#include "support/vec.h"

typedef struct Expr Expr;
typedef struct Stmt Stmt;
typedef struct Member Member;
typedef struct TypeExpr TypeExpr;
typedef struct FnDecl FnDecl;

typedef struct Name { /* a name with its place, in a list */
    struct Name *next;
    const char *text;
    Span span;
    bool pack; /* *S in binders */
    bool hole; /* _ as a target */
} Name;

/* ---- expressions ------------------------------------------------------------------------- */

typedef enum {
    EXPR_NAME,    /* name */
    EXPR_INT,     /* integer */
    EXPR_FLOAT,   /* number */
    EXPR_STRING,  /* name (decoded, interned) */
    EXPR_BOOL,    /* integer 0, 1 */
    EXPR_HOLE,    /* _ */
    EXPR_TUPLE,   /* ( a, b ): list, at least two */
    EXPR_LIST,    /* [ a, b ] */
    EXPR_CALL,    /* a ( args ) */
    EXPR_INDEX,   /* a [ indices ] */
    EXPR_FIELD,   /* a . name */
    EXPR_CONVERT, /* float ( a ): elem, a */
    EXPR_GRAD,    /* grad ( args ) */
    EXPR_UNARY,   /* op a */
    EXPR_BINARY,  /* a op b */
    EXPR_IF,      /* a if c else b */
    EXPR_RANGE,   /* a .. b */
} ExprKind;

typedef enum {
    /* clang-format off */
    OPER_ADD, OPER_SUB, OPER_MUL, OPER_DIV, OPER_FLOORDIV, OPER_MOD, OPER_MATMUL, OPER_POW,
    OPER_EQ, OPER_NE, OPER_LT, OPER_LE, OPER_GT, OPER_GE, OPER_AND, OPER_OR, OPER_NOT, OPER_NEG,
    /* clang-format on */
} Oper;
const char *oper_name(Oper oper); /* print.c: "+" */

typedef enum {
    /* clang-format off */
    ELEM_none, ELEM_float, ELEM_int, ELEM_bool, ELEM_f16, ELEM_bf16, ELEM_f32, ELEM_f64,
    ELEM_i8, ELEM_i32, ELEM_i64, ELEM_u8,
    /* clang-format on */
} Elem;
const char *elem_name(Elem elem); /* print.c: "float"; "value" for none */

enum { AST_MOST_DEPTH = 1000 };

/* Which way a value is better: `minimize` or `maximize` in front of a function or a reported value. */
typedef enum { GOAL_NONE, GOAL_LOWER, GOAL_HIGHER } Goal;

typedef struct Arg { /* of a call: e, name = e, or *name */
    struct Arg *next;
    const char *name; /* of `name = e` or `*name`; else NULL */
    Span name_span;
    bool pack;   /* *name: value is NULL */
    Expr *value;
    Span span;
    Goal goal;   /* in a report */
} Arg;

/* A hole is INDEX_EXPR of EXPR_HOLE. */
typedef enum { INDEX_EXPR, INDEX_SLICE, INDEX_ELLIPSIS } IndexKind;
typedef struct Index {
    struct Index *next;
    IndexKind kind;
    Expr *lo, *hi, *step; /* INDEX_EXPR uses lo; each may be NULL in a slice */
    Span span;
} Index;

struct Expr {
    ExprKind kind;
    Span span;
    Expr *next; /* in a list of expressions */
    const char *name;
    Span name_span; /* of .name in EXPR_FIELD; of the operator in UNARY, BINARY */
    int64_t integer;
    double number;
    Oper oper;
    Elem elem;
    bool parens; /* written in ( ) */
    uint16_t depth; /* of the tree below, at most AST_MOST_DEPTH: passes may recurse */
    Expr *a, *b, *c;
    Expr *list; /* TUPLE, LIST */
    Arg *args;
    Index *indices;
};

/* ---- types ------------------------------------------------------------------------------- */

/* Dimensions are expressions: EXPR_INT, EXPR_NAME, EXPR_FIELD (a.n), EXPR_INDEX (a[i]), EXPR_CALL of `size` with a
 * pack argument, EXPR_BINARY with + - * // %. */
typedef enum { DIMITEM_EXPR, DIMITEM_PACK, DIMITEM_STRETCH, DIMITEM_ASK } DimItemKind;
typedef struct DimItem {
    struct DimItem *next;
    DimItemKind kind;
    Expr *expr;       /* DIMITEM_EXPR */
    const char *name; /* DIMITEM_PACK */
    Span span;
} DimItem;

typedef enum {
    /* clang-format off */
    TYPE_TENSOR, TYPE_TUPLE, TYPE_DIM, TYPE_STRING, TYPE_INTS, TYPE_FN, TYPE_LAYER,
    /* clang-format on */
} TypeKind;
struct TypeExpr {
    TypeKind kind;
    Span span;
    TypeExpr *next; /* in a tuple */
    Elem elem;
    Expr *bound;    /* int<bound> or NULL */
    bool brackets;  /* a scalar has none */
    DimItem *dims;
    const char *as_data, *as_field; /* `as data.field`, or NULL */
    Span as_span;
    TypeExpr *items; /* TYPE_TUPLE */
};

typedef struct Param {
    struct Param *next;
    const char *name;
    Span name_span, span;
    TypeExpr *type;
    Expr *value; /* default or NULL */
} Param;

/* ---- statements -------------------------------------------------------------------------- */

typedef enum {
    STMT_ASSIGN,   /* targets = values */
    STMT_TYPED,    /* name : type = value; expect if checked at run time */
    STMT_SET,      /* name := value */
    STMT_RETURN,   /* values */
    STMT_IF,       /* cond body orelse (an else-if is one STMT_IF in orelse) */
    STMT_FOR,      /* name in value body */
    STMT_SCAN,     /* sources along with carries body */
    STMT_EMIT,     /* name = value */
    STMT_MINIMIZE, /* value groups */
    STMT_REPORT,   /* args */
    STMT_ASSERT,   /* values: the condition, and perhaps a text */
    STMT_PRINT,    /* args */
} StmtKind;

typedef struct Source { /* name in expr */
    struct Source *next;
    const char *name;
    Span span;
    Expr *value;
} Source;

typedef struct Carry { /* name [: type] = value */
    struct Carry *next;
    const char *name;
    Span span;
    TypeExpr *type;
    Expr *value;
} Carry;

typedef struct TrainGroup { /* over paths except excepts using optimizer */
    struct TrainGroup *next;
    Expr *over, *except, *optimizer; /* over, except: lists by next */
    Span span;
} TrainGroup;

struct Stmt {
    StmtKind kind;
    Span span;
    Stmt *next;
    Name *targets;
    const char *name;
    Span name_span;
    TypeExpr *type;
    bool expect;
    Expr *value, *values; /* values: a list by next */
    Expr *cond;
    Stmt *body, *orelse;
    bool has_else;
    Source *sources;
    Expr *along;
    Carry *carries;
    TrainGroup *groups;
    Arg *args;
};

/* ---- members and declarations ------------------------------------------------------------ */

typedef enum {
    /* clang-format off */
    MEMBER_PARAM, MEMBER_STATE, MEMBER_LAYER, MEMBER_LOCAL, MEMBER_IF, MEMBER_FOR, MEMBER_FN,
    /* clang-format on */
} MemberKind;
struct Member {
    MemberKind kind;
    Span span;
    Member *next;
    const char *name; /* all but IF */
    Span name_span;
    TypeExpr *type;   /* PARAM, STATE */
    Expr *value;      /* PARAM, STATE (may be NULL), LAYER, LOCAL; bounds of FOR; condition of IF */
    Expr *indices;    /* layer name[indices] = value, a list by next */
    Member *body, *orelse;
    bool has_else;
    FnDecl *fn;
};

struct FnDecl {
    const char *name;
    Span name_span, span;
    Name *binders;
    Param *params;
    TypeExpr *result; /* NULL: returns nothing */
    Expr *requires_;  /* list */
    Stmt *body;
    bool is_extern;
    Goal goal;
    bool has_grad, surrogate;
    Name *grad_names;
    Stmt *grad_body;
};

typedef enum {
    DECL_IMPORT,    /* path as name */
    DECL_CONST,     /* name = value */
    DECL_OPTION,    /* name : type = value doc */
    DECL_DATA,      /* name [binders] fields */
    DECL_LAYER,     /* name (config) requires members */
    DECL_METRIC,    /* name [binders] (config) requires members */
    DECL_MODEL,     /* name = value */
    DECL_OPTIMIZER, /* name = value */
    DECL_TRAIN,     /* name [binders] (heads) body */
    DECL_EVAL,
    DECL_FN,        /* fn; exported if `is_export` */
} DeclKind;

typedef struct Head { /* name in value, or name = value */
    struct Head *next;
    const char *name;
    Span name_span, span;
    bool in;
    Expr *value;
} Head;

typedef struct Field { /* name : type = value, or name(args) such as split(...) */
    struct Field *next;
    const char *name;
    Span name_span, span;
    TypeExpr *type; /* NULL: a call */
    Expr *value;
    Arg *args;
} Field;

typedef struct Decl {
    struct Decl *next;
    DeclKind kind;
    Span span, name_span;
    const char *name;
    const char *path; /* IMPORT */
    Expr *value;
    TypeExpr *type;
    const char *doc;  /* OPTION, or NULL */
    Name *binders;
    Param *config;
    bool has_config;
    Expr *requires_;
    Member *members;
    Field *fields;
    Head *heads;
    Stmt *body;
    FnDecl *fn;
    bool is_export;
    bool broken; /* it holds a syntax error: parts of it are absent */
} Decl;

typedef struct Ast {
    uint32_t file;
    Decl *decls;
    VEC(Span) lost;  /* text that is not in the tree, or in broken declarations (lost.h) */
    bool nameless;   /* a declaration has no name: it may be what any name stands for */
    bool unreadable; /* nothing can be said of what the tree holds */
} Ast;

#endif
