/* SPDX-License-Identifier: MIT
 * parser.y: tokens -> syntax tree (language.md#grammar). No conflicts, no precedences; actions
 * only call builders. */
%define api.pure full
%define api.value.type {TokenValue}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%param { Parser *p }

%code requires {
#include "syntax/build.h"
}
%code {
#include "lexer.h"
#include "syntax/hints.h"
#include "syntax/lost.h"

#define YYLLOC_DEFAULT(Current, Rhs, N) \
    do { \
        if (N) { \
            (Current) = (Span){ YYRHSLOC(Rhs, 1).file, YYRHSLOC(Rhs, 1).lo, YYRHSLOC(Rhs, N).hi }; \
        } else { \
            (Current) = (Span){ YYRHSLOC(Rhs, 0).file, YYRHSLOC(Rhs, 0).hi, YYRHSLOC(Rhs, 0).hi }; \
        } \
    } while (0)

static int yylex(TokenValue *value, Span *span, Parser *p)
{
    return lexer_next(p->lexer, value, span);
}
/* Only called when the parser's stack is full. */
static void yyerror(const Span *span, Parser *p, const char *text)
{
    (void)text;
    diag_error(p->diags, "E0207", *span, "this is nested too deeply");
}
#define YYMAXDEPTH 4000
}

%token IMPORT "import" AS "as" CONST "const" OPTION "option" DATA "data"
%token LAYER "layer" METRIC "metric" MODEL "model" OPTIMIZER "optimizer"
%token PARAM "param" STATE "state" FN "fn" EXPORT "export" EXTERN "extern"
%token GRAD "grad" REQUIRES "requires" TRAIN "train" EVAL "eval"
%token RETURN "return" IF "if" ELSE "else" FOR "for" IN "in"
%token SCAN "scan" ALONG "along" WITH "with" EMIT "emit" EXPECT "expect"
%token MINIMIZE "minimize" MAXIMIZE "maximize" OVER "over" EXCEPT "except" USING "using"
%token REPORT "report" ASSERT "assert" PRINT "print" AND "and" OR "or" NOT "not" TRUE "true" FALSE "false"
%token <elem> DTYPE "element type"
%token DIM "dim" STRINGKW "string" INTS "ints"
%token <name> IDENT "name" STRING "string literal"
%token <number> NUMBER "number"
%token ARROW "->" DOTDOT ".." ELLIPSIS "..." BECOMES ":=" HOLE "_"
%token EQ "==" NE "!=" LE "<=" GE ">=" FLOORDIV "//" POW "**" SEMI "end of line"
%token END 0 "end of file"

%type <expr> expr range disj conj neg cmp sum prod unary power postfix atom exprs opt_requires
%type <expr> opt_along opt_except dim dterm datom slice_lo
%type <oper> cmpop
%type <arg> args args1 arg report_args report_arg
%type <goal> goal
%type <index> indices index slice
%type <type> type elem types opt_result
%type <dim> dims dim_item
%type <names> opt_binders binders binder names targets target
%type <param> params params1 param_decl
%type <config> opt_config
%type <head> opt_heads heads head
%type <field> fields field
%type <member> members member mblock
%type <stmt> block stmts stmt if_stmt
%type <source> sources source
%type <carry> carries carry
%type <group> groups group
%type <decl> decl
%type <fn> fn_decl goal_fn
%type <name> opt_doc
%%
program     : decls opt_semi ;
opt_semi    : %empty | end ;
end         : SEMI { yyerrok; } ; /* what stands on the next line is a matter of its own */
decls       : decl                         { ast_add_decl(p, $1); }
            | decls end decl              { ast_add_decl(p, $3); }
            | error                        { lost_begin(p, @1); }
            | decls end error              { lost_begin(p, @3); } ;

decl        : IMPORT STRING AS IDENT
                                           { $$ = ast_decl(p, DECL_IMPORT, $4, @4, @$);
                                             $$->path = $2; }
            | CONST IDENT '=' expr
                                           { $$ = ast_decl(p, DECL_CONST, $2, @2, @$);
                                             $$->value = $4; }
            | OPTION IDENT ':' type '=' expr opt_doc
                                           { $$ = ast_decl(p, DECL_OPTION, $2, @2, @$);
                                             $$->type = $4; $$->value = $6; $$->doc = $7; }
            | DATA IDENT opt_binders '{' fields opt_semi '}'
                                           { $$ = ast_decl(p, DECL_DATA, $2, @2, @$);
                                             $$->binders = $3; $$->fields = $5; }
            | LAYER IDENT opt_config opt_requires '{' members opt_semi '}'
                                           { $$ = ast_decl(p, DECL_LAYER, $2, @2, @$);
                                             ast_set_config($$, $3); $$->requires_ = $4;
                                             $$->members = $6; }
            | METRIC IDENT opt_binders opt_config opt_requires '{' members opt_semi '}'
                                           { $$ = ast_decl(p, DECL_METRIC, $2, @2, @$);
                                             $$->binders = $3; ast_set_config($$, $4);
                                             $$->requires_ = $5; $$->members = $7; }
            | MODEL IDENT '=' expr
                                           { $$ = ast_decl(p, DECL_MODEL, $2, @2, @$);
                                             $$->value = $4; }
            | OPTIMIZER IDENT '=' expr
                                           { $$ = ast_decl(p, DECL_OPTIMIZER, $2, @2, @$);
                                             $$->value = $4; }
            | TRAIN IDENT opt_binders '(' opt_heads ')' block
                                           { $$ = ast_decl(p, DECL_TRAIN, $2, @2, @$);
                                             $$->binders = $3; $$->heads = $5; $$->body = $7; }
            | EVAL IDENT opt_binders '(' opt_heads ')' block
                                           { $$ = ast_decl(p, DECL_EVAL, $2, @2, @$);
                                             $$->binders = $3; $$->heads = $5; $$->body = $7; }
            | goal_fn
                                           { $$ = ast_decl(p, DECL_FN, $1->name, $1->name_span, @$);
                                             $$->fn = $1; }
            | EXPORT fn_decl
                                           { $$ = ast_decl(p, DECL_FN, $2->name, $2->name_span, @$);
                                             $$->fn = $2; $$->is_export = true; }
            | EXTERN FN IDENT opt_binders '(' params ')' opt_result opt_requires
                                           { $$ = ast_decl(p, DECL_FN, $3, @3, @$);
                                             $$->fn = ast_fn(p, $3, @3, $4, $6, $8, $9, NULL, @$);
                                             $$->fn->is_extern = true; } ;

goal_fn     : fn_decl
            | goal fn_decl                 { $$ = $2; $$->goal = $1; } ;
goal        : MINIMIZE                     { $$ = GOAL_LOWER; }
            | MAXIMIZE                     { $$ = GOAL_HIGHER; } ;

fn_decl     : FN IDENT opt_binders '(' params ')' opt_result opt_requires block
                                           { $$ = ast_fn(p, $2, @2, $3, $5, $7, $8, $9, @$); }
            | FN IDENT opt_binders '(' params ')' opt_result opt_requires block
              GRAD '(' names ')' block
                                           { $$ = ast_fn(p, $2, @2, $3, $5, $7, $8, $9, @$);
                                             ast_fn_grad(p, $$, NULL, @10, $12, $14); }
            | FN IDENT opt_binders '(' params ')' opt_result opt_requires block
              GRAD IDENT '(' names ')' block
                                           { $$ = ast_fn(p, $2, @2, $3, $5, $7, $8, $9, @$);
                                             ast_fn_grad(p, $$, $11, @11, $13, $15); } ;
opt_doc     : %empty { $$ = NULL; } | STRING { $$ = $1; } ;
opt_result  : %empty { $$ = NULL; } | ARROW type { $$ = $2; } ;
opt_requires: %empty { $$ = NULL; } | REQUIRES exprs { $$ = $2; } ;
opt_config  : %empty { $$ = (Config){ NULL, false }; }
            | '(' params ')' { $$ = (Config){ $2, true }; } ;

opt_binders : %empty { $$ = NULL; } | '[' binders ']' { $$ = $2; } ;
binders     : binder | binders ',' binder { $$ = $1; AST_APPEND(p, $$, $3); } ;
binder      : IDENT { $$ = ast_binder(p, $1, false, false, @$); }
            | '*' IDENT { $$ = ast_binder(p, $2, true, false, @$); } ;

params      : %empty { $$ = NULL; } | params1 ;
params1     : param_decl | params1 ',' param_decl { $$ = $1; AST_APPEND(p, $$, $3); } ;
param_decl  : IDENT ':' type               { $$ = ast_param(p, $1, @1, $3, NULL, @$); }
            | IDENT ':' type '=' expr      { $$ = ast_param(p, $1, @1, $3, $5, @$); } ;

opt_heads   : %empty { $$ = NULL; } | heads ;
heads       : head | heads ',' head { $$ = $1; AST_APPEND(p, $$, $3); } ;
head        : IDENT IN expr                { $$ = ast_head(p, $1, @1, true, $3, @$); }
            | IDENT '=' expr               { $$ = ast_head(p, $1, @1, false, $3, @$); } ;

fields      : field
            | fields end field            { $$ = $1; AST_APPEND(p, $$, $3); }
            | error                        { $$ = NULL; }
            | fields end error            { $$ = $1; } ;
field       : IDENT ':' type '=' expr      { $$ = ast_field(p, $1, @1, $3, $5, NULL, @$); }
            | IDENT '(' args ')'           { $$ = ast_field(p, $1, @1, NULL, NULL, $3, @$); } ;

members     : member
            | members end member          { $$ = $1; AST_APPEND(p, $$, $3); }
            | error                        { $$ = NULL; }
            | members end error           { $$ = $1; } ;
member      : PARAM IDENT ':' type
                                           { $$ = ast_member(p, MEMBER_PARAM, $2, @2, @$);
                                             $$->type = $4; }
            | PARAM IDENT ':' type '=' expr
                                           { $$ = ast_member(p, MEMBER_PARAM, $2, @2, @$);
                                             $$->type = $4; $$->value = $6; }
            | STATE IDENT ':' type
                                           { $$ = ast_member(p, MEMBER_STATE, $2, @2, @$);
                                             $$->type = $4; }
            | STATE IDENT ':' type '=' expr
                                           { $$ = ast_member(p, MEMBER_STATE, $2, @2, @$);
                                             $$->type = $4; $$->value = $6; }
            | LAYER IDENT '=' expr
                                           { $$ = ast_member(p, MEMBER_LAYER, $2, @2, @$);
                                             $$->value = $4; }
            | LAYER IDENT '[' exprs ']' '=' expr
                                           { $$ = ast_member(p, MEMBER_LAYER, $2, @2, @$);
                                             $$->indices = $4; $$->value = $7; }
            | IDENT '=' expr
                                           { $$ = ast_member(p, MEMBER_LOCAL, $1, @1, @$);
                                             $$->value = $3; }
            | IF expr mblock
                                           { $$ = ast_member(p, MEMBER_IF, NULL, @1, @$);
                                             $$->value = $2; $$->body = $3; }
            | IF expr mblock ELSE mblock
                                           { $$ = ast_member(p, MEMBER_IF, NULL, @1, @$);
                                             $$->value = $2; $$->body = $3; $$->orelse = $5;
                                             $$->has_else = true; }
            | FOR IDENT IN expr mblock
                                           { $$ = ast_member(p, MEMBER_FOR, $2, @2, @$);
                                             $$->value = $4; $$->body = $5; }
            | goal_fn
                                           { $$ = ast_member(p, MEMBER_FN, $1->name, @1, @$);
                                             $$->name_span = $1->name_span; $$->fn = $1; } ;
mblock      : '{' members opt_semi '}'     { $$ = $2; } ;

block       : '{' '}'                      { $$ = NULL; }
            | '{' stmts opt_semi '}'       { $$ = $2; } ;
stmts       : stmt
            | stmts end stmt              { $$ = $1; AST_APPEND(p, $$, $3); }
            | error                        { $$ = NULL; }
            | stmts end error             { $$ = $1; } ;
stmt        : targets '=' exprs
                                           { $$ = ast_stmt(p, STMT_ASSIGN, @$); $$->targets = $1;
                                             $$->values = $3; }
            | IDENT ':' type '=' expr
                                           { $$ = ast_stmt(p, STMT_TYPED, @$); $$->name = $1;
                                             $$->name_span = @1; $$->type = $3; $$->value = $5; }
            | EXPECT IDENT ':' type '=' expr
                                           { $$ = ast_stmt(p, STMT_TYPED, @$); $$->name = $2;
                                             $$->name_span = @2; $$->type = $4; $$->value = $6;
                                             $$->expect = true; }
            | IDENT BECOMES expr
                                           { $$ = ast_stmt(p, STMT_SET, @$); $$->name = $1;
                                             $$->name_span = @1; $$->value = $3; }
            | RETURN exprs                 { $$ = ast_stmt(p, STMT_RETURN, @$); $$->values = $2; }
            | if_stmt
            | FOR IDENT IN expr block
                                           { $$ = ast_stmt(p, STMT_FOR, @$); $$->name = $2;
                                             $$->name_span = @2; $$->value = $4; $$->body = $5; }
            | SCAN sources opt_along WITH carries block
                                           { $$ = ast_stmt(p, STMT_SCAN, @$); $$->sources = $2;
                                             $$->along = $3; $$->carries = $5; $$->body = $6; }
            | EMIT IDENT '=' expr
                                           { $$ = ast_stmt(p, STMT_EMIT, @$); $$->name = $2;
                                             $$->name_span = @2; $$->value = $4; }
            | MINIMIZE expr groups         { $$ = ast_stmt(p, STMT_MINIMIZE, @$); $$->value = $2;
                                             $$->groups = $3; }
            | REPORT report_args           { $$ = ast_stmt(p, STMT_REPORT, @$); $$->args = $2; }
            | ASSERT exprs                 { $$ = ast_stmt(p, STMT_ASSERT, @$); $$->values = $2; }
            | PRINT '(' args ')'           { $$ = ast_stmt(p, STMT_PRINT, @$); $$->args = $3; } ;
if_stmt     : IF expr block
                                           { $$ = ast_stmt(p, STMT_IF, @$); $$->cond = $2;
                                             $$->body = $3; }
            | IF expr block ELSE block
                                           { $$ = ast_stmt(p, STMT_IF, @$); $$->cond = $2;
                                             $$->body = $3; $$->orelse = $5; $$->has_else = true; }
            | IF expr block ELSE if_stmt
                                           { $$ = ast_stmt(p, STMT_IF, @$); $$->cond = $2;
                                             $$->body = $3; $$->orelse = $5; $$->has_else = true;
                                             } ;
report_args : report_arg
            | report_args ',' report_arg   { $$ = $1; AST_APPEND(p, $$, $3); } ;
report_arg  : arg
            | goal arg                     { $$ = $2; $$->goal = $1; $$->span = @$; } ;
groups      : group | groups group        { $$ = $1; AST_APPEND(p, $$, $2); } ;
group       : OVER exprs opt_except USING expr
                                           { $$ = ast_train_group(p, $2, $3, $5, @$); } ;
opt_except  : %empty { $$ = NULL; } | EXCEPT exprs { $$ = $2; } ;
sources     : source | sources ',' source  { $$ = $1; AST_APPEND(p, $$, $3); } ;
source      : IDENT IN expr                { $$ = ast_source(p, $1, @1, $3); } ;
opt_along   : %empty { $$ = NULL; } | ALONG expr { $$ = $2; } ;
carries     : carry | carries ',' carry    { $$ = $1; AST_APPEND(p, $$, $3); } ;
carry       : IDENT '=' expr               { $$ = ast_carry(p, $1, @1, NULL, $3); }
            | IDENT ':' type '=' expr      { $$ = ast_carry(p, $1, @1, $3, $5); } ;
names       : IDENT                        { $$ = ast_binder(p, $1, false, false, @1); }
            | names ',' IDENT
                                           { $$ = $1;
                                             Name *n_ = ast_binder(p, $3, false, false, @3);
                                             AST_APPEND(p, $$, n_); } ;
targets     : target | targets ',' target  { $$ = $1; AST_APPEND(p, $$, $3); } ;
target      : IDENT                        { $$ = ast_binder(p, $1, false, false, @1); }
            | HOLE                         { $$ = ast_binder(p, "_", false, true, @1); } ;

/* ---- types ---------------------------------------------------------- */
type        : elem
            | elem AS IDENT '.' IDENT      { $$ = ast_type_as($1, $3, $5, @$); }
            | elem '[' dims ']'            { $$ = ast_type_dims($1, $3, @$); }
            | elem '[' dims ']' AS IDENT '.' IDENT
                                           { TypeExpr *t = ast_type_dims($1, $3, @$);
                                             $$ = ast_type_as(t, $6, $8, @$); }
            | '(' types ')'                { $$ = ast_type(p, TYPE_TUPLE, @$); $$->items = $2; }
            | DIM                          { $$ = ast_type(p, TYPE_DIM, @$); }
            | STRINGKW                     { $$ = ast_type(p, TYPE_STRING, @$); }
            | INTS                         { $$ = ast_type(p, TYPE_INTS, @$); }
            | FN                           { $$ = ast_type(p, TYPE_FN, @$); }
            | LAYER                        { $$ = ast_type(p, TYPE_LAYER, @$); } ;
elem        : DTYPE                        { $$ = ast_type(p, TYPE_TENSOR, @$); $$->elem = $1; }
            | DTYPE '<' dim '>'
                                           { $$ = ast_type(p, TYPE_TENSOR, @$); $$->elem = $1;
                                             $$->bound = $3; } ;
types       : type | types ',' type        { $$ = $1; AST_APPEND(p, $$, $3); } ;
dims        : dim_item | dims ',' dim_item { $$ = $1; AST_APPEND(p, $$, $3); } ;
dim_item    : dim                          { $$ = ast_dim(p, DIMITEM_EXPR, $1, NULL, @$); }
            | '*' IDENT                    { $$ = ast_dim(p, DIMITEM_PACK, NULL, $2, @$); }
            | HOLE                         { $$ = ast_dim(p, DIMITEM_STRETCH, NULL, NULL, @$); }
            | '?'                          { $$ = ast_dim(p, DIMITEM_ASK, NULL, NULL, @$); } ;
dim         : dterm
            | dim '+' dterm                { $$ = ast_binary(p, OPER_ADD, $1, $3, @2, @$); }
            | dim '-' dterm                { $$ = ast_binary(p, OPER_SUB, $1, $3, @2, @$); } ;
dterm       : datom
            | dterm '*' datom              { $$ = ast_binary(p, OPER_MUL, $1, $3, @2, @$); }
            | dterm FLOORDIV datom         { $$ = ast_binary(p, OPER_FLOORDIV, $1, $3, @2, @$); }
            | dterm '%' datom              { $$ = ast_binary(p, OPER_MOD, $1, $3, @2, @$); } ;
datom       : NUMBER                       { $$ = ast_number(p, $1, @1); }
            | IDENT                        { $$ = ast_name(p, $1, @1); }
            | IDENT '.' IDENT              { $$ = ast_field_of(p, ast_name(p, $1, @1), $3, @3, @$); }
            | IDENT '[' expr ']'
                                           { Index *i =
                                                 ast_index(p, INDEX_EXPR, $3, NULL, NULL, @3);
                                             $$ = ast_index_of(p, ast_name(p, $1, @1), i, @$);
                                             }
            | IDENT '(' '*' IDENT ')'
                                           { Arg *a = ast_arg(p, $4, @4, true, NULL, @4);
                                             $$ = ast_call(p, ast_name(p, $1, @1), a, @$);
                                             }
            | '(' dim ')'                  { $$ = $2; $$->parens = true; } ;

/* ---- expressions ----------------------------------------------------- */
exprs       : expr | exprs ',' expr        { $$ = $1; AST_APPEND(p, $$, $3); } ;
expr        : range | range IF range ELSE expr { $$ = ast_if(p, $1, $3, $5, @$); } ;
range       : disj | disj DOTDOT disj      { $$ = ast_range(p, $1, $3, @$); } ;
disj        : conj | disj OR conj          { $$ = ast_binary(p, OPER_OR, $1, $3, @2, @$); } ;
conj        : neg | conj AND neg           { $$ = ast_binary(p, OPER_AND, $1, $3, @2, @$); } ;
neg         : cmp | NOT neg                { $$ = ast_unary(p, OPER_NOT, $2, @1, @$); } ;
cmp         : sum | sum cmpop sum          { $$ = ast_binary(p, $2, $1, $3, @2, @$); } ;
cmpop       : EQ { $$ = OPER_EQ; }
            | NE { $$ = OPER_NE; }
            | '<' { $$ = OPER_LT; }
            | LE { $$ = OPER_LE; }
            | '>' { $$ = OPER_GT; }
            | GE { $$ = OPER_GE; } ;
sum         : prod
            | sum '+' prod                 { $$ = ast_binary(p, OPER_ADD, $1, $3, @2, @$); }
            | sum '-' prod                 { $$ = ast_binary(p, OPER_SUB, $1, $3, @2, @$); } ;
prod        : unary
            | prod '*' unary               { $$ = ast_binary(p, OPER_MUL, $1, $3, @2, @$); }
            | prod '/' unary               { $$ = ast_binary(p, OPER_DIV, $1, $3, @2, @$); }
            | prod FLOORDIV unary          { $$ = ast_binary(p, OPER_FLOORDIV, $1, $3, @2, @$); }
            | prod '%' unary               { $$ = ast_binary(p, OPER_MOD, $1, $3, @2, @$); }
            | prod '@' unary               { $$ = ast_binary(p, OPER_MATMUL, $1, $3, @2, @$); } ;
unary       : power | '-' unary            { $$ = ast_unary(p, OPER_NEG, $2, @1, @$); } ;
power       : postfix | postfix POW unary  { $$ = ast_binary(p, OPER_POW, $1, $3, @2, @$); } ;
postfix     : atom
            | postfix '(' args ')'         { $$ = ast_call(p, $1, $3, @$); }
            | postfix '[' indices ']'      { $$ = ast_index_of(p, $1, $3, @$); }
            | postfix '.' IDENT            { $$ = ast_field_of(p, $1, $3, @3, @$); }
            | postfix '.' NUMBER           { $$ = ast_number_of(p, $1, $3, @3, @$); } ;
atom        : IDENT                        { $$ = ast_name(p, $1, @1); }
            | NUMBER                       { $$ = ast_number(p, $1, @1); }
            | STRING                       { $$ = ast_string(p, $1, @1); }
            | TRUE                         { $$ = ast_bool(p, true, @1); }
            | FALSE                        { $$ = ast_bool(p, false, @1); }
            | HOLE                         { $$ = ast_expr(p, EXPR_HOLE, @1); }
            | '(' exprs ')'                { $$ = ast_group(p, $2, @$); }
            | '[' exprs ']'                { $$ = ast_list(p, $2, @$); }
            | DTYPE '(' expr ')'           { $$ = ast_convert(p, $1, $3, @$); }
            | GRAD '(' args ')'            { $$ = ast_grad(p, $3, @1, @$); } ;
args        : %empty { $$ = NULL; } | args1 | args1 ',' ;
args1       : arg | args1 ',' arg          { $$ = $1; AST_APPEND(p, $$, $3); } ;
arg         : expr                         { $$ = ast_arg(p, NULL, @1, false, $1, @$); }
            | IDENT '=' expr               { $$ = ast_arg(p, $1, @1, false, $3, @$); }
            | '*' IDENT                    { $$ = ast_arg(p, $2, @2, true, NULL, @$); } ;
indices     : index | indices ',' index    { $$ = $1; AST_APPEND(p, $$, $3); } ;
index       : expr                         { $$ = ast_index(p, INDEX_EXPR, $1, NULL, NULL, @$); }
            | slice
            | slice ':' expr               { $$ = $1; $$->step = $3; $$->span = @$; }
            | ELLIPSIS
              { $$ = ast_index(p, INDEX_ELLIPSIS, NULL, NULL, NULL, @$); } ;
slice       : ':'                          { $$ = ast_index(p, INDEX_SLICE, NULL, NULL, NULL, @$); }
            | slice_lo                     { $$ = ast_index(p, INDEX_SLICE, $1, NULL, NULL, @$); }
            | ':' expr                     { $$ = ast_index(p, INDEX_SLICE, NULL, $2, NULL, @$); }
            | expr ':' expr                { $$ = ast_index(p, INDEX_SLICE, $1, $3, NULL, @$); } ;
slice_lo    : expr ':'                     { $$ = $1; } ;
%%
static int yyreport_syntax_error(const yypcontext_t *context, Parser *p)
{
    yysymbol_kind_t expected[YYNTOKENS], found = yypcontext_token(context);
    int n = yypcontext_expected_tokens(context, expected, YYNTOKENS);
    const char *names[YYNTOKENS];
    for (int i = 0; i < n; i++) names[i] = yysymbol_name(expected[i]);
    const char *name = found == YYSYMBOL_YYEMPTY ? "nothing" : yysymbol_name(found);
    hint_syntax_error(p, *yypcontext_location(context), name, names, n < 0 ? 0 : n);
    return 0;
}

int parser_run(Parser *p)
{
    return yyparse(p);
}
