" SPDX-License-Identifier: MIT
" nn.vim: colours of programs for nnc.
if exists('b:current_syntax')
  finish
endif
syntax case match

syntax match nnName /\<\h\w*\>/
syntax match nnFunction /\<\h\w*\ze(/
syntax keyword nnControl return if else for in scan along with emit expect minimize maximize over except using report grad as
syntax keyword nnDeclaration layer param state fn requires
syntax keyword nnOperator and or not
syntax keyword nnBoolean true false
syntax keyword nnType dim string ints float int bool f16 bf16 f32 f64 i8 i32 i64 u8
syntax match nnHole /\<_\>/
" Words only where they begin a declaration or a statement.
syntax match nnDeclaration /^\%(import\|const\|option\|data\|metric\|model\|optimizer\|train\|eval\|export\|extern\)\>/
syntax match nnControl /\%(^\s\+\|[{;]\s*\)\@<=assert\>\%(\s*[=,:]\)\@!/
syntax match nnControl /\%(^\s\+\|[{;]\s*\)\@<=print\ze\s*(/
syntax match nnNumber /\<\d[0-9_]*\%(\.\.\@!\d*\)\?\%([eE][+-]\?\d\+\)\?/
syntax match nnNumber /\.\@1<=\d[0-9_]*/
syntax match nnComment /#.*$/ contains=nnAllow,@Spell
syntax match nnAllow /nnc: allow.*$/ contained
syntax region nnString start=/"/ skip=/\\./ end=/"/ oneline contains=nnEscape
syntax match nnEscape /\\[nt"\\]/ contained

highlight default link nnFunction Function
highlight default link nnControl Statement
highlight default link nnDeclaration Structure
highlight default link nnOperator Operator
highlight default link nnBoolean Boolean
highlight default link nnType Type
highlight default link nnHole Special
highlight default link nnNumber Number
highlight default link nnComment Comment
highlight default link nnAllow SpecialComment
highlight default link nnString String
highlight default link nnEscape SpecialChar
let b:current_syntax = 'nn'
