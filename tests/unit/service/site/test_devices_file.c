/* devices.conf: the installed file reads, faults are named with file and line. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/jsonw.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "service/site/devices_file.h"

static struct devices d;

static void test_the_file_that_is_installed(void **state) {
    char path[PATH_CAP];
    bool seen[DEVICE_COUNT] = {false};
    (void)state;
    MUST_OK(fs_join(path, getenv("CAPBU_CONF"), "devices.conf"));
    MUST_OK(devices_file_load(path, &d, NULL));
    assert_string_equal(d.model[0].id, "v6");
    assert_string_equal(d.model[0].files[PLATFORM_LINUX], "viettel-ca_v6.so");
    assert_string_equal(d.model[0].files[PLATFORM_WINDOWS], "viettel-ca_v6.dll");
    for (int32_t i = 0; i < d.count; i++) {
        seen[d.model[i].code] = true;
        assert_int_equal(d.model[i].full, FULL_STOP); /* R5.11: nothing goes first unless somebody decides it */
    }
    for (int v = DEVICE_V1; v < DEVICE_COUNT; v++) /* R3.2, R3.3 */
        assert_true(seen[v]);
}

static void load(const char *text, enum rc want, const char *says) {
    char path[PATH_CAP];
    AUTO(tmp) t = {0};
    MUST_OK(tmp_make(&t, NULL, "devices"));
    MUST_OK(fs_join(path, t.dir, "devices.conf"));
    MUST_OK(fs_write(path, span_str(text), 0600));
    assert_int_equal(devices_file_load(path, &d, NULL), want);
    if (want != RC_OK && (strstr(err_text(), says) == NULL || strstr(err_text(), path) == NULL))
        fail_msg("%s: says %s", text, err_text());
}

static void test_faults(void **state) {
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"device \"v4\" {\n  linus = \"x.so\"\n}\n", ":2:"},
        {"device \"v4\" {\n  linux = \"x\"\n}\ndevice \"v4\" {\n  linux = \"y\"\n}\n", ":4:"},
        {"speed = 3\n", ":1:"},
        {"device \"v4\" {\n", ":"},
        {"device \"V4\" {\n  linux = \"x\"\n}\n", "lower-case"},
        {"device \"v4\" {\n  about = \"x\"\n}\n", "names no driver"},
        {"device \"v4\" {\n  linux = \"a;/tmp/x.so\"\n}\n", "without a folder"},
        {"device \"v4\" {\n  linux = \"..\"\n}\n", "without a folder"},
        {"device \"v4\" {\n  windows = \"c:x.dll\"\n}\n", "without a folder"},
        {"device \"v4\" {\n  linux = \"x\"\n  code = \"v9\"\n}\n", "v9"},
        {"device \"v4\" {\n  linux = \"x\"\n  code = \"v1 v2\"\n}\n", "v2"},
        {"device \"v4\" {\n  linux = \"x\"\n  write = \"fast\"\n}\n", "same-id, temporary-id"},
        {"device \"v4\" {\n  linux = \"x\"\n  when_full = \"delete\"\n}\n", "stop, delete-first"},
        {"device \"v4\" {\n  linux = \"x\"\n  quirks = \"bites\"\n}\n", "bites"},
        {"", "names no device"},
        {"linux_folders = \"/usr/lib\"\n", "names no device"},
        {"linux_folders = \"/usr/lib;lib\"\n", "absolute"},
        {"linux_folders = \"/usr/../tmp\"\n", "absolute"},
        {"windows_folders = \"//host/share\"\n", "of this computer"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        load(cases[i].text, RC_INPUT, cases[i].says);
}

static void test_limits(void **state) {
    AUTO(buf) text = {0};
    (void)state;
    for (int i = 0; i < DEVICE_MODELS; i++)
        MUST_OK(buf_printf(&text, "device \"m%d\" {\n linux = \"x\"\n}\n", i));
    load(buf_str(&text), RC_OK, "");
    assert_int_equal(d.count, DEVICE_MODELS);
    MUST_OK(buf_printf(&text, "device \"more\" {\n linux = \"x\"\n}\n"));
    load(buf_str(&text), RC_LIMIT, "more than 48");
    buf_clear(&text);
    MUST_OK(buf_printf(&text, "device \"m\" {\n  linux = \"%0*d\"\n}\n", DEVICE_FILES_CAP, 0));
    load(buf_str(&text), RC_INPUT, "longer than");
}

static void test_json(void **state) {
    AUTO(jsonw) w = {0};
    (void)state;
    load(
        "linux_folders = \"/a;/b c\"\ndevice \"x.1\" {\n  code = \"v2\"\n  linux = \"p.so;q.so\"\n  module = \"p*\"\n  "
        "label = \"L?\"\n  write = \"temporary-id\"\n  when_full = \"delete-first\"\n  old_certificate = \"keep\"\n  "
        "quirks = "
        "\"general-error-is-full\"\n}\n",
        RC_OK, "");
    jsonw_object(&w, NULL);
    devices_file_write(&w, &d);
    jsonw_close(&w, '}');
    MUST_OK(jsonw_end(&w));
    assert_string_equal(
        buf_str(&w.out),
        "{\"folders\":{\"linux\":[\"/a\",\"/b "
        "c\"],\"macos\":[],\"windows\":[]},\"devices\":[{\"id\":\"x.1\",\"code\":\"v2\","
        "\"about\":\"\",\"files\":{\"linux\":[\"p.so\",\"q.so\"],\"macos\":[],\"windows\":[]},\"recognise\":{"
        "\"module\":"
        "\"p*\",\"label\":\"L?\",\"manufacturer\":\"\",\"model\":\"\",\"firmware\":\"\"},\"write\":\"temporary-id\","
        "\"when_full\":\"delete-first\",\"old_certificate\":\"keep\",\"quirks\":[\"general-error-is-full\"]}]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_file_that_is_installed), cmocka_unit_test(test_faults),
                                       cmocka_unit_test(test_limits), cmocka_unit_test(test_json)};
    assert_int_equal(digest_init(), RC_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
