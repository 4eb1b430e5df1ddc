/* Compares tax code and name with the certificate's subject (UID=MST:…, CN). */
#include "service/intake/import_holder.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "pki/cert/cert.h"
#include "pki/cert/cert_holder.h"
#include "pki/cert/oid.h"
#include "service/intake/nfc.h"

#define CN_MOST 64 /* characters: RFC 5280's ub-common-name, to which CAs cut a long name */

/* A branch's code stands in certificates with and without its dash. */
static bool same_code(const char *a, const char *b) {
    for (;; a++, b++) {
        a += strspn(a, "-");
        b += strspn(b, "-");
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
    }
}

static void refuse_code(struct import_row *r, const char *code) {
    char vi[220], en[220];
    (void)snprintf(vi, sizeof vi,
                   "chứng thư số ghi MST:%s; cột bị sắp xếp riêng hoặc chứng thư số của người khác: hãy sửa", code);
    (void)snprintf(en, sizeof en,
                   "the certificate says MST:%s; a column sorted alone, or another's certificate: correct the row",
                   code);
    import_refuse(r, COLUMN_TAX_CODE, span_str(r->row.tax_code), vi, en);
}

/* What a spreadsheet does to every code at once: it is no doubt which one is meant, and what the CA signed is taken. */
static bool lost_zeros(const char *told, const char *code) {
    size_t zeros = strspn(code, "0");
    return zeros > 0 && same_code(told, code + zeros);
}

static enum rc take_signed_code(struct import_row *r, const char *code) {
    (void)snprintf(
        r->warning, sizeof r->warning,
        "tax_code: \"%s\"; chứng thư số ghi MST:%s và đã được lấy theo đó; bảng tính đã bỏ số 0 ở đầu: định dạng "
        "cột là Text / the certificate says MST:%s, which is taken; a spreadsheet lost the leading zero: format "
        "the column as Text",
        r->row.tax_code, code, code);
    return text_set(r->row.tax_code, sizeof r->row.tax_code, code);
}

static size_t characters(struct span text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += (text.ptr[i] & 0xc0) != 0x80;
    return n;
}

static enum rc same_name(struct span name, struct span cn, bool *same) {
    AUTO(buf) a = {0};
    AUTO(buf) b = {0};
    TRY(nfc_fold(name, &a));
    TRY(nfc_fold(cn, &b));
    *same = span_eq(buf_span(&a), buf_span(&b)) ||
            (characters(cn) >= CN_MOST && a.len > b.len && memcmp(a.data, b.data, b.len) == 0);
    return RC_OK;
}

static void warn_of_name(struct import_row *r, struct span cn) {
    (void)snprintf(r->warning, sizeof r->warning,
                   "name: \"%.120s\"; chứng thư số ghi \"%.*s\": hãy kiểm tra / the certificate says otherwise: check",
                   r->row.name, cn.len > 160 ? 160 : (int)cn.len, (const char *)cn.ptr);
    utf8_tame(r->warning); /* a character cut in two */
}

static enum rc check_name(struct import_row *r, const struct cert_holder *holder, struct buf *scratch) {
    bool same = false;
    struct span name = span_str(r->row.name);
    if (span_eq(name, holder->cn)) /* nearly always */
        return RC_OK;
    buf_clear(scratch);
    if (cert_name_get(r->subject, OID_CN, scratch) != RC_OK)
        return RC_OK; /* there is none to compare with */
    TRY(same_name(name, buf_span(scratch), &same));
    if (!same)
        warn_of_name(r, buf_span(scratch));
    return RC_OK;
}

enum rc import_holder_check(struct import_row *r, struct buf *scratch) {
    struct cert_holder holder = cert_holder_of(r->subject);
    const char *code = holder.tax_code;
    if (code[0] == '\0' || same_code(code, r->row.tax_code))
        return check_name(r, &holder, scratch);
    if (tax_code_valid(code) && lost_zeros(r->row.tax_code, code))
        return take_signed_code(r, code);
    refuse_code(r, code);
    return RC_OK;
}
