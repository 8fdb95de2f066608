/* SPDX-License-Identifier: MIT
 * server.c: `nnc lsp`: what each message means. */
#include "lsp/server.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/job.h"
#include "lsp/library.h"
#include "lsp/position.h"
#include "lsp/request.h"
#include "lsp/wire.h"

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    NO_METHOD = -32601,
    INVALID_PARAMS = -32602,
    INTERNAL_ERROR = -32603,
    NOT_YET = -32002
};

typedef struct Server {
    Wire wire;
    Arena arena; /* of the message */
    Documents documents;
    const char *version;
    bool initialized, shut_down, ended;
    int status;
} Server;

/* ---- what is sent --------------------------------------------------------------------------- */

static void send_object(Server *s, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    if (text) wire_write(&s->wire, text, strlen(text));
    free(text);
    json_decref(object);
}

static void reply_error(Server *s, json_t *id, int code, const char *message)
{
    send_object(s, json_pack("{s:s,s:O,s:{s:i,s:s}}", "jsonrpc", "2.0", "id", id, "error", "code", code, "message", message));
}

static void reply(Server *s, json_t *id, json_t *result)
{
    send_object(s, json_pack("{s:s,s:O,s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static void notify(Server *s, const char *method, json_t *params)
{
    send_object(s, json_pack("{s:s,s:s,s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

/* ---- answers in jobs ------------------------------------------------------------------------ */

typedef struct Work {
    Request request;
    json_t *(*answer)(const Request *r);
} Work;

static void do_work(const void *data, Text *out)
{
    Work work = *(const Work *)data;
    work.request.arena = out->arena;
    json_t *result = work.answer(&work.request);
    char *text = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
    text_add(out, "%s", text ? text : "null"); /* the process ends: nothing is given back */
}

/* NULL: it could not be made. */
static json_t *answer_of(Server *s, json_t *(*answer)(const Request *r), const Document *document, const json_t *params)
{
    size_t n = 0;
    const Work work = {.request = {.documents = &s->documents, .document = document, .params = params}, .answer = answer};
    const char *text = job_run(&s->arena, do_work, &work, &n);
    return text ? json_loadb(text, n, JSON_DECODE_ANY, NULL) : NULL;
}

/* ---- messages of open texts ----------------------------------------------------------------- */

static void publish(Server *s, const char *uri, const Document *document, json_t *list)
{
    json_t *params = json_pack("{s:s,s:O}", "uri", uri, "diagnostics", list);
    if (document) json_object_set_new(params, "version", json_integer(document->version));
    notify(s, "textDocument/publishDiagnostics", params);
}

static bool is_in(const json_t *all, const char *uri)
{
    for (size_t i = 0; i < json_array_size(all); i++)
        if (!strcmp(json_string_value(json_array_get(json_array_get(all, i), 0)), uri)) return true;
    return false;
}

/* Other files had messages of this text, and have none any more. */
static void take_back(Server *s, Document *d, const json_t *now)
{
    json_t *none = json_array();
    for (uint32_t i = 0; i < d->told.n; i++)
        if (!is_in(now, d->told.at[i]) && !documents_find(&s->documents, d->told.at[i])) publish(s, d->told.at[i], NULL, none);
    json_decref(none);
    d->told.n = 0;
}

static void publish_document(Server *s, Document *d)
{
    d->changed = false;
    if (library_holds(&s->arena, d->file->name)) return; /* no program */
    json_t *all = answer_of(s, diagnostics_answer, d, NULL);
    if (!all)
        all = json_pack("[[s,[{s:{s:{s:i,s:i},s:{s:i,s:i}},s:i,s:s,s:s}]]]", d->uri, "range", "start", "line", 0, "character", 0, "end",
                        "line", 0, "character", 0, "severity", 1, "source", "nnc", "message",
                        "this program could not be checked: nnc ended early (is it very large?)");
    take_back(s, d, all);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *uri = json_string_value(json_array_get(json_array_get(all, i), 0));
        bool own = !strcmp(uri, d->uri);
        if (!own && documents_find(&s->documents, uri)) continue; /* it tells of itself */
        publish(s, uri, own ? d : NULL, json_array_get(json_array_get(all, i), 1));
        if (!own) vec_add(&d->arena, &d->told, arena_copy(&d->arena, uri, strlen(uri)));
    }
    json_decref(all);
}

/* While more messages wait, texts may change again. */
static void publish_changed(Server *s)
{
    for (uint32_t i = 0; i < s->documents.open.n && !wire_waits(&s->wire); i++)
        if (s->documents.open.at[i]->changed) publish_document(s, s->documents.open.at[i]);
}

/* ---- notifications -------------------------------------------------------------------------- */

static void warn(Server *s, const char *text)
{
    notify(s, "window/logMessage", json_pack("{s:i,s:s}", "type", 2, "message", text));
}

static void set_text(Server *s, const char *uri, json_int_t version, const char *text, size_t n)
{
    if (!documents_set(&s->documents, uri, version, text, n))
        warn(s, "nnc: this text is too large, or too many are open");
    else
        documents_touch(&s->documents, documents_find(&s->documents, uri));
}

static void did_open(Server *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument"), *text = json_object_get(item, "text");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    if (uri && json_is_string(text))
        set_text(s, uri, json_integer_value(json_object_get(item, "version")), json_string_value(text), json_string_length(text));
}

/* One change: all of the text, or what stands at a range. */
static void change(Server *s, const char *uri, json_int_t version, const json_t *item)
{
    const json_t *text = json_object_get(item, "text"), *range = json_object_get(item, "range");
    const Document *d = documents_find(&s->documents, uri);
    if (!json_is_string(text) || !d) return;
    if (!range) {
        set_text(s, uri, version, json_string_value(text), json_string_length(text));
        return;
    }
    uint32_t lo = position_read(d->file, json_object_get(range, "start")), hi = position_read(d->file, json_object_get(range, "end"));
    Text whole = {.arena = &s->arena};
    text_bytes(&whole, d->file->text, lo);
    text_bytes(&whole, json_string_value(text), json_string_length(text));
    if (hi < lo) hi = lo;
    text_bytes(&whole, d->file->text + hi, d->file->n - hi);
    set_text(s, uri, version, text_c(&whole), whole.n);
}

static void did_change(Server *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument"), *changes = json_object_get(params, "contentChanges");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    for (size_t i = 0; uri && i < json_array_size(changes); i++)
        change(s, uri, json_integer_value(json_object_get(item, "version")), json_array_get(changes, i));
}

static void did_close(Server *s, const json_t *params)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    Document *d = uri ? documents_find(&s->documents, uri) : NULL;
    if (!d) return;
    json_t *none = json_array();
    take_back(s, d, none);
    publish(s, uri, NULL, none);
    json_decref(none);
    documents_close(&s->documents, uri);
    documents_touch(&s->documents, NULL);
}

static void files_changed(Server *s, const json_t *params)
{
    (void)params;
    documents_touch(&s->documents, NULL);
}

static void end(Server *s, const json_t *params)
{
    (void)params;
    s->ended = true;
    s->status = s->shut_down ? 0 : 1;
}

static const struct {
    const char *method;
    void (*take)(Server *s, const json_t *params);
} notifications[] = {
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didSave", files_changed},
    {"workspace/didChangeWatchedFiles", files_changed},
    {"exit", end},
};

/* ---- requests ------------------------------------------------------------------------------- */

static const struct {
    const char *method;
    json_t *(*answer)(const Request *r);
} requests[] = {
    {"textDocument/hover", hover_answer},
    {"textDocument/definition", definition_answer},
    {"textDocument/documentSymbol", symbols_answer},
    {"textDocument/formatting", layout_answer},
    {"textDocument/codeAction", actions_answer},
    {"textDocument/completion", completion_answer},
};

static json_t *capabilities(const Server *s)
{
    return json_pack("{s:{s:s,s:{s:b,s:i,s:b},s:b,s:b,s:b,s:b,s:{s:[s]},s:{s:[s,s,s,s,s]}},s:{s:s,s:s}}", "capabilities",
                     "positionEncoding", "utf-16", "textDocumentSync", "openClose", 1, "change", 1, "save", 1, "hoverProvider", 1,
                     "definitionProvider", 1, "documentSymbolProvider", 1, "documentFormattingProvider", 1, "codeActionProvider",
                     "codeActionKinds", "quickfix", "completionProvider", "triggerCharacters", ".", "(", ",", "\"", "=", "serverInfo",
                     "name", "nnc", "version", s->version);
}

/* In a job; the document is one that is open. */
static void answer(Server *s, json_t *id, json_t *(*make)(const Request *r), const json_t *params)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    const Document *d = uri ? documents_find(&s->documents, uri) : NULL;
    json_t *result = d ? answer_of(s, make, d, params) : NULL;
    if (!d)
        reply_error(s, id, INVALID_PARAMS, "this document is not open");
    else if (!result)
        reply_error(s, id, INTERNAL_ERROR, "nnc ended early");
    else
        reply(s, id, result);
}

/* Why a request cannot be answered now; NULL: it can. */
static const char *refused(const Server *s, bool begins)
{
    if (s->shut_down) return "shut down";
    if (begins && s->initialized) return "initialized already";
    return begins || s->initialized ? NULL : "not initialized";
}

static void request(Server *s, json_t *id, const char *method, const json_t *params)
{
    bool begins = strcmp(method, "initialize") == 0, ends = strcmp(method, "shutdown") == 0;
    const char *why = refused(s, begins);
    if (why) {
        reply_error(s, id, s->initialized ? INVALID_REQUEST : NOT_YET, why);
        return;
    }
    s->initialized = true;
    s->shut_down = ends;
    if (begins || ends) {
        reply(s, id, begins ? capabilities(s) : json_null());
        return;
    }
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].method, method) != 0) continue;
        answer(s, id, requests[i].answer, params);
        return;
    }
    reply_error(s, id, NO_METHOD, "there is no such method");
}

static void notification(Server *s, const char *method, const json_t *params)
{
    if (!s->initialized && strcmp(method, "exit") != 0) return;
    for (size_t i = 0; i < sizeof notifications / sizeof *notifications; i++)
        if (strcmp(notifications[i].method, method) == 0) notifications[i].take(s, params);
}

static void message(Server *s, const char *text, size_t n)
{
    json_t *object = json_loadb(text, n, JSON_ALLOW_NUL, NULL), *id = json_object_get(object, "id");
    const char *method = json_string_value(json_object_get(object, "method"));
    bool named = json_is_string(id) || json_is_integer(id);
    json_t *nobody = json_null();
    if (!object)
        reply_error(s, nobody, PARSE_ERROR, "this is no JSON");
    else if (method && named)
        request(s, id, method, json_object_get(object, "params"));
    else if (method && !id)
        notification(s, method, json_object_get(object, "params"));
    else if (method || !json_is_object(object)) /* what has no method is an answer: nothing was asked */
        reply_error(s, nobody, INVALID_REQUEST, "this is no request");
    json_decref(object);
}

int server_run(int in, int out, const char *version)
{
    static Server server;
    Server *s = &server;
    *s = (Server){.wire = {.in = in, .out = out}, .version = version, .status = 1};
    while (!s->ended && !s->wire.broken) {
        const char *text = NULL;
        size_t n = 0;
        publish_changed(s);
        WireState state = wire_read(&s->wire, &s->arena, &text, &n);
        if (state == WIRE_END) break;
        if (state == WIRE_BAD)
            reply_error(s, json_null(), PARSE_ERROR, "a header without a length, or a message of more than 64 MB");
        else
            message(s, text, n);
        arena_clear(&s->arena);
    }
    arena_free(&s->arena);
    return s->status;
}
