" SPDX-License-Identifier: MIT
" nnc.vim: messages of `nnc check`.
if exists('current_compiler')
  finish
endif
let current_compiler = 'nnc'
CompilerSet makeprg=nnc\ check\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror\ %m,%f:%l:%c:\ %tarning\ %m,%-G%.%#
