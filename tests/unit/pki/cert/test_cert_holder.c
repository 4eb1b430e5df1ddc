/* Whom a subject names: the tax code among several UIDs, in each string type, and the CN. */
#include "pki/cert/cert_holder.h"

#include <string.h>

#include "lib/must.h"
#include "pki/cert/oid.h"

/* Appends tag, length (short ones only) and contents. */
static void put(struct buf *out, uint8_t tag, struct span contents) {
    assert_in_range(contents.len, 0, 127);
    MUST_OK(buf_add_char(out, (char)tag));
    MUST_OK(buf_add_char(out, (char)contents.len));
    MUST_OK(buf_add_span(out, contents));
}

static void attribute(struct buf *rdns, struct span oid, uint8_t tag, struct span value) {
    AUTO(buf) pair = {0}, sequence = {0};
    put(&pair, 0x06, oid);
    put(&pair, tag, value);
    put(&sequence, 0x30, buf_span(&pair));
    put(rdns, 0x31, buf_span(&sequence));
}

static struct cert_holder holder_of(const struct buf *rdns, struct buf *name) {
    put(name, 0x30, buf_span(rdns));
    return cert_holder_of(buf_span(name));
}

static void finds_the_company_beside_a_person(void **state) {
    (void)state;
    AUTO(buf) rdns = {0}, name = {0};
    attribute(&rdns, OID_UID, 0x0c, span_str("CMND:012345678"));
    attribute(&rdns, OID_UID, 0x0c, span_str("MST:0100109106"));
    attribute(&rdns, OID_UID, 0x0c, span_str("MST:09"));
    attribute(&rdns, OID_CN, 0x0c, span_str("CÔNG TY A"));
    attribute(&rdns, OID_CN, 0x0c, span_str("B"));
    struct cert_holder h = holder_of(&rdns, &name);
    assert_string_equal(h.tax_code, "0100109106");
    assert_true(span_eq_str(h.cn, "CÔNG TY A"));
}

static void reads_other_string_types(void **state) {
    (void)state;
    static const char bmp[] = "\0M\0S\0T\0:\0 \0001\0002";
    AUTO(buf) rdns = {0}, name = {0}, other = {0}, second = {0};
    attribute(&rdns, OID_UID, 0x1e, span_of(bmp, sizeof bmp - 1));
    attribute(&rdns, OID_CN, 0x1e, span_of("\0A", 2));
    struct cert_holder h = holder_of(&rdns, &name);
    assert_string_equal(h.tax_code, "12");
    assert_int_equal(h.cn.len, 0); /* cert_name_get's */
    attribute(&other, OID_UID, 0x13, span_str("mst: 0100109106-001 "));
    assert_string_equal(holder_of(&other, &second).tax_code, "0100109106-001");
}

static void names_nobody_where_there_is_none(void **state) {
    (void)state;
    static const char *const others[] = {"CMND:012345678", "MST", "MST:0100109106000000000000000000", "MST:\xc3\xa0"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        AUTO(buf) rdns = {0}, name = {0};
        attribute(&rdns, OID_UID, 0x0c, span_str(others[i]));
        attribute(&rdns, OID_O, 0x0c, span_str("MST:0100109106"));
        assert_string_equal(holder_of(&rdns, &name).tax_code, "");
    }
    assert_string_equal(cert_holder_of(span_str("")).tax_code, "");
    assert_string_equal(cert_holder_of(span_str("0\x82")).tax_code, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_company_beside_a_person),
                                       cmocka_unit_test(reads_other_string_types),
                                       cmocka_unit_test(names_nobody_where_there_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
