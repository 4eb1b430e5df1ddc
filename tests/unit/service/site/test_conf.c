/* capbud.conf: what stands in it is taken, all else is refused with file and line. */
#include "lib/must.h"
#include "lib/tmp.h"
#include "unit/service/world.h"

#include "service/site/site_rules.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct tmp dir;

static int setup(void **state) {
    (void)state;
    MUST_OK(tmp_make(&dir, NULL, "conf"));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    tmp_free(&dir);
    return 0;
}

static enum rc load(const char *text, struct conf *c) {
    char path[PATH_CAP];
    MUST_OK(fs_join(path, dir.dir, CONF_NAME));
    MUST_OK(fs_write(path, span_str(text), 0600));
    return conf_load(dir.dir, c);
}

static void test_defaults(void **state) {
    (void)state;
    struct conf c;
    char expected[PATH_CAP];
    MUST_OK(load("# nothing\n", &c));
    assert_string_equal(c.listen_host, "127.0.0.1");
    assert_int_equal(c.listen_port, 8443);
    MUST_OK(fs_join(expected, c.dir, "capbu.db"));
    assert_string_equal(c.database, expected);
    MUST_OK(fs_join(expected, c.dir, "old-ca.pem"));
    assert_string_equal(c.old_ca, expected);
    assert_string_equal(c.ca_pin_file, "");
    assert_false(c.drill);
    assert_true(c.signers >= 1 && c.max_body >= 65536);
}

/* The reference says what holds: loading it is loading the defaults. */
static void test_reference(void **state) {
    (void)state;
    struct conf defaults, c;
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    assert_non_null(getenv("CAPBU_CONF"));
    MUST_OK(fs_join(path, getenv("CAPBU_CONF"), CONF_NAME));
    MUST_OK(fs_read(path, 1 << 16, &text));
    MUST_OK(load("", &defaults));
    MUST_OK(load(buf_str(&text), &c));
    assert_memory_equal(&c, &defaults, sizeof c);
    for (const char *at = strchr(buf_str(&text), '\n'); at != NULL; at = strchr(at + 1, '\n'))
        assert_true(strcspn(at + 1, "\n") <= 160); /* bytes; 120 columns */
}

static bool keeps(const struct out_rules *rules, const char *path) {
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->kept[i], path) == 0)
            return true;
    return false;
}

/* Whatever file it names lies where it may, and no output ever takes its place. */
static void test_every_file_is_kept(void **state) {
    static const char *const keys[] = {"old_ca",         "new_ca",      "ca_key",           "ca_pin_file",
                                       "cmp_cert",       "cmp_key",     "cmp_pin_file",     "seal_key",
                                       "signed_journal", "tls",         "campaign",         "devices",
                                       "devices_cert",   "devices_key", "devices_pin_file", "database"};
    static struct out_rules rules;
    struct site s = {0};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char text[128], path[64];
        (void)snprintf(path, sizeof path, "/elsewhere/%s", keys[i]);
        (void)snprintf(text, sizeof text, "%s = \"%s\"\n", keys[i], path);
        MUST_OK(load(text, &s.conf));
        MUST_OK(site_rules(&s, "input", true, &rules));
        if (!keeps(&rules, path))
            fail_msg("%s may be replaced", keys[i]);
    }
    assert_true(keeps(&rules, "input"));
}

static void test_everything(void **state) {
    (void)state;
    struct conf c;
    MUST_OK(load("listen = \"[::1]:0\"\ndatabase = \"host=/run/pg dbname=capbu\"\nold_ca = \"/etc/old.pem\"\n"
                 "ca_key = \"pkcs11:token=ca;object=key\"\nca_pin_file = \"/run/pin\"\ndrill = true\n"
                 "clock_offset = -1000\nsigners = 3\nclient_min_version = \"0.1.0\"\n",
                 &c));
    assert_string_equal(c.listen_host, "::1");
    assert_int_equal(c.listen_port, 0);
    assert_string_equal(c.database, "host=/run/pg dbname=capbu");
    assert_string_equal(c.old_ca, "/etc/old.pem");
    assert_string_equal(c.ca_key, "pkcs11:token=ca;object=key");
    assert_string_equal(c.ca_pin_file, "/run/pin");
    assert_string_equal(c.client_min_version, "0.1.0");
    assert_int_equal(c.signers, 3);
    int64_t off = conf_now(&c) - time(NULL);
    assert_true(off >= -1000 && off <= -998);
}

static void test_refuses(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"\nlisten = \"8443\"\n", ":2: listen"},
        {"listen = \"host:99999\"\n", ":1: listen"},
        {"listen = \"host:\"\n", ":1: listen"},
        {"# first\n\nlissten = \"a:1\"\n", ":3:"},
        {"signers = 1\nsigners = 2\n", ":2:"},
        {"signers = 0\n", ":1:"},
        {"signers = many\n", ":1:"},
        {"max_body = 99999999\n", ":1:"},
        {"drill = perhaps\n", ":1:"},
        {"signers = 1\nca_key = \"pkcs11:token=ca?pin-value=1234\"\n", ":2: ca_key: a PIN"},
        {"cmp_key = \"pkcs11:token=cmp?pin-source=/f\"\n", ":1: cmp_key: a PIN"},
        {"database = \"postgresql://capbu:secret@db/capbu\"\n", ":1: database: a password"},
        {"database = \"host=db password=secret\"\n", ":1: database: a password"},
        {"clock_offset = 5\n", ":1: clock_offset"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf c;
        MUST_FAIL(RC_INPUT, load(cases[i].text, &c));
        if (strstr(err_text(), cases[i].says) == NULL || strstr(err_text(), CONF_NAME) == NULL)
            fail_msg("case %zu: %s", i, err_text());
        assert_null(strstr(err_text(), "secret"));
        assert_null(strstr(err_text(), "1234"));
    }
}

/* What only looks like a password is none. */
static void test_databases(void **state) {
    (void)state;
    static const char *const good[] = {"postgresql://capbu@db:5432/capbu", "postgresql://db:5432/capbu?options=a@b",
                                       "postgres:///capbu", "host=db dbname=capbu passfile=/etc/capbu.pass",
                                       "/var/lib/a=b/capbu.db"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct conf c;
        AUTO(buf) text = {0};
        MUST_OK(buf_printf(&text, "database = \"%s\"\n", good[i]));
        MUST_OK(load(buf_str(&text), &c));
        assert_string_equal(c.database, good[i]);
    }
}

static void test_missing(void **state) {
    (void)state;
    struct conf c;
    struct site s = {0};
    MUST_FAIL(RC_NOT_FOUND, conf_load("/nonexistent/capbu", &c));
    MUST_FAIL(RC_NOT_FOUND, conf_load("/", &c)); /* a folder, but no installation */
    MUST_OK(load("drill = true\n", &c));
    MUST_FAIL(RC_NOT_FOUND, site_open(dir.dir, &s));
    site_free(&s); /* fine: untouched */
}

/* R5.4: one key is one issuer, whatever the file names. */
static void test_same_ca_twice(void **state) {
    (void)state;
    struct site s = {0};
    AUTO(buf) conf = {0}, changed = {0};
    world_open(&w, false);
    assert_int_equal(w.site.campaign.new_ca_not_after, NEW_CA_TO); /* R5.7: filled in from the certificate */
    assert_int_equal(w.site.campaign.new_ca_not_before, NEW_CA_FROM);
    world_read(&w, CONF_NAME, &conf);
    const char *at = strstr(buf_str(&conf), "new.pem");
    assert_non_null(at);
    MUST_OK(buf_printf(&changed, "%.*sold%s", (int)(at - buf_str(&conf)), buf_str(&conf), at + 3));
    world_write(&w, CONF_NAME, buf_str(&changed));
    MUST_FAIL(RC_INPUT, site_open(w.pki.dir, &s));
    assert_non_null(strstr(err_text(), "same key"));
    world_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_reference),
        cmocka_unit_test(test_everything),    cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_databases),     cmocka_unit_test(test_missing),
        cmocka_unit_test(test_same_ca_twice), cmocka_unit_test(test_every_file_is_kept),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
