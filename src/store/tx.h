/* A transaction as what writes in it sees it. At the bottom of the store, so that what is recorded in one (audit.h,
   certs.h, control.h, issue.h) needs to know nothing of who opens it (store.h) or runs it (writer.h). */
#pragma once

#include "store/db.h"

/* What a write body works with: the transaction's connection, its clock and the audit chain's head. */
struct tx {
    struct db *db;
    int64_t now;             /* the caller's instant */
    struct audit_head *head; /* store/audit.c */
};

/* A write on its way; lives where `done` finds it until that was called. */
struct write {
    enum rc (*body)(struct tx *tx, void *arg);
    /* On the writer's thread when all is durable, or when it failed, with the body's code and text: short, and never
       waits. The last that is done with a write. */
    void (*done)(void *arg, enum rc rc, const char *text);
    void *arg; /* of both */
    int64_t now;
    struct write *next; /* the writer's */
};
