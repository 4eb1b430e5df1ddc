# shellcheck shell=bash
# Completion of capbuctl in bash: asks the program itself, so it knows what the program knows.
_capbuctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' files=-f verbs=() w
    for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $w == [a-z]* ]] && "$1" "$w" --help >/dev/null 2>&1 && command=$w && break
    done
    if [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--dir --lang --help --version $("$1" --help | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p')" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--dir --lang --help $("$1" "$command" --help | grep -o -- '--[a-z][a-z-]*' | grep -vx -e --dir)" -- "$word")
    else
        mapfile -t verbs < <("$1" "$command" --help | sed -n "s/^  $command \([a-z][a-z|]*\).*/\1/p" | tr '|' '\n')
        [[ ${#verbs[@]} -gt 0 && $before == "$command" ]] && files=
        mapfile -t COMPREPLY < <(compgen -W "${verbs[*]}" $files -- "$word")
    fi
}
complete -F _capbuctl capbuctl
