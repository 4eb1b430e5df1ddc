#!/usr/bin/env bash
# The man pages say what the programs do: every command, option, exit status, environment variable and configuration key
# is on its page, nothing else is, the configuration examples load, and mandoc finds no fault.
. "$(dirname "$0")/../lib/site.sh"
root=$(cd "$here/../.." && pwd)
doc=$root/doc src=$root/src

# --- What pages say -----------------------------------------------------------------------------------------------------
section() { # section PAGE TITLE: its lines
    awk -v title="$2" '/^\.Sh / { on = (substr($0, 5) == title) } on' "$doc/$1"
}
page_options() { sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' "$doc/$1" | sort; }
page_statuses() { section "$1" 'EXIT STATUS' | sed -n 's/^\.It \([0-9][0-9]*\)$/\1/p' | sort -n | xargs; }
page_keys() { # the .It Cm lines of the subsections named, "a , b" is two
    sed -n 's/^\.It Cm //p' "$doc/$1" | sed 's/ , /\n/g' | sort
}
page_environment() { section "$1" ENVIRONMENT | sed -n 's/^\.It Ev //p' | sed 's/ , /\n/g' | sort; }

# --- What programs say --------------------------------------------------------------------------------------------------
commands() { "$CAPBUCTL" --help | sed -n 's/^  \([a-z][a-z-]*\) *.*/\1/p' | sort -u; }
all_options() { sed -n 's/^ *\(FLAG\|VALUE\)("\([a-z-]*\)", ARG.*/\2/p' "$src/cli/args.c"; }
takes_value() { grep -q "^ *VALUE(\"$1\"" "$src/cli/args.c"; }
words_of() {
    case $1 in
    import) echo 'import /dev/null/none.csv' ;;
    audit) echo 'audit verify' ;;
    phase) echo 'phase list' ;;
    assist) echo 'assist new' ;;
    devices) echo 'devices publish' ;;
    drill) echo 'drill cases' ;;
    journal) echo 'journal new' ;;
    *) echo "$1" ;;
    esac
}

# Every option the command does not refuse, tried one by one in a place where nothing can be made.
accepted() { # accepted COMMAND
    local option
    all_options | while read -r option; do
        case $option in
        dir | help) echo "$option" && continue ;;
        version | lang) continue ;;
        esac
        set -- --dir /dev/null/x "--$option"
        takes_value "$option" && set -- "$@" 1
        # shellcheck disable=SC2046 # words_of gives words
        "$CAPBUCTL" --lang en $(words_of "$command") "$@" 2>&1 | grep -q 'does not go with' || echo "$option"
    done | sort
}

command_page() { # command_page COMMAND
    local page=capbuctl-$1.1 command=$1 status
    [ -f "$doc/$page" ] || { not_ok "$page exists"; return; }
    same "$page: its options are those the program takes" "$(accepted)" "$(page_options "$page")"
    same "$page: so is what --help shows" \
        "$("$CAPBUCTL" "$1" --help | tail -n +2 | grep -o -- '--[a-z-]*' | sed 's/^--//' | sort -u)" \
        "$(page_options "$page" | grep -vx -e dir -e help)"
    says "capbuctl.1 names it" ".Xr capbuctl-$1 1" "$doc/capbuctl.1"
    says "$page is installed" "'$1'" "$doc/meson.build"
    for status in $(page_statuses "$page"); do
        [[ " $(statuses_of cli/command.h) " = *" $status "* ]] || not_ok "$page: $status is no exit status"
    done
    same "$page: 0, 2 and 70 are there" '0 2 70' "$(page_statuses "$page" | tr ' ' '\n' | grep -x -e 0 -e 2 -e 70 | xargs)"
}

statuses_of() { sed -n 's/^ *EXIT_[A-Z_]* = \([0-9]*\),*$/\1/p' "$src/$1" | sort -n | xargs; }
environment_of() { # environment_of FOLDER...: what the sources there ask the environment for
    (cd "$src" && grep -rhoE --exclude="*_windows.c" '(getenv|env_value|os_env|is_set|folder_of)\("[A-Z_0-9]+"' "$@") | sed 's/.*"\(.*\)"/\1/' | sort -u
}
conf_keys_of() { # conf_keys_of FILE: the names in its tables of keys
    grep -hoE '(\.name = |PATH_KEY\(|TEXT\([a-z]+, |TEXT_KEY\(|DAY\([a-z]+, |WORDS\([a-z]+, |CHOICE\()"[a-z_]+"' "$src/service/site/$1" |
        sed 's/.*"\(.*\)"/\1/'
    grep -hoE '^ *COUNT_KEY\([a-z_]+' "$src/service/site/$1" | sed 's/.*(//'
}

example() { # example PAGE N: the Nth literal display of a page
    awk -v n="$2" '/^\.Bd/ { i++; next } /^\.Ed/ { on = 0; if (i == n) exit } i == n' "$doc/$1" | sed 's/\\e/\\/g'
}

if command -v mandoc >/dev/null; then
    for page in "$doc"/*.[158]; do
        same "${page##*/}: mandoc finds no fault" '' "$(mandoc -Tlint -W warning "$page" 2>&1)"
    done
else
    echo 'mandoc is not installed: the pages are not linted'
fi

same 'the commands are fourteen' 14 "$(commands | wc -l)"
for command in $(commands); do command_page "$command"; done
same 'capbuctl.1: exit statuses' "$(statuses_of cli/command.h)" "$(page_statuses capbuctl.1)"
same 'capbuctl.1: options for all commands' "$(printf '%s\n' dir help json lang version)" "$(page_options capbuctl.1)"

same 'capbu.1: options' "$(grep -oE '\{"[a-z-]+", (no|required)_argument' "$src/client/options.c" | sed 's/{"\(.*\)",.*/\1/' | sort)" \
    "$(page_options capbu.1)"
same 'capbu.1: exit statuses' "$(statuses_of client/exit.h)" "$(page_statuses capbu.1)"
same 'capbu.1: environment' "$(environment_of client)" "$(page_environment capbu.1)"
for command in $(sed -n '/COMMANDS\[\] = {/,/};/p' "$src/client/main.c" | grep -oE '\{"[a-z]+"' | tr -d '{"'); do
    says "capbu.1: $command" ".It Cm $command" "$doc/capbu.1"
    says "capbu --help: $command" "  $command " <("$CAPBU" --lang en --help)
done
for option in $(page_options capbu.1); do
    says "capbu --help: --$option" "--$option" <("$CAPBU" --lang vi --help)
done

same 'capbud.8: options' "$("$CAPBUD" --help | grep -oE '^  --[a-z]+' | tr -d ' -' | sort)" "$(page_options capbud.8)"
same 'capbud.8: exit statuses' "$({ echo 0 && echo 1 && sed -n 's/^#define EXIT_[A-Z]* *//p' "$src/server/main.c"; } | sort -n | xargs)" \
    "$(page_statuses capbud.8)"
same 'capbud.8: environment' "$(environment_of server cli base/lang.c)" "$(page_environment capbud.8)"
same 'capbuctl.1: environment' "$(environment_of cli base/lang.c)" "$(page_environment capbuctl.1)"

same 'capbud.conf.5: keys' "$(conf_keys_of conf.c | sort)" "$(page_keys capbud.conf.5)"
same 'campaign.conf.5: keys' "$(conf_keys_of campaign_file.c | grep -vx -e phase -e goal | sort)" "$(page_keys campaign.conf.5)"
same 'devices.conf.5: keys' "$(grep -hoE '(TEXT|CHOICE|WORDS|FOLDERS)\("[a-z_]+"' "$src/service/site/devices_file.c" | sed 's/.*"\(.*\)"/\1/' | sort)" \
    "$(page_keys devices.conf.5)"
example campaign.conf.5 1 >"$TMP/campaign.conf"
site_new --campaign "$TMP/campaign.conf"
example devices.conf.5 1 >"$DIR/devices.conf"
expect 0 ctl check-config
example capbud.conf.5 2 >"$DIR/capbud.conf"
expect 0 ctl check-config
example capbud.conf.5 1 >"$DIR/capbud.conf"
expect 6 ctl check-config # no such HSM here: read, and then missed by its name
says 'what is missed is the PIN file it names' /etc/capbu/hsm.pin
silent 'no line of the example is refused' 'capbud.conf:'
example capbuctl-import.1 2 | sed "s|MIID[.]*|$(b64_of "$DIR/old-ca.pem")|" >"$TMP/short.csv"
conf_set capbud.conf database '"capbu.db"'
expect 0 ctl import "$TMP/short.csv" --dry-run

# --- How commands really end ----------------------------------------------------------------------------------------------
# on_page STATUS COMMAND...: it ends so, and its page and capbuctl.1 say that it may.
on_page() {
    local want=$1
    shift
    expect "$want" ctl "$@"
    [[ " $(page_statuses "capbuctl-$1.1") " = *" $want "* ]] || not_ok "capbuctl-$1.1 has the status $want"
}
ends() { # ends STATUS: every command that opens the database
    on_page "$1" report
    on_page "$1" screen
    on_page "$1" export --csv "$TMP/export.csv"
    on_page "$1" phase list
    on_page "$1" audit verify
    on_page "$1" import "$TMP/short.csv" --dry-run
    on_page "$1" receipt --serial 54 --out "$TMP/r.p7m"
    on_page "$1" assist new --holder x --channel am
    on_page "$1" devices publish
}
site_new
example capbuctl-import.1 2 | sed "s|MIID[.]*|$(b64_of "$DIR/old-ca.pem")|" >"$TMP/short.csv"
for command in 'report --csv' 'screen --csv' 'export --csv'; do
    echo 'a letter' >"$TMP/letter"
    # shellcheck disable=SC2086 # words
    on_page 5 $command "$TMP/letter" # no output of ours
done
cp "$DIR/capbud.conf" "$TMP/good.conf"
echo 'speed = 3' >>"$DIR/capbud.conf"
ends 6
on_page 6 check-config
cp "$TMP/good.conf" "$DIR/capbud.conf"
sqlite3 "$DIR/capbu.db" "INSERT INTO schema_version VALUES (9999, 'x')"
ends 5 # used by a newer version
DIR=$TMP/none
ends 4
on_page 4 check-config
finish
