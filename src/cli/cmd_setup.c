/* capbuctl init and check-config: makes an installation, and says what is wrong with one. */
#include <stdio.h>

#include "cli/command.h"
#include "service/setup.h"

enum rc cmd_init(const struct args *a, int *exit_code) {
    struct setup o = {.dir = cmd_dir(a),
                      .drill = args_on(a, ARG_DRILL),
                      .clock = INSTANT_NONE,
                      .old_ca = a->value[ARG_OLD_CA],
                      .ca_cert = a->value[ARG_CA_CERT],
                      .ca_key = a->value[ARG_CA_KEY],
                      .ca_pin_file = a->value[ARG_CA_PIN_FILE],
                      .campaign = a->value[ARG_CAMPAIGN],
                      .listen = a->value[ARG_LISTEN],
                      .database = a->value[ARG_DATABASE]};

    (void)exit_code;
    if (args_on(a, ARG_CLOCK) && instant_parse(a->value[ARG_CLOCK], &o.clock) != RC_OK)
        return err_in(RC_USAGE, "--clock");
    TRY(setup_run(&o));
    printf("made %s\n", o.dir);
    return RC_OK;
}

static void say(void *arg, bool fatal, const char *text) {
    (void)arg;
    printf("%s: %s\n", fatal ? "error" : "warning", text);
}

enum rc cmd_check_config(const struct args *a, int *exit_code) {
    (void)exit_code;
    TRY(setup_check(cmd_dir(a), say, NULL));
    puts("configuration is usable");
    return RC_OK;
}
