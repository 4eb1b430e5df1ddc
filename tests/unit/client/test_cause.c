/* Every failure that token, driver or exchange can tell of is told in Vietnamese too. The sources that tell are the
   arguments of this program: each text in them must have its translation. */
#include "client/cause.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "lib/must.h"

static int source_count, missing;
static char **sources;

static void expect_said(enum lang lang, const char *text, const char *want) {
    char out[CAUSE_TEXT];
    cause_say(lang, text, out);
    assert_string_equal(out, want);
}

static void says_it_in_words_with_the_code_behind(void **state) {
    (void)state;
    expect_said(LANG_VI, "C_CreateObject: CKR_DEVICE_ERROR (0x30)",
                "Token báo lỗi phần cứng. (C_CreateObject: CKR_DEVICE_ERROR (0x30))");
    expect_said(LANG_EN, "C_CreateObject: CKR_DEVICE_ERROR (0x30)",
                "The token reports an error of its own. (C_CreateObject: CKR_DEVICE_ERROR (0x30))");
    expect_said(LANG_VI, "test signature under the new certificate: C_Sign: CKR_GENERAL_ERROR (0x5)",
                "Ký thử bằng chứng thư số mới không thành công. Token hoặc trình điều khiển của nó báo lỗi. (C_Sign: "
                "CKR_GENERAL_ERROR (0x5))");
    expect_said(LANG_VI, "/x/y.so: C_Initialize: CKR_0x80000001 (0x80000001)",
                "Token hoặc trình điều khiển của nó báo lỗi. (C_Initialize: CKR_0x80000001 (0x80000001))");
    expect_said(LANG_VI, "the login to the token was lost", "Token đã mất phiên đăng nhập.");
    expect_said(LANG_EN, "the login to the token was lost", "the login to the token was lost");
    /* The server's own words are in the person's language. */
    expect_said(LANG_VI, "suspended: Chứng thư số đang tạm dừng", "suspended: Chứng thư số đang tạm dừng");
}

static void a_long_text_is_cut(void **state) {
    char text[2000], out[CAUSE_TEXT];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "CKR_", 4);
    text[sizeof text - 1] = '\0';
    cause_say(LANG_VI, text, out);
    assert_int_equal(strlen(out), sizeof out - 1);
}

/* Joins the string literals from `at` to the first comma or semicolon outside of them. */
static void literals(const char *at, char out[1024]) {
    size_t len = 0;
    for (bool inside = false; *at != '\0' && (inside || (*at != ',' && *at != ';')); at++) {
        if (*at == '\\' && inside) {
            at++;
            continue;
        }
        if (*at == '"')
            inside = !inside;
        else if (inside && len < 1023)
            out[len++] = *at;
    }
    out[len] = '\0';
}

/* A text that only passes on another one ("%s: %s"), or is all codes, needs no translation. */
static bool speaks(const char *text) {
    int letters = 0;
    if (strncmp(text, "C_Login: ", 9) == 0)
        text += 9;
    for (const char *c = text; *c != '\0'; c++)
        letters += *c >= 'a' && *c <= 'z' && (c == text || c[-1] != '%');
    return letters > 6 && strstr(text, "pkcs11:") == NULL;
}

static int look_through(const char *path) {
    static const char *const openings[] = {"FAIL(", "err_in(", "err_set(", "ossl_fail("};
    AUTO(buf) source = {0};
    int found = 0;
    MUST_OK(fs_read(path, 1 << 20, &source));
    for (size_t k = 0; k < sizeof openings / sizeof openings[0]; k++)
        for (const char *at = strstr(buf_str(&source), openings[k]); at != NULL; at = strstr(at + 1, openings[k])) {
            char text[1024];
            const char *comma = strchr(at, ',');
            if (comma == NULL)
                continue;
            literals(comma + 1, text);
            if (!speaks(text))
                continue;
            found++;
            missing += !cause_knows(text);
            if (!cause_knows(text))
                print_error("%s: no translation of \"%s\" in client/cause.c\n", fs_base_name(path), text);
        }
    return found;
}

static void every_text_has_its_translation(void **state) {
    int found = 0;
    (void)state;
    for (int i = 0; i < source_count; i++)
        found += look_through(sources[i]);
    assert_int_equal(missing, 0);
    assert_in_range(found, 50, 500);
    assert_false(cause_knows("no such text"));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_it_in_words_with_the_code_behind),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(every_text_has_its_translation),
    };
    sources = argv + 1;
    source_count = argc - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
