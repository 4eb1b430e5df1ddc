/* What http.c asks of the system's transport: http_posix.c (libcurl) or http_windows.c (WinHTTP). */
#pragma once

#include "client/net/http.h"

/* On the connection of h->line, if it is there and still lives, else on a new one that the line keeps: POSTs once, or
   GETs when `content_type` is NULL, within `left` (> 0) milliseconds, at most HTTP_ANSWER_LIMIT bytes of answer,
   TLS 1.2 or newer, to a server whose certificate is trusted, and pinned when h->server_ca says so, before anything of
   the body goes out on a connection. Sets h->trouble, counts the call. RC_NETWORK; `final`: it does not get better by
   trying again. RC_USAGE: h->server_ca. */
MUST enum rc http_once(struct http *h, const char *url, const char *content_type, struct span body, long left,
                       struct http_answer *answer, bool *final);

/* The proxy answered 407: sets h->trouble and says so. */
MUST enum rc http_login_fail(struct http *h);
