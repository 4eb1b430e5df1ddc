/* The import file's columns, and one of its records as a row for the store or as a reason for refusing it
   (interfaces.md, "Import file"). */
#pragma once

#include "base/digest.h"
#include "service/csv/csv.h"
#include "service/site/provinces.h"
#include "store/certs.h"

#define IMPORT_COLUMNS 15
#define IMPORT_REASON  512

enum import_column {
    COLUMN_CONTRACT,
    COLUMN_TAX_CODE,
    COLUMN_NAME,
    COLUMN_PROVINCE,
    COLUMN_DEVICE,
    COLUMN_CONTRACT_TO,
    COLUMN_STATUS,
    COLUMN_CERTIFICATE, /* the last of those required */
    COLUMN_CONTRACT_FROM,
    COLUMN_TOKEN_SERIAL,
    COLUMN_EMAIL,
    COLUMN_PHONE,
    COLUMN_AM,
    COLUMN_AGENT,
    COLUMN_STATUS_AT
};
const char *import_column_name(enum import_column column);

struct import_header {
    int place[IMPORT_COLUMNS]; /* of each column in the record, -1 when the file has not got it */
    uint32_t untold;           /* those that it has not got, as store/certs.h names them */
    size_t fields;             /* up to the last that has a name */
    size_t ours;               /* so many in front are those of a list of ours */
    bool ignore;               /* what stands in columns unknown or without a name is nothing to us */
};

/* RC_INPUT with what is wrong: a column missing, twice, or unknown (unless `ignore`): nothing can be imported. */
MUST enum rc import_header_read(const struct csv *header, bool ignore, struct import_header *out);

/* Nothing but separators and blanks: a row that a spreadsheet once had. */
bool import_is_blank(const struct csv *record);

/* Has it a cell for each column, and nothing behind? */
bool import_fits(const struct import_header *h, const struct csv *record);

/* What stands in a column of any record, without blanks around it, and without the guard that a list of ours has put
   there; empty when the record has not got it. */
struct span import_cell(const struct import_header *h, const struct csv *record, enum import_column column);

struct import_row {
    struct cert_row row;               /* its buffer is used again from record to record */
    const struct provinces *provinces; /* which there are: the caller's to set */
    int32_t today;                     /* the caller's to set: nothing has a status in the future */
    bool unhashed;                     /* the caller's to set: key and hash are not wanted */
    struct span subject;               /* of the certificate in `row`, once it was read */
    char warning[IMPORT_REASON];       /* "" or what is odd about a good row, as a reason */
    char reason[IMPORT_REASON];        /* "" good; else column, what is wrong and what to do, in both languages */
    bool not_taken;     /* refused for the certificate's form alone: it is read, and no export is to blame */
    uint32_t odd;       /* what is noted of the certificate: bits of enum oddity */
    struct sha256 key;  /* of issuer key and serial: which certificate */
    struct sha256 hash; /* of all columns: what is said about it */
};
/* Is it known which certificate a refused row is about? */
bool import_row_named(const struct import_row *r);

/* RC_LIMIT: out of memory. A refused record is RC_OK with a reason. The signature is not verified: that is
   screening's. */
MUST enum rc import_row_read(const struct import_header *h, const struct csv *record, struct buf *scratch,
                             struct import_row *out);

/* Refuses the row for a column's value, which is shown unless it is empty. */
void import_refuse(struct import_row *r, enum import_column column, struct span value, const char *vi, const char *en);

/* "what: Vietnamese / English" into a reason. */
void import_reason(char out[IMPORT_REASON], const char *what, const char *vi, const char *en);
