/* The import file's header: any order, a byte order mark or none, but nothing missing, nothing twice, nothing unknown.
 */
#include <string.h>

#include "service/intake/import_row.h"

static const char *const names[IMPORT_COLUMNS] = {
    [COLUMN_CONTRACT] = "contract",
    [COLUMN_TAX_CODE] = "tax_code",
    [COLUMN_NAME] = "name",
    [COLUMN_PROVINCE] = "province",
    [COLUMN_DEVICE] = "device",
    [COLUMN_CONTRACT_TO] = "contract_to",
    [COLUMN_STATUS] = "status",
    [COLUMN_CERTIFICATE] = "certificate",
    [COLUMN_CONTRACT_FROM] = "contract_from",
    [COLUMN_TOKEN_SERIAL] = "token_serial",
    [COLUMN_EMAIL] = "email",
    [COLUMN_PHONE] = "phone",
    [COLUMN_AM] = "am",
    [COLUMN_AGENT] = "agent",
    [COLUMN_STATUS_AT] = "status_at",
};

static const uint32_t untold[IMPORT_COLUMNS] = {
    [COLUMN_CONTRACT_FROM] = CERT_CONTRACT_FROM,
    [COLUMN_TOKEN_SERIAL] = CERT_TOKEN_SERIAL,
    [COLUMN_EMAIL] = CERT_EMAIL,
    [COLUMN_PHONE] = CERT_PHONE,
    [COLUMN_AM] = CERT_AM,
    [COLUMN_AGENT] = CERT_AGENT,
    [COLUMN_STATUS_AT] = CERT_STATUS_AT,
};

const char *import_column_name(enum import_column column) {
    return names[column];
}

static struct span trim(struct span s) {
    while (s.len > 0 && s.ptr[0] == ' ')
        s = span_of(s.ptr + 1, s.len - 1);
    while (s.len > 0 && s.ptr[s.len - 1] == ' ')
        s.len--;
    return s;
}

static int find(struct span name) {
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        if (span_eq_str(name, names[i]))
            return i;
    return -1;
}

static int shown(struct span s) { /* enough of a name to recognise it */
    return s.len < 40 ? (int)s.len : 40;
}

static enum rc place(struct span name, int at, bool ignore, struct import_header *h) {
    int column = find(name);
    if (column < 0 && ignore)
        return RC_OK;
    if (column < 0)
        FAIL(RC_INPUT, "unknown column \"%.*s\": correct its name, remove it, or say --ignore-columns", shown(name),
             (const char *)name.ptr);
    if (h->place[column] >= 0)
        FAIL(RC_INPUT, "column %s stands in the header twice: remove one", names[column]);
    h->place[column] = at;
    return RC_OK;
}

enum rc import_header_read(const struct csv *header, bool ignore, struct import_header *out) {
    struct import_header h = {.fields = header->fields};
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        h.place[i] = -1;
    for (size_t i = 0; i < header->fields; i++)
        TRY(place(trim(header->field[i]), (int)i, ignore, &h));
    for (int i = 0; i <= COLUMN_CERTIFICATE; i++)
        if (h.place[i] < 0)
            FAIL(RC_INPUT, "the header has no column %s: the first line must name the columns", names[i]);
    for (int i = COLUMN_CERTIFICATE + 1; i < IMPORT_COLUMNS; i++)
        h.untold |= h.place[i] < 0 ? untold[i] : 0;
    *out = h;
    return RC_OK;
}

struct span import_cell(const struct import_header *h, const struct csv *record, enum import_column column) {
    int at = h->place[column];
    return at < 0 || (size_t)at >= record->fields ? (struct span){0} : trim(record->field[at]);
}
