/* The proxy a person names: what is an address, where a login may stand, and the configuration file it may come from.
 */
#include <stdlib.h>
#include <string.h>

#include "client/net/proxy.h"
#include "client/settings.h"
#include "lib/must.h"
#include "lib/tmp.h"

static void addresses(void **state) {
    static const struct {
        const char *given, *kept;
    } good[] = {{"", ""},
                {"proxy", "http://proxy:8080"},
                {"proxy.cty.vn:3128", "http://proxy.cty.vn:3128"},
                {"http://10.0.0.1:80/", "http://10.0.0.1:80"},
                {"http://[fe80::1]:8080", "http://[fe80::1]:8080"},
                {"[::1]", "http://[::1]:8080"}};
    static const char *const bad[] = {"http://",
                                      "https://proxy:1",
                                      "http://name:word@proxy:8080",
                                      "proxy:",
                                      "proxy:123456",
                                      "proxy:80x",
                                      "proxy:99999",
                                      "proxy:0",
                                      "a b",
                                      "proxy/path",
                                      "[::1",
                                      "socks5://x",
                                      "proxy\n",
                                      "-\x01"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        AUTO(proxy) p = {0};
        MUST_OK(proxy_set(&p, good[i].given, "", (struct span){0}));
        assert_string_equal(p.url, good[i].kept);
        assert_true(p.http.user == NULL && (p.http.url == NULL) == (good[i].kept[0] == '\0'));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO(proxy) p = {0};
        if (proxy_set(&p, bad[i], "", (struct span){0}) != RC_INPUT)
            fail_msg("\"%s\" is taken for a proxy", bad[i]);
    }
}

static void logins(void **state) {
    AUTO(proxy) p = {0};
    char longer[PROXY_URL_CAP + SECRET_MAX] = "";
    (void)state;
    MUST_OK(proxy_set(&p, "proxy:1", "CTY\\kế toán", span_str("p:ß word")));
    assert_string_equal(p.http.user, "CTY\\kế toán");
    assert_string_equal(p.http.password->text, "p:ß word");
    MUST_FAIL(RC_INPUT, proxy_set(&p, "proxy:2", "a\r\nb", span_str("x")));
    MUST_FAIL(RC_INPUT, proxy_set(&p, "proxy:2", "a", span_str("x\ny")));
    memset(longer, 'x', sizeof longer - 1);
    MUST_FAIL(RC_LIMIT, proxy_set(&p, "proxy:2", longer, span_str("x")));
    MUST_FAIL(RC_LIMIT, proxy_set(&p, longer, "a", span_str("x")));
    MUST_FAIL(RC_LIMIT, proxy_set(&p, "proxy:2", "a", span_str(longer)));
    assert_string_equal(p.url, "http://proxy:1"); /* what was right before stays */
    MUST_OK(proxy_set(&p, "", "", (struct span){0}));
    assert_true(p.http.url == NULL && p.http.user == NULL);
}

static struct tmp folder;
static char path[PATH_CAP];

static int folder_make(void **state) {
    char sub[PATH_CAP];
    (void)state;
    MUST_OK(tmp_make(&folder, NULL, "settings"));
    MUST_OK(fs_join(sub, folder.dir, "capbu"));
    MUST_OK(fs_join(path, sub, "capbu.conf"));
    MUST_OK(fs_mkdir(sub, 0700));
    return setenv("XDG_CONFIG_HOME", folder.dir, 1);
}

static int folder_drop(void **state) {
    (void)state;
    tmp_free(&folder);
    return 0;
}

static void the_file(void **state) {
    static struct settings s;
    static const struct {
        const char *text, *says;
    } bad[] = {{"server = https://x\nspeed = 3\n", ":2: unknown key \"speed\""},
               {"proxy\n", ":1: no `key = value`"},
               {"# a\n\nlang = vi\nlang = en\n", ":4: lang is given twice"},
               {"lang = vietnamese\n", ":1: lang: "},
               {"lang = fr\n", ":1: lang is vi or en"},
               {"proxy-password = secret\n", ":1: unknown key"}}; /* never a password in it */
    (void)state;
    MUST_OK(settings_read(&s)); /* none is fine */
    assert_string_equal(s.proxy, "");
    MUST_OK(fs_write(path,
                     span_str("# của công ty\nserver = https://capbu.example.vn:8443\r\nproxy= proxy.cty.vn:3128 \n\n"
                              "proxy-user =CTY\\ke toan\nproxy-password-file = /etc/capbu/proxy\nlang = en"),
                     0600));
    MUST_OK(settings_read(&s));
    assert_string_equal(s.server, "https://capbu.example.vn:8443");
    assert_string_equal(s.proxy, "proxy.cty.vn:3128");
    assert_string_equal(s.proxy_user, "CTY\\ke toan");
    assert_string_equal(s.proxy_password_file, "/etc/capbu/proxy");
    assert_string_equal(s.lang, "en");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        MUST_OK(fs_write(path, span_str(bad[i].text), 0600));
        MUST_FAIL(RC_INPUT, settings_read(&s));
        if (strstr(err_text(), bad[i].says) == NULL)
            fail_msg("%s", err_text());
    }
    AUTO(buf) large = {0};
    MUST_OK(buf_printf(&large, "#%0*d\n", 16 * 1024, 0));
    MUST_OK(fs_write(path, buf_span(&large), 0600));
    MUST_FAIL(RC_INPUT, settings_read(&s));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(logins),
                                       cmocka_unit_test_setup_teardown(the_file, folder_make, folder_drop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
