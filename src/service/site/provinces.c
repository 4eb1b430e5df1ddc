/* Reads the list of provinces, every fault with its line, and looks things up in it. */
#include "service/site/provinces.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "service/csv/csv.h"

enum column { COLUMN_CODE, COLUMN_NAME, COLUMN_KIND, COLUMNS };
static const char *const COLUMN_NAMES[COLUMNS] = {"code", "name", "kind"};

struct reading {
    int place[COLUMNS]; /* of each column in the record, -1 when the file has not got it */
    struct provinces found;
};

const char *province_name(const struct provinces *p, uint8_t code) {
    for (int32_t i = 0; i < p->count; i++)
        if (p->of[i].code == code)
            return p->of[i].name;
    return NULL;
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool province_code(const char *text, uint8_t *code) {
    if (!digit(text[0]) || !digit(text[1]) || text[2] != '\0' || strcmp(text, "00") == 0)
        return false;
    *code = (uint8_t)((text[0] - '0') * 10 + (text[1] - '0'));
    return true;
}

bool province_from(const struct provinces *p, const char *text, uint8_t *code) {
    uint8_t value;
    if (!province_code(text, &value) || province_name(p, value) == NULL)
        return false;
    *code = value;
    return true;
}

/* Strings: a NUL follows each field. */
static const char *cell(const struct reading *r, const struct csv *c, enum column column) {
    return r->place[column] < 0 ? "" : (const char *)c->field[r->place[column]].ptr;
}

static enum rc take_column(struct reading *r, const char *title, int place) {
    for (int i = 0; i < COLUMNS; i++) {
        if (strcmp(title, COLUMN_NAMES[i]) != 0)
            continue;
        if (r->place[i] >= 0)
            FAIL(RC_INPUT, "the column %s stands in the header twice", title);
        r->place[i] = place;
        return RC_OK;
    }
    FAIL(RC_INPUT, "a list of provinces has no column \"%.40s\": its columns are code, name and kind", title);
}

static enum rc take_header(struct reading *r, const struct csv *c) {
    for (int i = 0; i < COLUMNS; i++)
        r->place[i] = -1;
    for (size_t i = 0; i < c->fields; i++)
        TRY(take_column(r, (const char *)c->field[i].ptr, (int)i));
    for (int i = COLUMN_CODE; i <= COLUMN_NAME; i++)
        if (r->place[i] < 0)
            FAIL(RC_INPUT, "the header has no column %s", COLUMN_NAMES[i]);
    return RC_OK;
}

/* A code that is there twice is refused, so the list never holds more than there are codes. */
static enum rc take_row(struct reading *r, const struct csv *c) {
    struct province *p = &r->found.of[r->found.count];
    if (c->fields != c->columns)
        FAIL(RC_INPUT, "a row has as many cells as the header: %zu, not %zu", c->columns, c->fields);
    const char *code = cell(r, c, COLUMN_CODE), *name = cell(r, c, COLUMN_NAME), *kind = cell(r, c, COLUMN_KIND);
    uint8_t value;
    if (!province_code(code, &value))
        FAIL(RC_INPUT, "the code of a province has two digits, 01 to 99, not \"%.20s\"", code);
    if (province_name(&r->found, value) != NULL)
        FAIL(RC_INPUT, "this province stands there twice: %s", code);
    if (name[strspn(name, " ")] == '\0')
        FAIL(RC_INPUT, "this province has no name: %s", code);
    if (kind[0] != '\0' && strcmp(kind, "thanh-pho") != 0 && strcmp(kind, "tinh") != 0)
        FAIL(RC_INPUT, "the kind of a province is thanh-pho or tinh, not \"%.20s\"", kind);
    *p = (struct province){.code = value, .city = strcmp(kind, "thanh-pho") == 0};
    if (text_set(p->name, sizeof p->name, name) != RC_OK)
        FAIL(RC_LIMIT, "the name of the province %s is longer than %d bytes", code, PROVINCE_NAME - 1);
    r->found.count++;
    return RC_OK;
}

static enum rc read_next(struct reading *r, struct csv *c, bool *more) {
    bool header = c->columns == 0;
    TRY(csv_next(c, more));
    if (!*more)
        return RC_OK;
    return header ? take_header(r, c) : take_row(r, c);
}

static enum rc read_all(struct reading *r, struct csv *c, const char *name) {
    bool more = true;
    while (more) {
        enum rc rc = read_next(r, c, &more);
        if (rc != RC_OK)
            return err_in(rc, "%s:%ld", name, c->line);
    }
    if (r->found.count == 0)
        FAIL(RC_INPUT, "%s:1: no province is named: the file begins with code,name,kind", name);
    return RC_OK;
}

enum rc provinces_parse(const char *name, struct span text, struct provinces *out) {
    struct reading r = {0};
    AUTO(buf) bytes = {0};
    AUTO(csv) csv = {0};
    if (text.len > PROVINCE_FILE_LIMIT)
        FAIL(RC_LIMIT, "%s: larger than %d bytes", name, PROVINCE_FILE_LIMIT);
    TRY(buf_add_span(&bytes, text));
    TRY(buf_add_char(&bytes, '\n')); /* so that it is never empty, which fmemopen refuses */
    AUTO_FILE in = fmemopen(bytes.data, bytes.len, "r");
    if (in == NULL)
        FAIL(RC_IO, "%s: cannot be read from memory", name);
    csv_open(&csv, in);
    TRY(read_all(&r, &csv, name));
    *out = r.found;
    return RC_OK;
}
