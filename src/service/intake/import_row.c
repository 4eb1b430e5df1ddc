/* One record of the import file, column by column: each is taken by its own small function or refused with a reason. */
#include "service/intake/import_row.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "pki/cert/cert.h"
#include "service/intake/nfc.h"

void import_reason(char out[IMPORT_REASON], const char *what, const char *vi, const char *en) {
    (void)snprintf(out, IMPORT_REASON, "%s: %s / %s", what, vi, en);
}

static void refuse(struct import_row *r, enum import_column column, const char *vi, const char *en) {
    import_reason(r->reason, import_column_name(column), vi, en);
}

/* Text in normal form, whole or refused. */
static enum rc take_text(struct import_row *r, enum import_column column, struct span cell, struct buf *scratch,
                         char *field, size_t cap) {
    size_t before = scratch->len;
    TRY(nfc_add(cell, scratch));
    if (text_set_span(field, cap, span_of(scratch->data + before, scratch->len - before)) != RC_OK) {
        char vi[64], en[64];
        (void)snprintf(vi, sizeof vi, "dài quá %zu byte; hãy rút ngắn", cap - 1);
        (void)snprintf(en, sizeof en, "longer than %zu bytes; shorten it", cap - 1);
        refuse(r, column, vi, en);
    }
    scratch->len = before;
    return RC_OK;
}

static void take_tax_code(struct import_row *r, const char *text) {
    if (!tax_code_valid(text) || text_set(r->row.tax_code, sizeof r->row.tax_code, text) != RC_OK)
        refuse(r, COLUMN_TAX_CODE, "phải là 9–14 chữ số, có thể thêm \"-\" và 3 chữ số; hãy sửa mã số thuế",
               "must be 9–14 digits, optionally \"-\" and 3 digits; correct the tax code");
}

static void take_province(struct import_row *r, const char *text) {
    if (!province_from(r->provinces, text, &r->row.province))
        refuse(r, COLUMN_PROVINCE, "phải là mã hai chữ số trong danh sách tỉnh, thành của chiến dịch (tệp provinces)",
               "must be a two-digit code of the campaign's list of provinces (its file provinces)");
}

static void take_device(struct import_row *r, const char *text) {
    if (!device_from(text, &r->row.device))
        refuse(r, COLUMN_DEVICE, "phải là v1, v2, v3, v4, v5 hoặc v6", "must be v1, v2, v3, v4, v5 or v6");
}

static void take_status(struct import_row *r, const char *text) {
    if (!status_from(text, &r->row.status))
        refuse(r, COLUMN_STATUS, "phải là active, suspended hoặc revoked", "must be active, suspended or revoked");
}

static void take_day(struct import_row *r, enum import_column column, const char *text, int32_t *day) {
    *day = DAY_NONE;
    if (text[0] != '\0' && day_parse(text, day) != RC_OK)
        refuse(r, column, "phải là ngày có thật, viết YYYY-MM-DD, ví dụ 2021-12-31",
               "must be a day that exists, written YYYY-MM-DD, for example 2021-12-31");
}

static enum rc take_certificate(struct import_row *r, struct span cell) {
    struct cert cert;
    char en[IMPORT_REASON / 2];
    buf_clear(&r->row.der);
    enum rc rc = b64_from(cell, &r->row.der);
    if (rc == RC_INPUT) {
        refuse(r, COLUMN_CERTIFICATE, "không phải base64 đúng chuẩn, không khoảng trắng; hãy xuất lại chứng thư số",
               "is not strict base64 without blanks; export the certificate again");
        return RC_OK;
    }
    TRY(rc);
    if (cert_look(buf_span(&r->row.der), &cert) != RC_OK) {
        (void)snprintf(en, sizeof en, "is not a certificate in DER: %.160s; export it again", err_text());
        refuse(r, COLUMN_CERTIFICATE, "không phải chứng thư số DER hợp lệ; hãy xuất lại chứng thư số", en);
        return RC_OK;
    }
    r->not_taken = (cert.facts.unfit >> UNFIT_FORM & 1) != 0;
    if (r->not_taken) { /* whole as it is: no export would make it better */
        (void)snprintf(en, sizeof en, "read, but not taken: %.160s; ask the maintainers", err_text());
        refuse(r, COLUMN_CERTIFICATE, "đọc được nhưng không nhận; hãy hỏi nhóm phát triển phần mềm", en);
        return RC_OK;
    }
    r->odd = cert.facts.odd;
    cert_issuer_key(&cert, r->row.issuer_key);
    serial_to_hex(cert.facts.serial, cert.facts.serial_len, r->row.serial);
    return RC_OK;
}

/* Columns of a few characters. */
static void take_short(struct import_row *r, enum import_column column, const char *text) {
    switch (column) {
    case COLUMN_TAX_CODE:
        take_tax_code(r, text);
        break;
    case COLUMN_PROVINCE:
        take_province(r, text);
        break;
    case COLUMN_DEVICE:
        take_device(r, text);
        break;
    case COLUMN_STATUS:
        take_status(r, text);
        break;
    case COLUMN_CONTRACT_TO:
        take_day(r, column, text, &r->row.contract_to);
        break;
    case COLUMN_CONTRACT_FROM:
        take_day(r, column, text, &r->row.contract_from);
        break;
    default:
        take_day(r, column, text, &r->row.status_at);
    }
}

/* Columns of free text, and where they go. */
static const struct {
    size_t offset, cap;
} texts[IMPORT_COLUMNS] = {
#define TEXT(field)                                                                                                    \
    { offsetof(struct cert_row, field), sizeof(((struct cert_row *)0)->field) }
    [COLUMN_CONTRACT] = TEXT(contract), [COLUMN_NAME] = TEXT(name),   [COLUMN_TOKEN_SERIAL] = TEXT(token_serial),
    [COLUMN_EMAIL] = TEXT(email),       [COLUMN_PHONE] = TEXT(phone), [COLUMN_AM] = TEXT(am),
    [COLUMN_AGENT] = TEXT(agent),
#undef TEXT
};

static enum rc take(struct import_row *r, enum import_column column, struct span cell, struct buf *scratch) {
    char bounded[32]; /* the short columns: anything longer is wrong anyway */
    if (column == COLUMN_CERTIFICATE)
        return take_certificate(r, cell);
    if (texts[column].cap > 0)
        return take_text(r, column, cell, scratch, (char *)&r->row + texts[column].offset, texts[column].cap);
    if (text_set_span(bounded, sizeof bounded, cell) != RC_OK)
        (void)snprintf(bounded, sizeof bounded, "?");
    take_short(r, column, bounded);
    return RC_OK;
}

/* The columns together: what none of them shows alone. */
static void take_whole(struct import_row *r) {
    if (r->row.contract_from != DAY_NONE && r->row.contract_from > r->row.contract_to)
        refuse(r, COLUMN_CONTRACT_FROM, "sau ngày contract_to; hãy kiểm tra thời hạn hợp đồng",
               "is after contract_to; check the contract's term");
}

static enum rc hash(struct import_row *r, const struct import_header *h, const struct csv *record,
                    struct buf *scratch) {
    r->key = sha256_of2(span_of(r->row.issuer_key, strlen(r->row.issuer_key) + 1), span_str(r->row.serial));
    buf_clear(scratch);
    for (int i = 0; i < IMPORT_COLUMNS; i++) {
        TRY(nfc_add(import_cell(h, record, (enum import_column)i), scratch));
        TRY(buf_add_char(scratch, '\0')); /* no cell holds one */
    }
    r->hash = sha256_of(buf_span(scratch));
    return RC_OK;
}

enum rc import_row_read(const struct import_header *h, const struct csv *record, struct buf *scratch,
                        struct import_row *out) {
    struct buf der = out->row.der;
    out->row = (struct cert_row){.der = der, .untold = h->untold};
    out->reason[0] = '\0';
    out->not_taken = false;
    out->odd = 0;
    if (record->fields != h->fields) {
        char en[80];
        (void)snprintf(en, sizeof en, "has %zu fields, the header has %zu; check commas and quotes", record->fields,
                       h->fields);
        import_reason(out->reason, "record", "số ô khác với dòng tiêu đề; hãy kiểm tra dấu phẩy và dấu ngoặc kép", en);
        return RC_OK;
    }
    for (int i = 0; i < IMPORT_COLUMNS && out->reason[0] == '\0'; i++) {
        struct span cell = import_cell(h, record, (enum import_column)i);
        if (i <= COLUMN_CERTIFICATE && cell.len == 0)
            refuse(out, (enum import_column)i, "để trống; hãy điền", "is empty; fill it in");
        else
            TRY(take(out, (enum import_column)i, cell, scratch));
    }
    if (out->reason[0] == '\0')
        take_whole(out);
    return out->reason[0] == '\0' ? hash(out, h, record, scratch) : RC_OK;
}
