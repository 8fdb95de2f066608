# SPDX-License-Identifier: MIT
# complete.zsh NAME COMMAND LINE...: what zsh makes of each line of the command NAME when the tabulator key is pressed behind it. The
# completion is ./_NAME; NAME completion ... runs COMMAND completion ... (a program may be asked for its words), anything else is shown.
zmodload zsh/zpty
name=$1 ask=$2
zpty z zsh -f -i
zpty -w z "PS1= RPS1=; unsetopt zle_bracketed_paste; bindkey -e; stty -echo; $name() { [[ \$1 == completion && \$2 == words ]] && $ask \"\$@\" || print -r -- \"GOT<\$*>\" }; autoload -Uz compinit && compinit -u -D; . ./_$name; print READY\$((1+1))"
zpty -r -m z text '*READY2*'
for line in "${@[3,-1]}"; do
    zpty -w -n z "$name $line"$'\t\C-e\n'
    zpty -r -m z text '*GOT<*>*'
    print -r -- "${${text##*GOT<}%%>*}"
done
zpty -d z
