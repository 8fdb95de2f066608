/* SPDX-License-Identifier: MIT
 * page.c: what runs wrote, as one HTML file. */
#include "report/page.h"

#include "report/cells.h"
#include "report/chart.h"
#include "report/markup.h"
#include "report/show_evaluation.h"
#include "report/show_model.h"
#include "report/show_runs.h"

enum { MOST = 500000, REST = 130000 }; /* bytes of a page, and what pictures leave for what follows */

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1120px;padding:1rem;background:#fff;color:#222}\n"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.2rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}h3{font-size:1.05rem}\n"
    "table{border-collapse:collapse;font-size:13px}td,th{padding:3px 8px;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.wide{overflow-x:auto;margin:.6rem 0}.note{color:#666}\n"
    ".given td{font-weight:600}small{display:block;color:#666}\n"
    ".matrix td,.matrix th{text-align:center;border:1px solid #ddd}.matrix small{white-space:nowrap}\n"
    ".right{background:rgb(46 139 87/calc(var(--r)*60%))}\n"
    ".wrong{background:rgb(200 80 30/calc(var(--r)*90%))}\n"
    ".bar{text-align:right;background:linear-gradient(to right,rgb(31 111 180/30%) calc(var(--r)*100%),transparent 0)}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:1rem}\n"
    "svg{width:100%;max-width:640px;height:auto}\n"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:.8rem}\n"
    ".card{border:1px solid #ddd;border-radius:6px;padding:.6rem;font-size:13px;overflow-wrap:anywhere}\n"
    ".card img{image-rendering:pixelated;max-width:100%;display:block;margin-bottom:.4rem}\n"
    "@media (prefers-color-scheme:dark){body{background:#17181a;color:#d8dade}h2{border-color:#3a3c40}\n"
    "td,th,.matrix td,.matrix th,.card{border-color:#3a3c40}small,.note{color:#9a9da3}}\n";

static const char *title_of(const Gathered *all, const char *title)
{
    static const GatheredKind kinds[] = {GATHERED_RUN, GATHERED_SUMMARY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !title; i++)
        if (all->of[kinds[i]].n) title = tree_text(all->of[kinds[i]].at[0].tree, "program", NULL);
    if (!title && all->curves.runs.n) title = all->curves.runs.at[0].name;
    return title ? title : "report";
}

static void put_page(Text *out, const Gathered *all, const char *title)
{
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    markup_text(out, title);
    text_add(out, "</title>\n<style>\n%s%s</style>\n</head>\n<body>\n", style, chart_style);
    cells_heading(out, 1, title);
    if (all->curves.list.n) show_curves(out, &all->curves);
    for (uint32_t i = 0; i < all->of[GATHERED_EVALUATION].n; i++)
        show_evaluation(out, &all->of[GATHERED_EVALUATION].at[i], MOST - REST);
    for (uint32_t i = 0; i < all->of[GATHERED_SUMMARY].n; i++)
        show_summary(out, &all->of[GATHERED_SUMMARY].at[i]);
    for (uint32_t i = 0; i < all->of[GATHERED_PROFILE].n; i++)
        show_profile(out, &all->of[GATHERED_PROFILE].at[i]);
    for (uint32_t i = 0; i < all->of[GATHERED_RUN].n; i++)
        show_configuration(out, &all->of[GATHERED_RUN].at[i]);
    text_add(out, "</body>\n</html>\n");
}

const char *page_files(Text *out, const char *const *paths, uint32_t n, const char *title, int *status)
{
    Gathered all = {.curves = {.arena = out->arena}};
    const char *wrong = NULL;
    for (uint32_t i = 0; i < n && !wrong; i++)
        wrong = gather_add(&all, paths[i], status);
    if (wrong) return wrong;
    *status = 1;
    curves_name_runs(&all.curves);
    bool any = all.curves.runs.n > 0;
    for (int k = 0; k < N_GATHERED; k++)
        any |= all.of[k].n > 0;
    if (!any) return "there is nothing to report on: no log, evaluation, summary, profile or ….run.json is there";
    put_page(out, &all, title_of(&all, title));
    if (out->n <= MOST) return NULL;
    return arena_print(out->arena, "the page would have %zu kB, and 500 are the most: report on fewer files", out->n / 1000);
}
