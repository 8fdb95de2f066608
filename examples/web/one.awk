# SPDX-License-Identifier: MIT
# one.awk: index.html with its files inside: style sheet and scripts as they are or as addresses of data, the module as text.
function packed(file,    line, all) {
    while (("base64 -w 0 " file) | getline line) all = all line
    close("base64 -w 0 " file)
    return all
}
function whole(file,    line) {
    while ((getline line <file) > 0) print line
    close(file)
}
function address(file) { return "\"./" file "\": \"data:text/javascript;base64," packed(file) "\"" }
/<link rel="stylesheet"/ { print "<style>"; whole("page.css"); print "</style>"; next }
/<script type="module"/ {
    print "<script type=\"importmap\">{ \"imports\": { " address("draw.mjs") ", " address("pad.mjs") ", " address("curve.mjs") " } }</script>"
    print "<script type=\"text/plain\" id=\"wasm\">" packed("draw.wasm") "</script>"
    print "<script type=\"module\">"
    whole("page.mjs")
    print "</script>"
    next
}
{ print }
