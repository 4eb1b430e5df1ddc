/* devices.conf: the installed file reads, faults are named with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/fs.h"
#include "service/devices_file.h"

static void test_the_file_that_is_installed(void **state) {
    struct devices_file f;
    char path[PATH_CAP];
    (void)state;
    assert_int_equal(fs_join(path, getenv("CAPBU_CONF"), "devices.conf"), RC_OK);
    assert_int_equal(devices_file_load(path, &f), RC_OK);
    assert_int_equal(f.count, 4);
    assert_string_equal(f.model[0].id, "v4");
    assert_string_equal(f.model[0].module_linux, "viettel-ca_v4.so");
    assert_string_equal(f.model[3].module_linux, "");
}

static void test_faults(void **state) {
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"device \"v9\" {\n}\n", "v9"},
        {"device \"v4\" {\n  linus = \"x.so\"\n}\n", ":2:"},
        {"device \"v4\" {\n}\ndevice \"v4\" {\n}\n", ":3:"},
        {"speed = 3\n", ":1:"},
        {"device \"v4\" {\n", ":"},
    };
    char path[] = "/tmp/capbu-devices-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    fs_fd_free(&fd);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct devices_file f;
        assert_int_equal(fs_write(path, span_str(cases[i].text), 0600), RC_OK);
        assert_int_equal(devices_file_load(path, &f), RC_INPUT);
        assert_non_null(strstr(err_text(), cases[i].says));
        assert_non_null(strstr(err_text(), path));
    }
    assert_int_equal(remove(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_file_that_is_installed),
                                       cmocka_unit_test(test_faults)};
    assert_int_equal(digest_init(), RC_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
