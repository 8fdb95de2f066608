" SPDX-License-Identifier: MIT
autocmd BufRead,BufNewFile *.nn setfiletype nn
