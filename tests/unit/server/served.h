/* A whole installation that serves over TLS, with real signers, store and CMP, for one test program; and calls to it.
 */
#pragma once

#include "https.h"
#include "server/app.h"
#include "unit/service/world.h"

#define CONSENT ",\"consent\":{\"text_id\":\"data-confirmed-1\",\"given\":true}"
#define CLIENT  ",\"client_version\":\"0.2.0\""

extern struct app app;
extern struct world inst; /* its `site` is the app's own, its signers are not used */

int served_open(void);
int served_close(void **state);

/* Each fails the test when the answer is not whole, or has another status. */
struct https_call ask(struct https_call c, long status);
/* POSTs {"certificate": …, MORE}. */
struct https_call post(const char *path, struct span certificate, const char *more, long status);
/* The same whatever comes, for any thread. */
struct https_call post_any(const char *path, struct span certificate, const char *more);
/* Refused with this status and code. */
void post_refused(const char *path, struct span certificate, const char *more, long status, const char *code);

void has(const struct https_call *c, const char *part);
void lacks(const struct https_call *c, const char *part);
