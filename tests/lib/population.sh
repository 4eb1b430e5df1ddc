# shellcheck shell=bash
# Many owed subscribers, each with a token folder of its own: what sweeps use up.

# supply N: so many subscribers with a token of their own each, who are owed and open; sets FRESH (their old serials).
seed=0
declare -a FRESH=()
supply() {
    while [ "${#FRESH[@]}" -lt "$1" ]; do
        seed=$((seed + 1))
        tokens_new "batch$seed"
        quiet env SOFTHSM2_CONF="$TOKENS" "$CAPBUCTL" --dir "$DIR" drill population --count 50 --tokens 50 --seed "$seed" \
            --csv "$TMP/p$seed.csv" --module "$MODULE" --pin-file "$TMP/pin"
        tokens_split
        quiet ctl import "$TMP/p$seed.csv"
        quiet ctl screen --csv "$TMP/screen.csv"
        mapfile -t FRESH < <(awk -F, '$5 == "eligible" { print $1 }' "$TMP/screen.csv")
    done
}

take() { # sets OLD to a subscriber nobody used yet and TOKENS to its token
    OLD=${FRESH[-1]}
    unset 'FRESH[-1]'
    tokens_use "$OLD"
}

serials_here() { # the serials on the only token of $TOKENS, sorted
    p11tool --slot-index 0 --list-objects --type cert 2>/dev/null | serials_listed
}
