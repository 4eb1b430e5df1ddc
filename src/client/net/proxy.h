/* The proxy a person names: on the command line, in the configuration file, or on the page. Its password lies in locked
   memory and nowhere else of ours. */
#pragma once

#include "client/net/http.h"
#include "client/options.h"

#define PROXY_URL_CAP  256
#define PROXY_USER_CAP 128

struct proxy { /* zero-initialised: the system's own; must not be copied */
    char url[PROXY_URL_CAP], user[PROXY_USER_CAP];
    struct secret password;
    struct http_proxy http; /* points into the above */
};
void proxy_free(struct proxy *p);

/* HOST, HOST:PORT or http://HOST:PORT ("" the system's own), and a login ("" none; the password is copied). RC_INPUT:
   no address, or a login inside it, which others could read; RC_LIMIT. */
MUST enum rc proxy_set(struct proxy *p, const char *url, const char *user, struct span password);

/* As the command line says; asks for the password on the terminal when a name is given and no file. RC_USAGE. */
MUST enum rc proxy_open(const struct options *o, struct proxy *p);
