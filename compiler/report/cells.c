/* SPDX-License-Identifier: MIT
 * cells.c: tables of a page. */
#include "report/cells.h"

#include <math.h>

#include "report/markup.h"

void cells_begin(Text *out, const char *const *heads)
{
    text_add(out, "<div class=\"wide\"><table>\n<tr>");
    for (; *heads; heads++) {
        bool number = **heads == '#';
        text_add(out, number ? "<th class=\"n\">" : "<th>");
        markup_text(out, *heads + number);
        text_add(out, "</th>");
    }
}

void cells_row(Text *out)
{
    text_add(out, "</tr>\n<tr>");
}

void cells_text(Text *out, const char *text)
{
    text_add(out, "<td>");
    markup_text(out, text);
    text_add(out, "</td>");
}

void cells_number(Text *out, double v, int digits)
{
    if (isnan(v))
        text_add(out, "<td></td>");
    else
        text_add(out, "<td class=\"n\">%s</td>", digits ? markup_short(out->arena, v, digits) : markup_number(out->arena, v));
}

void cells_value(Text *out, const Tree *value)
{
    bool number = value && value->kind == TREE_NUMBER;
    text_add(out, number ? "<td class=\"n\">" : "<td>");
    markup_text(out, value && value->text && value->kind != TREE_NULL ? value->text : "");
    text_add(out, "</td>");
}

void cells_end(Text *out)
{
    text_add(out, "</tr>\n</table></div>\n");
}

void cells_heading(Text *out, int rank, const char *text)
{
    text_add(out, "<h%d>", rank);
    markup_text(out, text);
    text_add(out, "</h%d>\n", rank);
}

void cells_note(Text *out, const char *text)
{
    text_add(out, "<p class=\"note\">");
    markup_text(out, text);
    text_add(out, "</p>\n");
}
