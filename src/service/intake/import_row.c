/* One record of the import file, column by column: each is taken by its own small function or refused with a reason. */
#include "service/intake/import_row.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "pki/cert/cert.h"
#include "service/intake/import_holder.h"
#include "service/intake/import_pem.h"
#include "service/intake/import_spoilt.h"
#include "service/intake/nfc.h"

static void refuse(struct import_row *r, enum import_column column, const char *value, const char *vi, const char *en) {
    import_refuse(r, column, span_str(value), vi, en);
}

bool import_row_named(const struct import_row *r) {
    return r->row.der.len > 0 && r->row.serial[0] != '\0';
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
        import_refuse(r, column, cell, vi, en);
    }
    scratch->len = before;
    return RC_OK;
}

static void take_tax_code(struct import_row *r, const char *text) {
    if (!tax_code_valid(text) || text_set(r->row.tax_code, sizeof r->row.tax_code, text) != RC_OK)
        refuse(r, COLUMN_TAX_CODE, text, "phải là 9–14 chữ số, có thể thêm \"-\" và 3 chữ số; hãy sửa mã số thuế",
               "must be 9–14 digits, optionally \"-\" and 3 digits; correct the tax code");
}

static void take_province(struct import_row *r, const char *text) {
    if (!province_from(r->provinces, text, &r->row.province))
        refuse(
            r, COLUMN_PROVINCE, text,
            "phải là mã hai chữ số, kể cả số 0 ở đầu, trong danh sách tỉnh, thành của chiến dịch (tệp provinces)",
            "must be a two-digit code, its leading zero too, of the campaign's list of provinces (its file provinces)");
}

static void take_device(struct import_row *r, const char *text) {
    if (!device_from(text, &r->row.device))
        refuse(r, COLUMN_DEVICE, text, "phải là v1, v2, v3, v4, v5 hoặc v6", "must be v1, v2, v3, v4, v5 or v6");
}

static void take_status(struct import_row *r, const char *text) {
    if (!status_from(text, &r->row.status))
        refuse(r, COLUMN_STATUS, text, "phải là active, suspended hoặc revoked",
               "must be active, suspended or revoked");
}

/* No contract is older than the trade, and none runs into the next century: such years are slips of the hand. */
static void check_year(struct import_row *r, enum import_column column, const char *text, int32_t day) {
    int32_t year = day_to_date(day).year;
    if (year < 1990 || year > 2100)
        refuse(r, column, text, "năm phải từ 1990 đến 2100; hãy sửa năm", "the year must be 1990 to 2100; correct it");
    else if (column == COLUMN_STATUS_AT && day > r->today)
        refuse(r, column, text, "là ngày trong tương lai; trạng thái chỉ ghi khi đã có hiệu lực",
               "is in the future; a status is told once it holds");
}

static void take_day(struct import_row *r, enum import_column column, const char *text, int32_t *day) {
    struct spoilt spoilt;
    *day = DAY_NONE;
    if (text[0] == '\0')
        return;
    if (day_parse(text, day) == RC_OK)
        check_year(r, column, text, *day);
    else if (spoilt_day(text, &spoilt))
        refuse(r, column, text, spoilt.vi, spoilt.en);
    else
        refuse(r, column, text, "phải là ngày có thật, viết YYYY-MM-DD, ví dụ 2021-12-31",
               "must be a day that exists, written YYYY-MM-DD, for example 2021-12-31");
}

static enum rc take_certificate(struct import_row *r, struct span cell) {
    struct cert cert;
    char en[IMPORT_REASON / 2];
    buf_clear(&r->row.der);
    enum rc rc = b64_from(cell, &r->row.der);
    if (rc == RC_INPUT) /* in lines, or as PEM */
        rc = pem_from(cell, &r->row.der);
    if (rc == RC_INPUT) {
        refuse(r, COLUMN_CERTIFICATE, "", "không phải base64 hoặc PEM đúng chuẩn; hãy xuất lại chứng thư số",
               "is neither strict base64 nor PEM; export the certificate again");
        return RC_OK;
    }
    TRY(rc);
    if (cert_look(buf_span(&r->row.der), &cert) != RC_OK) {
        (void)snprintf(en, sizeof en, "is not a certificate in DER: %.160s; export it again", err_text());
        refuse(r, COLUMN_CERTIFICATE, "", "không phải chứng thư số DER hợp lệ; hãy xuất lại chứng thư số", en);
        return RC_OK;
    }
    r->not_taken = (cert.facts.unfit >> UNFIT_FORM & 1) != 0;
    if (r->not_taken) { /* whole as it is: no export would make it better */
        (void)snprintf(en, sizeof en, "read, but not taken: %.160s; ask the maintainers", err_text());
        refuse(r, COLUMN_CERTIFICATE, "", "đọc được nhưng không nhận; hãy hỏi nhóm phát triển phần mềm", en);
        return RC_OK;
    }
    r->odd = cert.facts.odd;
    cert_issuer_key(&cert, r->row.issuer_key);
    serial_to_hex(cert.facts.serial, cert.facts.serial_len, r->row.serial);
    r->subject = cert.subject;
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

/* What no text has: a line's end, what is not seen, what a spreadsheet made of it. */
static bool is_clean(struct import_row *r, enum import_column column, struct span cell) {
    struct spoilt spoilt;
    int32_t unseen = nfc_unseen(cell);
    char vi[96], en[96];
    if (unseen != 0) {
        (void)snprintf(vi, sizeof vi, "có ký tự không nhìn thấy hoặc đổi hướng chữ U+%04X; hãy xóa đi",
                       (unsigned)unseen);
        (void)snprintf(en, sizeof en, "has U+%04X, which is not seen or turns the writing; remove it",
                       (unsigned)unseen);
        refuse(r, column, "", vi, en); /* not shown: it would turn the writing here too */
    } else if (cell.len > 0 && (memchr(cell.ptr, '\n', cell.len) != NULL || memchr(cell.ptr, '\r', cell.len) != NULL)) {
        import_reason(r->reason, "line-break", "một ô có xuống dòng; hãy ghi trên một dòng",
                      "a field holds a line break; write it on one line");
    } else if (cell.len > 0 && memmem(cell.ptr, cell.len, "\xef\xbf\xbd", 3) != NULL) {
        import_refuse(r, column, cell, "có ký tự U+FFFD, đặt thay cho chữ bị hỏng; hãy ghi lại chữ đúng, lấy từ nguồn",
                      "has U+FFFD, which stands for characters that were lost; write the right ones, from the source");
    } else if (spoilt_cell(cell, &spoilt)) {
        import_refuse(r, column, cell, spoilt.vi, spoilt.en);
    }
    return r->reason[0] == '\0';
}

static enum rc take(struct import_row *r, enum import_column column, struct span cell, struct buf *scratch) {
    char bounded[32]; /* the short columns: anything longer is wrong anyway */
    if (column == COLUMN_CERTIFICATE)
        return take_certificate(r, cell);
    if (!is_clean(r, column, cell))
        return RC_OK;
    if (texts[column].cap > 0)
        return take_text(r, column, cell, scratch, (char *)&r->row + texts[column].offset, texts[column].cap);
    if (text_set_span(bounded, sizeof bounded, cell) != RC_OK)
        (void)snprintf(bounded, sizeof bounded, "%.*s", (int)sizeof bounded - 1, (const char *)cell.ptr);
    take_short(r, column, bounded);
    return RC_OK;
}

/* The columns together: what none of them shows alone. */
static enum rc take_whole(struct import_row *r, struct buf *scratch) {
    char from[DAY_TEXT];
    day_format(r->row.contract_from, from);
    if (r->row.contract_from == DAY_NONE || r->row.contract_from <= r->row.contract_to)
        return import_holder_check(r, scratch);
    refuse(r, COLUMN_CONTRACT_FROM, from, "sau ngày contract_to; hãy kiểm tra thời hạn hợp đồng",
           "is after contract_to; check the contract's term");
    return RC_OK;
}

static enum rc hash(struct import_row *r, const struct import_header *h, const struct csv *record,
                    struct buf *scratch) {
    r->key = sha256_of2(span_of(r->row.issuer_key, strlen(r->row.issuer_key) + 1), span_str(r->row.serial));
    buf_clear(scratch);
    for (int i = 0; i < IMPORT_COLUMNS; i++) {
        if (i == COLUMN_CERTIFICATE) /* in whatever form it came */
            TRY(buf_add_span(scratch, buf_span(&r->row.der)));
        else
            TRY(nfc_add(import_cell(h, record, (enum import_column)i), scratch));
        TRY(buf_add_char(scratch, '\0')); /* no other cell holds one */
    }
    r->hash = sha256_of(buf_span(scratch));
    return RC_OK;
}

/* Whose row was refused is known where its certificate can be read all the same. */
static enum rc name_refused(const struct import_header *h, const struct csv *record, struct import_row *r) {
    char reason[IMPORT_REASON];
    if (import_row_named(r))
        return RC_OK;
    memcpy(reason, r->reason, sizeof reason);
    TRY(take_certificate(r, import_cell(h, record, COLUMN_CERTIFICATE)));
    memcpy(r->reason, reason, sizeof reason);
    return RC_OK;
}

enum rc import_row_read(const struct import_header *h, const struct csv *record, struct buf *scratch,
                        struct import_row *out) {
    struct buf der = out->row.der;
    buf_clear(&der);
    out->row = (struct cert_row){.der = der, .untold = h->untold};
    out->reason[0] = out->warning[0] = '\0';
    out->not_taken = false;
    out->odd = 0;
    if (!import_fits(h, record)) {
        char en[100];
        (void)snprintf(en, sizeof en, "has %zu fields, the header has %zu; check separators and quotes", record->fields,
                       h->fields);
        import_reason(out->reason, "record", "số ô khác với dòng tiêu đề; hãy kiểm tra dấu phân cách và dấu ngoặc kép",
                      en);
        return RC_OK;
    }
    for (int i = 0; i < IMPORT_COLUMNS && out->reason[0] == '\0'; i++) {
        struct span cell = import_cell(h, record, (enum import_column)i);
        if (i <= COLUMN_CERTIFICATE && cell.len == 0)
            refuse(out, (enum import_column)i, "", "để trống; hãy điền", "is empty; fill it in");
        else
            TRY(take(out, (enum import_column)i, cell, scratch));
    }
    if (out->reason[0] == '\0')
        TRY(take_whole(out, scratch));
    if (out->reason[0] != '\0')
        return name_refused(h, record, out);
    return out->unhashed ? RC_OK : hash(out, h, record, scratch);
}
