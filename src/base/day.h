/* Instants and civil days (letter R5.1): an instant is int64_t seconds since 1970-01-01T00:00:00Z, a day is int32_t
   days since 1970-01-01, and only the offset given joins the two. Proleptic Gregorian, years 1 to 9999. */
#pragma once

#include "base/buf.h"
#include "base/lang.h"

#define DAY_SECONDS  86400
#define DAY_NONE     INT32_MIN /* "no day" in optional fields */
#define INSTANT_NONE INT64_MIN /* "no instant" in optional fields */
#define DAY_TEXT     11        /* "2020-10-02" and NUL */
#define INSTANT_TEXT 21        /* "2020-10-02T02:42:20Z" and NUL */
#define INSTANT_READ 17        /* "02/10/2020 09:42" and NUL */

struct date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

int32_t day_from_date(struct date d); /* the date must be valid: see date_valid */
struct date day_to_date(int32_t day);
bool date_valid(struct date d);

/* The civil day an instant falls on, `offset` seconds east of UTC. */
int32_t day_of(int64_t instant, int32_t offset);
int64_t day_start(int32_t day, int32_t offset); /* its first second, in UTC */
int64_t day_end(int32_t day, int32_t offset);   /* its last second, 23:59:59, in UTC */

MUST enum rc day_parse(const char *text, int32_t *day); /* exactly YYYY-MM-DD. RC_INPUT */
void day_format(int32_t day, char out[DAY_TEXT]); /* "" for DAY_NONE and all that lies outside the years 1 to 9999 */
/* As people read it: 02/10/2020 in Vietnamese, 2020-10-02 in English; "" as day_format. */
void day_read(int32_t day, enum lang lang, char out[DAY_TEXT]);

/* RFC 3339 with Z or a numeric offset; fractions are accepted and dropped. RC_INPUT. */
MUST enum rc instant_parse(const char *text, int64_t *instant);
void instant_format(int64_t instant, char out[INSTANT_TEXT]); /* always UTC, "Z"; "" for INSTANT_NONE, as day_format */
/* The same for people, without seconds: "02/10/2020 09:42" or "2020-10-02 09:42", `offset` seconds east of UTC. */
void instant_read(int64_t instant, int32_t offset, enum lang lang, char out[INSTANT_READ]);

/* RFC 3339, or a bare date meaning 00:00 at `offset` (interfaces.md, screen --as-of). */
MUST enum rc instant_parse_or_day(const char *text, int32_t offset, int64_t *instant);
