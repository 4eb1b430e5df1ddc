/* Token models as capbu takes them: built in, or signed, under limits; and which publication is believed when. */
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "client/token/devices.h"
#include "lib/must.h"
#include "lib/pki_world.h"
#include "pki/cms.h"

static struct known_devices known;
static struct key *signer;
static struct buf signer_cert;

static int setup(void **state) {
    char path[PATH_CAP];
    int rc = pki_world_setup(state);
    pki_world_path(&world, "devices.key", path);
    MUST_OK(key_make_file(path, 0, &signer));
    MUST_OK(mint_publisher(world.new_key, ca_cert(world.new_ca), signer, NEW_CA_FROM, NEW_CA_TO, &signer_cert));
    return rc;
}

static int teardown(void **state) {
    key_free(signer);
    buf_free(&signer_cert);
    return pki_world_teardown(state);
}

#define HEAD                                                                                                           \
    "\"kind\":\"capbu-devices\",\"version\":3,\"issued\":\"2020-03-15T02:00:00Z\",\"expires\":\"2020-06-13T02:00:"     \
    "00Z\""
#define ENDS  1592013600 /* 2020-06-13T02:00:00Z */
#define MODEL "{\"id\":\"v4\",\"files\":{\"linux\":[\"a.so\"]}}"

static void what_is_built_in(void **state) {
    (void)state;
    MUST_OK(devices_builtin(&known));
    assert_int_equal(known.version, 0);
    assert_true(known.devices.count > 6);
    struct p11_module m = {.path = "/somewhere/viettel-ca_v4.so"};
    struct p11_token t = {.module = &m};
    assert_string_equal(devices_of_token(&known.devices, &t)->id, "v4");
    MUST_OK(text_set(m.path, sizeof m.path, "/somewhere/else.so"));
    assert_null(devices_of_token(&known.devices, &t));
}

static void every_member(void **state) {
    (void)state;
    MUST_OK(devices_read(
        span_str("{" HEAD
                 ",\"new\":1,\"folders\":{\"linux\":[\"/a\",\"/b\"],\"windows\":[\"C:/c\"]},\"devices\":[{\"id\":\"x\","
                 "\"code\":\"v2\",\"about\":\"y\",\"files\":{\"linux\":[\"a.so\",\"b.so\"]},\"recognise\":{\"module\":"
                 "\"m*\",\"label\":\"l\","
                 "\"manufacturer\":\"n\",\"model\":\"o\",\"firmware\":\"1.0\"},\"write\":\"temporary-id\",\"when_"
                 "full\":\"delete-first\","
                 "\"old_certificate\":\"campaign\",\"quirks\":[\"general-error-is-full\",\"later\"]}]}"),
        &known));
    const struct device_model *m = &known.devices.model[0];
    assert_int_equal(known.version, 3);
    assert_int_equal(known.expires, ENDS);
    assert_string_equal(known.devices.folders[PLATFORM_LINUX], "/a;/b");
    assert_string_equal(known.devices.folders[PLATFORM_WINDOWS], "C:/c");
    assert_string_equal(m->files[PLATFORM_LINUX], "a.so;b.so");
    assert_string_equal(m->firmware, "1.0");
    assert_int_equal(m->code, DEVICE_V2);
    assert_true(m->write == WRITE_TEMPORARY_ID && m->full == FULL_DELETE_FIRST && m->old == DEVICE_OLD_CAMPAIGN);
    assert_int_equal(m->quirks, QUIRK_GENERAL_ERROR_IS_FULL);
}

/* A later list may say what this program has not heard of: then nothing is deleted. */
static void unknown_words_are_taken_carefully(void **state) {
    (void)state;
    MUST_OK(devices_read(
        span_str("{" HEAD ",\"devices\":[{\"id\":\"x\",\"code\":\"v77\",\"files\":{\"linux\":[\"a\"]},\"write\":"
                 "\"by-magic\",\"when_full\":\"burn\",\"old_certificate\":\"burn\"}]}"),
        &known));
    const struct device_model *m = &known.devices.model[0];
    assert_true(m->write == WRITE_SAME_ID && m->full == FULL_STOP && m->old == DEVICE_OLD_KEEP);
    assert_int_equal(m->code, DEVICE_NONE);
}

static void refused(enum rc want, const char *text, const char *says) {
    known.version = 77;
    if (devices_read(span_str(text), &known) != want || strstr(err_text(), says) == NULL)
        fail_msg("%.60s: %s", text, err_text());
    assert_int_equal(known.version, 77); /* written on success only */
}

static void what_is_no_list(void **state) {
    (void)state;
    refused(RC_INPUT, "", "JSON");
    refused(RC_INPUT, "[]", "object");
    refused(RC_INPUT, "{}", "no list");
    refused(RC_INPUT, "{\"kind\":\"capbu-receipt\",\"version\":3}", "no list"); /* another document of ours */
    refused(RC_INPUT, "{\"kind\":\"capbu-devices\",\"version\":0}", "no version");
    refused(RC_INPUT, "{\"kind\":\"capbu-devices\",\"version\":\"3\"}", "no version");
    refused(RC_INPUT, "{\"kind\":\"capbu-devices\",\"version\":1,\"issued\":\"x\"}", "");
    refused(RC_INPUT, "{" HEAD "}", "names no device");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[]}", "names no device");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[1]}", "no object");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[{}]}", "device 1");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[{\"id\":\"x\",\"files\":{\"linux\":[\"/tmp/evil.so\"]}}]}",
            "without a folder");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[{\"id\":\"x\",\"files\":{\"linux\":[7]}}]}", "no text");
    refused(RC_INPUT, "{" HEAD ",\"devices\":[" MODEL "," MODEL "]}", "same name");
    refused(RC_INPUT, "{" HEAD ",\"folders\":{\"linux\":[\"lib\"]}}", "absolute");
    refused(RC_INPUT, "{" HEAD ",\"folders\":{\"windows\":[\"%TEMP%/x\"]}}", "of this computer");
    refused(RC_LIMIT, "{" HEAD ",\"devices\":[{\"id\":\"a-name-that-is-longer-than-thirty-one-bytes\"}]}", "device 1");
}

static void has_limits(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    MUST_OK(buf_add_str(&text, "{" HEAD ",\"devices\":["));
    for (int i = 0; i <= DEVICE_MODELS; i++)
        MUST_OK(buf_printf(&text, "%s{\"id\":\"m%d\",\"files\":{\"linux\":[\"a\"]}}", i == 0 ? "" : ",", i));
    MUST_OK(buf_add_str(&text, "]}"));
    refused(RC_LIMIT, buf_str(&text), "more than 48");
    buf_clear(&text);
    for (int i = 0; i < 30000; i++)
        MUST_OK(buf_add_str(&text, "["));
    refused(RC_INPUT, buf_str(&text), "JSON");
}

static void sign(const char *text, struct buf *out) {
    struct cert c;
    MUST_OK(cert_parse(buf_span(&signer_cert), &c));
    MUST_OK(cms_sign(signer, &c, span_str(text), DRILL_NOW, out));
}

/* Whoever has the key that answers the network cannot make a subscriber's program load a driver. */
static void not_what_the_cmp_key_signs(void **state) {
    (void)state;
    struct cert cmp;
    AUTO(buf) doc = {0};
    AUTO(buf) der = {0};
    MUST_OK(mint_cmp(world.new_key, ca_cert(world.new_ca), signer, NEW_CA_FROM, NEW_CA_TO, &der));
    MUST_OK(cert_parse(buf_span(&der), &cmp));
    MUST_OK(cms_sign(signer, &cmp, span_str("{" HEAD ",\"devices\":[" MODEL "]}"), DRILL_NOW, &doc));
    MUST_FAIL(RC_CRYPTO, devices_open(buf_span(&doc), buf_span(&world.new_der), DRILL_NOW, &known));
    assert_non_null(strstr(err_text(), "may not sign token models"));
}

static void only_what_is_signed_under_the_new_ca(void **state) {
    (void)state;
    AUTO(buf) doc = {0};
    sign("{" HEAD ",\"devices\":[" MODEL "]}", &doc);
    struct span new_ca = buf_span(&world.new_der), old_ca = buf_span(&world.old_der);
    MUST_OK(devices_open(buf_span(&doc), new_ca, DRILL_NOW, &known));
    assert_int_equal(known.version, 3);
    MUST_OK(devices_open(buf_span(&doc), new_ca, ENDS - 1, &known));
    MUST_FAIL(RC_REFUSED, devices_open(buf_span(&doc), new_ca, ENDS, &known));
    assert_non_null(strstr(err_text(), "expired on 2020-06-13"));
    MUST_FAIL(RC_CRYPTO, devices_open(buf_span(&doc), old_ca, DRILL_NOW, &known));
    for (size_t i = 0; i < doc.len; i += 7) {
        doc.data[i] ^= 1;
        if (devices_open(buf_span(&doc), new_ca, DRILL_NOW, &known) == RC_OK)
            fail_msg("a bit of byte %zu was changed, and nobody noticed", i);
        doc.data[i] ^= 1;
    }
    MUST_OK(devices_open(buf_span(&doc), new_ca, DRILL_NOW, &known));
}

static void not_too_large(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    AUTO(buf) doc = {0};
    MUST_OK(buf_printf(&text, "{" HEAD ",\"about\":\"%0*d\"}", PUBLICATION_LIMIT, 0));
    sign(buf_str(&text), &doc);
    MUST_FAIL(RC_LIMIT, devices_open(buf_span(&doc), buf_span(&world.new_der), DRILL_NOW, &known));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_in),
        cmocka_unit_test(every_member),
        cmocka_unit_test(unknown_words_are_taken_carefully),
        cmocka_unit_test(what_is_no_list),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(not_what_the_cmp_key_signs),
        cmocka_unit_test(only_what_is_signed_under_the_new_ca),
        cmocka_unit_test(not_too_large),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
