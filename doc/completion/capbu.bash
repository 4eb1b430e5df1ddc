# shellcheck shell=bash
# Completion of capbu in bash: asks the program itself, so it knows what the program knows.
_capbu() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} help
    help=$("$1" --lang en --help)
    case $before in
    --lang) mapfile -t COMPREPLY < <(compgen -W 'vi en' -- "$word") ;;
    --module | --server-ca | --pin-file | --out) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(grep -o -- '--[a-z][a-z-]*' <<<"$help" | sort -u) $(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' <<<"$help")" -- "$word") ;;
    esac
}
complete -F _capbu capbu
