/* Errors as RFC 9457 problems: {type, title, status, detail, code, support_code}, in the caller's language. */
#pragma once

#include "server/http/exchange.h"

/* In the table of problem.c: code, status and texts. */
enum problem {
    PROBLEM_BAD_REQUEST,
    PROBLEM_NOT_FOUND,
    PROBLEM_NOT_ISSUED,
    PROBLEM_NO_RECEIPT,
    PROBLEM_PROOF_NEEDED,
    PROBLEM_METHOD,
    PROBLEM_EXISTS,
    PROBLEM_CHANGED_OFTEN,
    PROBLEM_TOO_LARGE,
    PROBLEM_PATH_TOO_LONG,
    PROBLEM_HEAD_TOO_LARGE,
    PROBLEM_CONTENT_TYPE,
    PROBLEM_CONSENT_MISSING,
    PROBLEM_CONSENT_UNKNOWN,
    PROBLEM_ASSIST_UNKNOWN,
    PROBLEM_ASSIST_EXPIRED,
    PROBLEM_ASSIST_USED_UP,
    PROBLEM_ASSIST_NEEDED,
    PROBLEM_NOT_ELIGIBLE,
    PROBLEM_CLIENT_TOO_OLD,
    PROBLEM_TOO_MANY,
    PROBLEM_FULL,
    PROBLEM_UNAVAILABLE,
    PROBLEM_OUR_BUG
};

/* Makes `r` this problem. `detail`: what exactly is wrong here, or NULL for the table's own advice. */
void problem_set(const struct request *q, struct response *r, enum problem p, const char *detail);

/* The same with another code, for one kind of problem that has many: reasons, refusals. */
void problem_coded(const struct request *q, struct response *r, enum problem p, const char *code, const char *detail);

/* The problem of a failed call: its kind by `rc`. What is the caller's fault is told by err_text(); what is ours is
   logged with the support code and not told. */
void problem_from(const struct request *q, struct response *r, enum rc rc);

/* Retry-After, for 429 and 503 when the default is not right. */
void problem_retry(struct response *r, int seconds);
