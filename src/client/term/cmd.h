/* The commands of capbu: one function each; main.c has the table. */
#pragma once

#include "base/jsonw.h"
#include "client/exit.h"
#include "client/flow/outcome.h"
#include "client/flow/survey.h"
#include "client/say.h"

enum exit_status cmd_list(const struct options *o, struct http *h);
enum exit_status cmd_check(const struct options *o, struct http *h);
enum exit_status cmd_renew(const struct options *o, struct http *h);
enum exit_status cmd_resume(const struct options *o, struct http *h);
enum exit_status cmd_clean(const struct options *o, struct http *h);
enum exit_status cmd_ui(const struct options *o, struct http *h);
enum exit_status cmd_receipt(const struct options *o, struct http *h);
enum exit_status cmd_diag(const struct options *o, struct http *h);

/* Says what an outcome means to the person and gives its exit status; err_text tells the details. */
enum exit_status cmd_end(const struct options *o, enum outcome out);
/* The same of a failed call that neither token nor server can tell more of. */
enum exit_status cmd_fail(const struct options *o, enum rc rc);
/* One text that takes the reason as its argument: err_text in the person's language. */
void cmd_say_why(const struct options *o, enum say what);
/* One that takes what helps in front of it: of failures of the token (client/flow/advice.h). */
void cmd_say_token(const struct options *o, enum say what);

/* Nobody said which server to ask. EXIT_USAGE. */
enum exit_status cmd_no_server(const struct options *o);
/* " (18008000)", or nothing where nobody told whom to call. */
void cmd_hotline(const struct options *o, char out[API_HOTLINE + 4]);

/* At the end of a run that asked the server, or tried to: unless all is well, the support code is told, and kept for
   `capbu diag`. */
void cmd_support(const struct options *o, const char *code, enum exit_status status);

/* survey_find and survey_check with what they failed of said; EXIT_DONE to go on. */
enum exit_status cmd_survey(const struct options *o, struct http *h, struct survey *s);

/* What the server said of one certificate, in a line. */
void cmd_say_item(const struct options *o, const struct survey_item *i);

/* The same of every certificate the server was asked about; with --json a list. EXIT_DONE. */
enum exit_status cmd_say_items(const struct options *o, const struct survey *s);
/* The same of those alone that may be chosen, under a text that says how. EXIT_CHOOSE. */
enum exit_status cmd_choose(const struct options *o, const struct survey *s, enum say how,
                            bool (*may)(const struct survey_item *i));

/* Writes what --out names, in the place of nothing, or of what has `mark` in it. EXIT_DONE, EXIT_OUTPUT. */
enum exit_status cmd_out(const struct options *o, struct span data, const char *mark);

/* Ends the JSON text and prints it as one line. EXIT_DONE. */
enum exit_status cmd_print_json(const struct options *o, struct jsonw *w);

/* Where to get the program's latest version: what the server says, else whom to ask. */
const char *cmd_download(const struct options *o, const struct api_client *told);

/* An instant as people here read it: 02/10/2020 (Vietnamese) or 2020-10-02; the civil day at +07:00 (R5.1). */
void cmd_day(enum lang lang, const char *instant, char out[DAY_TEXT]);
void cmd_time(enum lang lang, const char *instant, char out[INSTANT_READ]); /* with its hour and minute */
void cmd_date(enum lang lang, const char *iso, char out[DAY_TEXT]);         /* of a day as YYYY-MM-DD */
