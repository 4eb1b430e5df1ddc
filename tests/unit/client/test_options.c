/* The command line and the environment of capbu, and the language of its complaints. */
#include "lib/must.h"

#include <stdlib.h>

#include "client/options.h"
#include "lib/words.h"

static struct words words;

static enum rc parse(const char *line, struct options *out) {
    words_split(&words, line);
    return options_parse(words.argc, words.argv, out);
}

static int set_up(void **state) {
    static const char *const names[] = {"CAPBU_SERVER", "CAPBU_SERVER_CA", "CAPBU_CA", "CAPBU_LANG"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    setenv("XDG_CONFIG_HOME", "/nowhere", 1);
    return 0;
}

static void refused(const char *line, const char *why) {
    struct options o = {.module_count = 77};
    MUST_FAIL(RC_USAGE, parse(line, &o));
    assert_int_equal(o.module_count, 77); /* written on success only */
    if (strstr(err_text(), why) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", line, err_text(), why);
}

static void has_defaults(void **state) {
    (void)state;
    struct options o;
    MUST_OK(parse("capbu list", &o));
    assert_string_equal(o.command, "list");
    assert_null(o.server); /* nobody is asked whom nobody named */
    assert_null(o.server_ca);
    assert_null(o.new_ca);
    assert_null(o.serial);
    assert_null(o.pin_file);
    assert_null(o.assist);
    assert_int_equal(o.lang, LANG_VI); /* Vietnamese first */
    assert_int_equal(o.module_count, 0);
    assert_false(o.json || o.pin_stdin || o.yes || o.last_try || o.help || o.version);
}

static void takes_every_option(void **state) {
    (void)state;
    struct options o;
    MUST_OK(parse("capbu --server https://h:1 renew --server-ca ca.pem --module a.so --lang en --json --serial 5404 "
                  "--pin-file pin --assist H5P8-RASNF --yes --module b.so --last-try",
                  &o));
    assert_string_equal(o.command, "renew");
    assert_string_equal(o.server, "https://h:1");
    assert_string_equal(o.server_ca, "ca.pem");
    assert_int_equal(o.module_count, 2);
    assert_string_equal(o.modules[0], "a.so");
    assert_string_equal(o.modules[1], "b.so");
    assert_int_equal(o.lang, LANG_EN);
    assert_string_equal(o.serial, "5404");
    assert_string_equal(o.pin_file, "pin");
    assert_string_equal(o.assist, "H5P8-RASNF");
    assert_true(o.json && o.yes && o.last_try && !o.pin_stdin);
    MUST_OK(parse("capbu check --proxy proxy:3128 --proxy-user an --proxy-password-file f", &o));
    assert_string_equal(o.proxy, "proxy:3128");
    assert_string_equal(o.proxy_user, "an");
    assert_string_equal(o.proxy_password_file, "f");
    MUST_OK(parse("capbu renew --pin-stdin --yes --ca new.pem", &o));
    assert_true(o.pin_stdin);
    assert_string_equal(o.new_ca, "new.pem");
    MUST_OK(parse("capbu clean --pin-stdin", &o)); /* asks nothing */
    setenv("CAPBU_CA", "env.pem", 1);
    MUST_OK(parse("capbu check", &o));
    assert_string_equal(o.new_ca, "env.pem");
    MUST_OK(parse("capbu --help", &o)); /* no command is needed for these two */
    assert_true(o.help && o.command == NULL);
    MUST_OK(parse("capbu -h", &o));
    assert_true(o.help);
    MUST_OK(parse("capbu help", &o));
    assert_true(o.help);
    MUST_OK(parse("capbu --version", &o));
    assert_true(o.version);
}

static void a_serial_number_is_read_as_it_is_written(void **state) {
    (void)state;
    struct options o;
    MUST_OK(parse("capbu list --serial 0x54fe", &o));
    assert_int_equal(o.serial_readings, 1);
    assert_string_equal(o.serials[0], "54FE");
    MUST_OK(parse("capbu list --serial 21758", &o));
    assert_int_equal(o.serial_readings, 2);
    assert_string_equal(o.serials[1], "54FE");
    MUST_OK(parse("capbu list", &o));
    assert_int_equal(o.serial_readings, 0);
}

static void the_line_beats_the_environment(void **state) {
    (void)state;
    struct options o;
    setenv("CAPBU_SERVER", "https://env:1", 1);
    setenv("CAPBU_SERVER_CA", "env.pem", 1);
    setenv("CAPBU_LANG", "en", 1);
    MUST_OK(parse("capbu list", &o));
    assert_string_equal(o.server, "https://env:1");
    assert_string_equal(o.server_ca, "env.pem");
    assert_int_equal(o.lang, LANG_EN);
    MUST_OK(parse("capbu --server https://line:1 --server-ca line.pem --lang vi list", &o));
    assert_string_equal(o.server, "https://line:1");
    assert_string_equal(o.server_ca, "line.pem");
    assert_int_equal(o.lang, LANG_VI);
    setenv("CAPBU_SERVER", "", 1); /* set to nothing is not set */
    setenv("CAPBU_LANG", "", 1);
    MUST_OK(parse("capbu list", &o));
    assert_null(o.server);
    assert_int_equal(o.lang, LANG_VI);
}

static void names_what_is_wrong(void **state) {
    (void)state;
    refused("capbu", "a command is missing");
    refused("capbu list more", "more");
    refused("capbu list --frob", "--frob");
    refused("capbu list --yes=1", "--yes=1");
    refused("capbu -x", "-x");
    refused("capbu list --jsno", "did you mean --json?");
    refused("capbu list --serial", "--serial");
    refused("capbu list --serial 54FG", "in hex");
    refused("capbu list --serial=", "in hex");
    refused("capbu --lang fr list", "--lang: vi");
    refused("capbu ui --assist 123456789012345678901234567890123", "at most 32");
    refused("capbu check --proxy-password-file f", "--proxy-user");
    refused("capbu renew --pin-file f --pin-stdin", "--pin-stdin");
    refused("capbu renew --pin-stdin", "needs --yes");
    refused("capbu resume --pin-stdin", "cần thêm --yes");
    refused("capbu --server http://h:1 list", "begin with https://"); /* never in the clear */
    setenv("CAPBU_LANG", "fr", 1);
    refused("capbu list", "CAPBU_LANG: vi");
}

/* What no server can be asked by is said at once, and is no server's fault. */
static void knows_an_address(void **state) {
    static const char *const good[] = {"h",       "h:1",           "h:65535",           "h:8443/",
                                       "h/capbu", "192.0.2.1:443", "[2001:db8::1]:443", "cấp-bù.vn"};
    static const char *const bad[] = {"",      ":443",  "h:",    "h:0",   "h:65536",   "h:99999", "h:4294967297",
                                      "h:-1",  "h:8o",  "a:b@h", "h:1:2", "[::1",      "[]:1",    "[h]:1",
                                      "h?x=1", "h/a#b", "/x",    "h:1?x", "https://h", "h\x7f"};
    char line[80];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct options o;
        (void)snprintf(line, sizeof line, "capbu list --server https://%s", good[i]);
        MUST_OK(parse(line, &o));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(line, sizeof line, "capbu list --server=https://%s", bad[i]);
        refused(line, "https://HOST:PORT");
    }
}

static void holds_so_many_modules(void **state) {
    (void)state;
    struct options o;
    char line[512] = "capbu list";
    for (int i = 0; i < MODULES_GIVEN_MAX; i++)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), " --module=%d.so", i);
    MUST_OK(parse(line, &o));
    assert_int_equal(o.module_count, MODULES_GIVEN_MAX);
    assert_string_equal(o.modules[MODULES_GIVEN_MAX - 1], "15.so");
    (void)snprintf(line + strlen(line), sizeof line - strlen(line), " --module=x.so");
    refused(line, "16");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(has_defaults, set_up),
        cmocka_unit_test_setup(takes_every_option, set_up),
        cmocka_unit_test_setup(a_serial_number_is_read_as_it_is_written, set_up),
        cmocka_unit_test_setup(the_line_beats_the_environment, set_up),
        cmocka_unit_test_setup(names_what_is_wrong, set_up),
        cmocka_unit_test_setup(knows_an_address, set_up),
        cmocka_unit_test_setup(holds_so_many_modules, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
