" SPDX-License-Identifier: MIT
" nn.vim: layout, comments, and what checks: `gq` formats, `:make` fills the quickfix list.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal expandtab shiftwidth=4 softtabstop=4 textwidth=120
setlocal comments=:# commentstring=#\ %s formatoptions-=t formatoptions+=croql
setlocal formatprg=nnc\ fmt\ -
compiler nnc
let b:undo_ftplugin = 'setlocal expandtab< shiftwidth< softtabstop< textwidth< comments< commentstring< formatoptions< formatprg< makeprg< errorformat<'
