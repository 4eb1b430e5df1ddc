/* Receipts on this machine: kept privately, found by either serial, believed only when their signature holds. */
#include "lib/must.h"
#include "lib/pki_world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/flow/receipts.h"
#include "pki/cms.h"

#define TEXT                                                                                                           \
    "{\"receipt\":\"1\",\"old_serial\":\"%s\",\"new_serial\":\"%s\",\"tax_code\":\"0100109106\","                      \
    "\"contract_end\":\"2021-07-01\",\"new_not_after\":\"2021-07-01T16:59:59Z\",\"channel\":\"self\","                 \
    "\"consent\":%s,\"confirmed_at\":\"2020-03-15T02:00:00Z\"}"

static void sign(const char *old_serial, const char *new_serial, const char *consent, struct buf *document) {
    static struct key *key;
    static struct buf der;
    struct cert c;
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    if (key == NULL) {
        pki_world_path(&world, "cmp.key", path);
        MUST_OK(key_make_file(path, 0, &key));
        MUST_OK(mint_cmp(world.new_key, ca_cert(world.new_ca), key, NEW_CA_FROM, NEW_CA_TO, &der));
    }
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(buf_printf(&text, TEXT, old_serial, new_serial, consent));
    MUST_OK(cms_sign(key, &c, buf_span(&text), DRILL_NOW, document));
}

static void keep(const char *old_serial, const char *new_serial) {
    AUTO(buf) document = {0};
    AUTO(receipt) r = {0};
    sign(old_serial, new_serial, "{\"at\":\"2020-03-15T01:00:00Z\",\"text\":\"Tôi đồng ý\"}", &document);
    MUST_OK(receipt_read(buf_span(&document), world.new_ca, &r));
    receipts_keep(&r);
}

static void is_kept_and_found(void **state) {
    (void)state;
    static char serials[RECEIPTS_MAX][48];
    AUTO(receipt) r = {0};
    struct stat st;
    char path[PATH_CAP];
    assert_int_equal(receipts_list(serials), 0);
    MUST_FAIL(RC_NOT_FOUND, receipts_get("43FF", NULL, &r));
    keep("5401", "43FF");
    keep("5402", "43FE");
    keep("5402", "43FE"); /* again */
    assert_int_equal(receipts_list(serials), 2);
    MUST_OK(receipts_get("43FF", world.new_ca, &r));
    assert_string_equal(r.old_serial, "5401");
    assert_string_equal(r.consent_text, "Tôi đồng ý");
    assert_string_equal(r.consent_at, "2020-03-15T01:00:00Z");
    MUST_OK(receipts_get("5402", NULL, &r)); /* by the old one */
    assert_string_equal(r.new_serial, "43FE");
    MUST_FAIL(RC_CRYPTO, receipts_get("43FF", world.old_ca, &r));
    MUST_FAIL(RC_NOT_FOUND, receipts_get("../43FF", NULL, &r));
    pki_world_path(&world, "capbu/receipt-43FF.p7m", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* A file under another's name, or one that somebody changed, is none. */
static void what_was_tampered_with_is_none(void **state) {
    (void)state;
    AUTO(buf) document = {0};
    AUTO(receipt) r = {0};
    char path[PATH_CAP];
    sign("5403", "43AA", "null", &document);
    pki_world_path(&world, "capbu/receipt-43AB.p7m", path);
    MUST_OK(fs_write(path, buf_span(&document), 0600));
    MUST_FAIL(RC_NOT_FOUND, receipts_get("43AB", NULL, &r));
    document.data[document.len / 4] ^= 1;
    pki_world_path(&world, "capbu/receipt-43AA.p7m", path);
    MUST_OK(fs_write(path, buf_span(&document), 0600));
    assert_int_not_equal(receipts_get("43AA", NULL, &r), RC_OK);
}

static void odd_ones_are_refused(void **state) {
    (void)state;
    AUTO(buf) longer = {0};
    AUTO(receipt) r = {0};
    static const char *const odd[][2] = {{"5401", ""}, {"5401", "43ff"}, {"../5401", "43FF"}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        AUTO(buf) document = {0};
        sign(odd[i][0], odd[i][1], "null", &document);
        MUST_FAIL(RC_INPUT, receipt_read(buf_span(&document), world.new_ca, &r));
    }
    while (longer.len <= RECEIPT_LIMIT)
        MUST_OK(buf_add_char(&longer, 'x'));
    MUST_FAIL(RC_LIMIT, receipt_read(buf_span(&longer), world.new_ca, &r));
    AUTO(buf) document = {0};
    sign("5401", "43FF", "null", &document); /* no consent was told: nothing to show */
    MUST_OK(receipt_read(buf_span(&document), world.new_ca, &r));
    assert_string_equal(r.consent_text, "");
}

static int setup(void **state) {
    int rc = pki_world_setup(state);
    setenv("XDG_STATE_HOME", world.dir, 1);
    return rc;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_kept_and_found),
        cmocka_unit_test(what_was_tampered_with_is_none),
        cmocka_unit_test(odd_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, pki_world_teardown);
}
