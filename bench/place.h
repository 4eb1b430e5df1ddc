/* A drill's installation in a temporary folder, as capbuctl init makes it, with its signing helpers. */
#pragma once

#include "service/issuing/reissue.h"
#include "service/issuing/sealing.h"
#include "service/site/conf.h"

struct place {
    char root[PATH_CAP]; /* temporary; removed by place_free */
    char dir[PATH_CAP];  /* the installation */
    struct site site;
    struct signer *signer;
    struct responder responder;
    struct recent *recent;
    struct reissue core;
    struct audit_linker linker; /* the audit is sealed as in capbud */
};

/* The letter's campaign on 15/03/2020, v4 open. Forks the helpers: before any thread. */
MUST enum rc place_open(struct place *p);
/* An installation that is there already, without helpers; place_free leaves it. */
MUST enum rc place_visit(struct place *p, const char *dir);
void place_free(struct place *p);

void place_path(const struct place *p, const char *name, char out[PATH_CAP]); /* in `dir` */

/* Closes the store and opens a fresh one on an empty database, with helpers that never knew another. Forks: nobody else
   may be at work. */
MUST enum rc place_fresh_store(struct place *p, const char *name);

/* Imports a file all of whose rows must be good and new. */
MUST enum rc place_import(struct place *p, const char *csv, int64_t rows);
