/* Every failure that token, driver or exchange can tell of is told in Vietnamese too. The sources that tell are the
   arguments of this program: each text in them must have its translation. */
#include "client/flow/cause.h"

#include <stdio.h>
#include <string.h>

#include "lib/must.h"
#include "lib/spoken.h"

static int source_count;
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
                "Trình điều khiển báo một lỗi riêng của hãng. (C_Initialize: CKR_0x80000001 (0x80000001))");
    expect_said(LANG_VI, "the login to the token was lost", "Token đã mất phiên đăng nhập.");
    expect_said(LANG_EN, "the login to the token was lost", "the login to the token was lost");
    expect_said(LANG_VI, "cannot load the PKCS#11 module /x.so: there is no such file", "Không có tệp này.");
    /* What the person named stays in front. */
    expect_said(LANG_VI, "--ca /x: name it: cannot open /x: No such file or directory",
                "--ca /x: Không có tệp hoặc thư mục này: hãy kiểm tra lại đường dẫn.");
    expect_said(LANG_VI, "/home/an/.config/capbu/capbu.conf:3: unknown key \"a: b\"",
                "/home/an/.config/capbu/capbu.conf:3: Dòng này có khóa lạ: hãy sửa hoặc xóa dòng; các khóa có trong "
                "capbu(1).");
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

static void every_text_has_its_translation(void **state) {
    struct spoken s = {.knows = cause_knows, .where = "client/flow/cause.c"};
    (void)state;
    for (int i = 0; i < source_count; i++)
        spoken_look(&s, sources[i]);
    assert_int_equal(s.missing, 0);
    assert_in_range(s.found, 50, 500);
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
