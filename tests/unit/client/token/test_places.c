/* Where drivers are looked for: those named on the line, else those of the environment, else the known ones. */
#include "lib/must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/token/places.h"
#include "lib/tmp.h"

static struct places places;
static struct known_devices known;

static int set_up(void **state) {
    (void)state;
    MUST_OK(devices_builtin(&known));
    memset(&places, 0x55, sizeof places);
    unsetenv("CAPBU_MODULES");
    return 0;
}

static void only_the_given_ones(void **state) {
    (void)state;
    const struct options o = {.modules = {"/a.so", "/nowhere/b.so"}, .module_count = 2};
    setenv("CAPBU_MODULES", "/c.so", 1);
    MUST_OK(places_find(&o, &known.devices, &places));
    assert_int_equal(places.count, 2); /* whether they exist is seen when they are opened, and said then */
    assert_string_equal(places.path[0], "/a.so");
    assert_string_equal(places.path[1], "/nowhere/b.so");
}

static void else_those_of_the_environment(void **state) {
    (void)state;
    const struct options o = {0};
    setenv("CAPBU_MODULES", ":/a.so::/b.so:", 1);
    MUST_OK(places_find(&o, &known.devices, &places));
    assert_int_equal(places.count, 2);
    assert_string_equal(places.path[0], "/a.so");
    assert_string_equal(places.path[1], "/b.so");
    setenv("CAPBU_MODULES", "", 1); /* none, and none are guessed */
    MUST_FAIL(RC_NOT_FOUND, places_find(&o, &known.devices, &places));
}

static void else_what_is_installed(void **state) {
    (void)state;
    const struct options o = {0};
    enum rc rc = places_find(&o, &known.devices, &places);
    int soft = 0;
    if (rc == RC_NOT_FOUND)
        skip(); /* a machine without any driver */
    MUST_OK(rc);
    for (int i = 0; i < places.count; i++) {
        assert_true(fs_exists(places.path[i]));
        soft += strstr(places.path[i], "/libsofthsm2.so") != NULL;
        for (int k = 0; k < i; k++) /* one driver in two folders is one driver */
            assert_string_not_equal(strrchr(places.path[i], '/'), strrchr(places.path[k], '/'));
    }
    assert_int_equal(soft, fs_exists("/usr/lib/softhsm/libsofthsm2.so"));
}

/* A driver that no model names is not looked for, one that a model names in a folder of its own is. */
static void what_the_models_name(void **state) {
    (void)state;
    const struct options o = {0};
    char one[PATH_CAP], other[PATH_CAP];
    AUTO(tmp) folder = {0};
    MUST_OK(tmp_make(&folder, NULL, "places"));
    MUST_OK(fs_join(one, folder.dir, "new-driver.so"));
    MUST_OK(fs_join(other, folder.dir, "other.so"));
    MUST_OK(fs_write(one, span_str("x"), 0600));
    MUST_OK(fs_write(other, span_str("x"), 0600));
    known.devices.count = 1;
    MUST_OK(text_set(known.devices.folders[PLATFORM_HERE], DEVICE_FOLDERS, "/nowhere;"));
    MUST_OK(text_set(known.devices.folders[PLATFORM_HERE] + 9, DEVICE_FOLDERS - 9, folder.dir));
    MUST_OK(text_set(known.devices.model[0].files[PLATFORM_HERE], DEVICE_FILES_CAP,
                     "new-driver.so;absent.so;new-driver.so"));
    MUST_OK(places_find(&o, &known.devices, &places));
    assert_int_equal(places.count, 1);
    assert_string_equal(places.path[0], one);
    tmp_free(&folder);
    MUST_FAIL(RC_NOT_FOUND, places_find(&o, &known.devices, &places));
}

static void has_limits(void **state) {
    (void)state;
    const struct options o = {0};
    char list[3 * (PLACES_MAX + 1) + 1] = "";
    for (int i = 0; i < PLACES_MAX; i++)
        memcpy(list + 3 * i, "/x:", 4);
    setenv("CAPBU_MODULES", list, 1);
    MUST_OK(places_find(&o, &known.devices, &places));
    assert_int_equal(places.count, PLACES_MAX);
    memcpy(list + 3 * PLACES_MAX, "/x:", 4);
    setenv("CAPBU_MODULES", list, 1);
    MUST_FAIL(RC_LIMIT, places_find(&o, &known.devices, &places));
    char longest[PATH_CAP + 1];
    memset(longest, 'x', PATH_CAP);
    longest[PATH_CAP] = '\0';
    setenv("CAPBU_MODULES", longest, 1);
    MUST_FAIL(RC_LIMIT, places_find(&o, &known.devices, &places));
    longest[PATH_CAP - 1] = '\0';
    setenv("CAPBU_MODULES", longest, 1);
    MUST_OK(places_find(&o, &known.devices, &places));
    assert_string_equal(places.path[0], longest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_the_given_ones, set_up),
        cmocka_unit_test_setup(else_those_of_the_environment, set_up),
        cmocka_unit_test_setup(else_what_is_installed, set_up),
        cmocka_unit_test_setup(what_the_models_name, set_up),
        cmocka_unit_test_setup(has_limits, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
