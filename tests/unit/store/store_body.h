/* The store's test body: written once, run on each back end by test_store_sqlite and test_store_pg. */
#pragma once

#include "lib/must.h"
#include "store/audit.h"
#include "store/control.h"
#include "store/issue.h"
#include "store/store.h"

#define DSN_CAP 1200       /* ≥ PG_DSN */
#define NOW     1584205200 /* 2020-03-15 00:00 at +07:00 */

#define PING_MS 20000 /* a busy machine */

struct backend {
    const char *name;
    void (*fresh)(char dsn[DSN_CAP]); /* names a new, empty database */
    const char *nearly_full;          /* SQL that has every large value of meta fail as a full disk does */
    const char *room_again;           /* ends that */
};
extern const struct backend *backend;

/* Runs all of it; the number of failures. */
int store_body(const struct backend *b);

/* The parts, one file each. */
#define TESTS_MAX 64
size_t body_db(struct CMUnitTest *out);
size_t body_certs(struct CMUnitTest *out);
size_t body_issue(struct CMUnitTest *out);
size_t body_audit(struct CMUnitTest *out);
size_t body_writer(struct CMUnitTest *out);
size_t body_crash(struct CMUnitTest *out);

/* What they share. */
struct store *fresh_store(char dsn[DSN_CAP]);           /* dsn may be NULL */
void raw(const char *dsn, const char *sql);             /* behind the store's back */
struct cert_row a_cert(int n);                          /* the n-th old certificate, to be freed */
struct issued_row an_issue(int64_t old_id);             /* what might be reserved for it, to be freed */
int64_t put_cert(struct store *s, int n);               /* stores it, gives its id */
enum rc put_line(struct tx *tx, void *detail);          /* a body: one audit line */
int64_t lines_in(struct store *s);                      /* the chain must be whole */
enum rc count_row(void *count, const struct db_row *r); /* int64_t */
enum rc get_int(void *out, const struct db_row *r);     /* int64_t, first column */
int number_in(const struct audit_line *l);              /* of a line with the detail {"n":NUMBER} */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
