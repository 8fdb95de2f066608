" SPDX-License-Identifier: MIT
" nn.vim: four columns more than the line with the bracket around, as `nnc fmt` has it.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1
setlocal indentexpr=NnIndent() indentkeys=0{,0},0),0],!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*NnIndent')
  finish
endif

function NnIndent()
  call cursor(v:lnum, 1)
  let skip = 'synIDattr(synID(line("."), col("."), 1), "name") =~# "String\\|Comment"'
  let open = searchpair('[{(\[]', '', '[})\]]', 'bnW', skip)
  if open == 0
    return 0
  endif
  return indent(open) + (getline(v:lnum) =~# '^\s*[})\]]' ? 0 : shiftwidth())
endfunction
