/* Token models: patterns, recognition in order, and what may not stand in a list of them (R3.2, R3.3). */
#include "lib/must.h"

#include <string.h>

#include "base/buf.h"
#include "rules/device.h"

static void patterns(void **state) {
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"a*", "ABC", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*v4*", "viettel-ca_v4.so", true},
        {"ePass2003*", "EPASS2003Auto", true},
        {"*a*b*c", "xaybzc", true},
        {"*a*b*c", "xaybzcd", false},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
        {"**", "x", true},
        {"*.so", "a.so.so", true},
        {"?", "", false},
        {"Mẫu*", "Mẫu 1", true},
        {"*ab", "aab", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (device_pattern_fits(cases[i].pattern, cases[i].text) != cases[i].fits)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
}

/* Backtracking over every * would take longer than the universe has. */
static void patterns_end_soon(void **state) {
    char pattern[DEVICE_MATCH_CAP] = "", text[512];
    (void)state;
    for (size_t i = 0; i + 2 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 3);
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    text[sizeof text - 2] = 'b';
    assert_false(device_pattern_fits(pattern, text));
}

static struct devices d;

static struct device_model *add(const char *id, const char *linux_files) {
    struct device_model *m = &d.model[d.count++];
    *m = (struct device_model){0};
    MUST_OK(text_set(m->id, sizeof m->id, id));
    MUST_OK(text_set(m->files[PLATFORM_LINUX], DEVICE_FILES_CAP, linux_files));
    return m;
}

static const char *known_as(const char *module, const char *label, const char *model) {
    const struct device_facts f = {module, label, "Feitian", model, "1.0"};
    const struct device_model *m = devices_match(&d, PLATFORM_LINUX, &f);
    return m == NULL ? "unknown" : m->id;
}

static void recognition(void **state) {
    (void)state;
    d.count = 0;
    MUST_OK(text_set(add("new-batch", "a.so;b.so")->label, DEVICE_MATCH_CAP, "Lô 2020*"));
    MUST_OK(text_set(add("auto", "a.so")->model, DEVICE_MATCH_CAP, "ePass2003Auto"));
    (void)add("plain", "a.so");
    MUST_OK(text_set(add("any", "")->module, DEVICE_MATCH_CAP, "opensc*"));
    assert_string_equal(known_as("b.so", "Lô 2020-7", "x"), "new-batch");
    assert_string_equal(known_as("a.so", "CTY", "EPASS2003AUTO"), "auto");
    assert_string_equal(known_as("A.SO", "CTY", "x"), "plain"); /* the first that fits, by every pattern it has */
    assert_string_equal(known_as("b.so", "CTY", "x"), "unknown");
    assert_string_equal(known_as("opensc-pkcs11.so", "", ""), "any");
    assert_string_equal(known_as("a.so.1", "", ""), "unknown");
    assert_null(devices_match(&d, PLATFORM_WINDOWS, &(struct device_facts){"a.so", "", "", "", ""}));
}

/* Every pattern must fit, not only those looked at first. */
static void every_pattern_counts(void **state) {
    (void)state;
    static const char *const patterns[][2] = {{"Other*", "1.0"}, {"Feitian", "2.?"}, {"Feitian", "1.0"}};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        d.count = 0;
        struct device_model *m = add("x", "a.so");
        MUST_OK(text_set(m->manufacturer, DEVICE_MATCH_CAP, patterns[i][0]));
        MUST_OK(text_set(m->firmware, DEVICE_MATCH_CAP, patterns[i][1]));
        assert_string_equal(known_as("a.so", "", ""), i == 2 ? "x" : "unknown");
    }
    d.count = 0;
    MUST_OK(text_set(add("x", "a.so")->label, DEVICE_MATCH_CAP, "only this"));
    assert_string_equal(known_as("a.so", "another", ""), "unknown");
}

static void faults(void **state) {
    struct device_model m = {.id = "x", .files = {"ok.so"}};
    (void)state;
    d.count = 0;
    assert_null(device_model_fault(&m));
    static const char *const bad[] = {"/tmp/x.so", "x;../y.so", "a\\b.dll", "c:x.dll", ".hidden", "a\nb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        MUST_OK(text_set(m.files[PLATFORM_WINDOWS], DEVICE_FILES_CAP, bad[i]));
        assert_non_null(device_model_fault(&m));
    }
    (void)add("x", "a");
    (void)add("y", "b");
    assert_null(devices_fault(&d));
    (void)add("x", "b");
    assert_non_null(devices_fault(&d));
    d.count = 0; /* signed and taken over, it would take every driver away */
    assert_non_null(devices_fault(&d));
    static const char *const ids[] = {"", "V4", "a b"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct device_model named = {.files = {"ok.so"}};
        MUST_OK(text_set(named.id, sizeof named.id, ids[i]));
        assert_non_null(device_model_fault(&named));
    }
    assert_non_null(device_model_fault(&(struct device_model){.id = "no-driver"}));
    assert_null(device_model_fault(&(struct device_model){.id = "by-pattern", .module = "*"}));
}

/* A list that is signed must still not have a driver loaded from another computer, nor from wherever the current drive
 * is. */
static void folders_are_of_this_computer(void **state) {
    static const struct {
        enum platform on;
        bool good;
        const char *folders;
    } cases[] = {
        {PLATFORM_LINUX, true, "/a b;/opt/v1.2/lib;/opt/x.;/"},
        {PLATFORM_MACOS, true, "/usr/local/lib"},
        {PLATFORM_LINUX, false, "lib"},
        {PLATFORM_LINUX, false, "/a/../b"},
        {PLATFORM_LINUX, false, "/ok;x"},
        {PLATFORM_LINUX, false, "/a\x01"},
        {PLATFORM_LINUX, false, "//host/share"},
        {PLATFORM_LINUX, false, "C:/x"},
        {PLATFORM_LINUX, false, "%ProgramFiles%/x"},
        {PLATFORM_WINDOWS, true, "C:\\x;z:/y;%ProgramFiles%/z;%systemroot%\\System32;%SystemRoot%"},
        {PLATFORM_WINDOWS, false, "\\\\host\\share"},
        {PLATFORM_WINDOWS, false, "//host/share"},
        {PLATFORM_WINDOWS, false, "/\\host/share"},
        {PLATFORM_WINDOWS, false, "\\\\?\\UNC\\host\\share"},
        {PLATFORM_WINDOWS, false, "/x"},
        {PLATFORM_WINDOWS, false, "\\x"},
        {PLATFORM_WINDOWS, false, "c:relative"},
        {PLATFORM_WINDOWS, false, "c:"},
        {PLATFORM_WINDOWS, false, "1:/x"},
        {PLATFORM_WINDOWS, false, "{:/x"},
        {PLATFORM_WINDOWS, false, "xy/z"},
        {PLATFORM_WINDOWS, false, "C:/%TEMP%/x"},
        {PLATFORM_WINDOWS, false, "%TEMP%/x"},
        {PLATFORM_WINDOWS, false, "%HOMESHARE%"},
        {PLATFORM_WINDOWS, false, "%ProgramFiles%x/y"},
        {PLATFORM_WINDOWS, false, "C:/ok;%LOGONSERVER%/share"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        d = (struct devices){.count = 1};
        MUST_OK(text_set(d.folders[cases[i].on], DEVICE_FOLDERS, cases[i].folders));
        if ((devices_fault(&d) == NULL) != cases[i].good)
            fail_msg("%s on %s", cases[i].folders, platform_name(cases[i].on));
    }
}

static void names(void **state) {
    uint32_t quirks = 0;
    (void)state;
    assert_int_equal(device_choice(device_write_names, "temporary-id"), WRITE_TEMPORARY_ID);
    assert_int_equal(device_choice(device_full_names, "delete-first"), FULL_DELETE_FIRST);
    assert_int_equal(device_choice(device_old_names, "keep"), DEVICE_OLD_KEEP);
    assert_int_equal(device_choice(device_old_names, "burn"), -1);
    assert_true(device_quirk_from(device_quirk_name(0), &quirks));
    assert_int_equal(quirks, QUIRK_GENERAL_ERROR_IS_FULL);
    assert_false(device_quirk_from(device_quirk_name(0), &quirks)); /* twice */
    assert_false(device_quirk_from("bites", &quirks));
    assert_null(device_quirk_name(32));
    assert_string_equal(platform_name(PLATFORM_WINDOWS), "windows");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(patterns),    cmocka_unit_test(patterns_end_soon),
                                       cmocka_unit_test(recognition), cmocka_unit_test(every_pattern_counts),
                                       cmocka_unit_test(faults),      cmocka_unit_test(folders_are_of_this_computer),
                                       cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
