/* The commands of capbuctl: one function each, all of the same shape; main.c has the table. */
#pragma once

#include "base/out.h"
#include "cli/args.h"
#include "service/site/site_rules.h"

/* What a command ends with (interfaces.md). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_SOME_REFUSED = 3,
    EXIT_NOT_READY = 4,
    EXIT_POLICY = 5,
    EXIT_INPUT = 6,
    EXIT_BUG = 70
};

/* An error is told by the caller; *exit_code is EXIT_DONE unless the command sets it. */
enum rc cmd_init(const struct args *a, int *exit_code);
enum rc cmd_check_config(const struct args *a, int *exit_code);
enum rc cmd_import(const struct args *a, int *exit_code);
enum rc cmd_screen(const struct args *a, int *exit_code);
enum rc cmd_report(const struct args *a, int *exit_code);
enum rc cmd_export(const struct args *a, int *exit_code);
enum rc cmd_receipt(const struct args *a, int *exit_code);
enum rc cmd_audit(const struct args *a, int *exit_code);
enum rc cmd_journal(const struct args *a, int *exit_code);
enum rc cmd_recover(const struct args *a, int *exit_code);
enum rc cmd_phase(const struct args *a, int *exit_code);
enum rc cmd_devices(const struct args *a, int *exit_code);
enum rc cmd_assist(const struct args *a, int *exit_code);
enum rc cmd_drill(const struct args *a, int *exit_code);

/* DIR: --dir, $CAPBU_DIR, /var/lib/capbu. */
const char *cmd_dir(const struct args *a);

/* Opens the installation with its store. */
MUST enum rc cmd_site(const struct args *a, struct site *out);

/* Of what its outputs may replace; `input`: what it reads, NULL: nothing. */
MUST enum rc cmd_rules(const struct args *a, const struct site *s, const char *input, struct out_rules *out);

/* "capbuctl:USER", for the audit. */
const char *cmd_actor(void);

/* Does a file of this command go to standard output (--csv -)? Then nothing else does. */
bool cmd_stdout_taken(const struct args *a);

/* RC_USAGE: two things would go to standard output. */
MUST enum rc cmd_stdout_check(const struct args *a);
