// SPDX-License-Identifier: MIT
// extension.js: starts `nnc lsp` for files *.nn.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function () {
    const command = workspace.getConfiguration("nnc").get("path", "nnc");
    client = new LanguageClient("nnc", "nnc", { command, args: ["lsp"] }, { documentSelector: [{ language: "nn" }] });
    return client.start();
};

exports.deactivate = function () {
    return client && client.stop();
};
