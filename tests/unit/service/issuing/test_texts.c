/* What subscribers read: every reason and refusal in both languages, saying what to do, and fitting where it must. */
#include "lib/must.h"

#include <string.h>

#include "base/day.h"
#include "base/utf8.h"
#include "service/issuing/texts.h"

static const struct campaign campaign = {.utc_offset = 7 * 3600, .hotline = "18008000"};

static bool vietnamese(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s >= 0x80)
            return true;
    return false;
}

static void test_every_text(void **state) {
    (void)state;
    char text[TEXT_SHORT];
    for (int r = 0; r < REASON_COUNT; r++) {
        for (int issuer = ISSUER_OTHER; issuer <= ISSUER_NEW; issuer++) {
            assert_true(strlen(text_reason(LANG_VI, (enum reason)r, (enum issuer)issuer)) > 20);
            assert_true(vietnamese(text_reason(LANG_VI, (enum reason)r, (enum issuer)issuer)));
            assert_true(strlen(text_reason(LANG_EN, (enum reason)r, (enum issuer)issuer)) > 20);
            assert_false(vietnamese(text_reason(LANG_EN, (enum reason)r, (enum issuer)issuer)));
            text_short_reasons(1u << r, (enum issuer)issuer, "18008000",
                               text); /* each alone fits in both, hotline too */
            assert_non_null(strstr(text, text_reason(LANG_VI, (enum reason)r, (enum issuer)issuer)));
            assert_non_null(strstr(text, text_reason(LANG_EN, (enum reason)r, (enum issuer)issuer)));
            assert_non_null(strstr(text, "18008000"));
        }
    }
    for (int r = 0; r < REFUSAL_COUNT; r++) {
        assert_true(strlen(refusal_code((enum refusal)r)) > 0 && strlen(refusal_code((enum refusal)r)) < 48);
        text_short_refusal((enum refusal)r, 18353, "18008000", text);
        assert_non_null(strstr(text, text_refusal(LANG_VI, (enum refusal)r)));
        assert_non_null(strstr(text, text_refusal(LANG_EN, (enum refusal)r)));
    }
    text_short_refusal(REFUSAL_NOT_OPEN_YET, 18353, "", text);
    assert_non_null(strstr(text, "Mở từ ngày 01/04/2020 / Opens on 2020-04-01"));
    text_short_refusal(REFUSAL_NOT_OPEN_YET, DAY_NONE, "", text);
    assert_null(strstr(text, "Opens"));
}

/* All thirteen at once: whole sentences only. */
static void test_too_many_fit_whole(void **state) {
    (void)state;
    char text[TEXT_SHORT];
    text_short_reasons((1u << REASON_COUNT) - 1, ISSUER_OLD, "18008000", text);
    assert_true(strlen(text) < TEXT_SHORT);
    assert_true(utf8_valid(span_str(text)));
    assert_true(text[strlen(text) - 1] == '.' || strstr(text, "18008000") != NULL);
}

static void must_say(const struct screened *v, const char *vi, const char *en) {
    AUTO(buf) in_vi = {0}, in_en = {0};
    MUST_OK(text_verdict(LANG_VI, &campaign, v, &in_vi));
    MUST_OK(text_verdict(LANG_EN, &campaign, v, &in_en));
    if (strstr(buf_str(&in_vi), vi) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", buf_str(&in_vi), vi);
    if (strstr(buf_str(&in_en), en) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", buf_str(&in_en), en);
}

static void test_verdicts(void **state) {
    (void)state;
    struct screened v = {.verdict = {.kind = VERDICT_ELIGIBLE, .new_not_after = 1625158799, .owed_days = 272},
                         .opening = {.open = true, .channels = 1u << CHANNEL_SELF}};
    must_say(&v, "bù 272 ngày, hạn mới đến ngày 01/07/2021. Có thể thực hiện ngay",
             "272 days are owed on this certificate; its new term ends on 2021-07-01. It can be done now");
    v.opening.channels = 1u << CHANNEL_AM; /* R3.4 */
    must_say(&v, "cùng nhân viên hỗ trợ", "with somebody's help");
    v.verdict.cut_days = 72; /* R5.7 */
    must_say(&v, "bù 200 ngày", "72 more days");
    v.opening = (struct opening){.opens_on = 18353}; /* R3.3 */
    must_say(&v, "mở từ ngày 01/04/2020", "opens on 2020-04-01");
    v.opening.opens_on = DAY_NONE;
    must_say(&v, "18008000", "not open yet");
    v.opening.halted = true;
    must_say(&v, "tạm dừng", "halted");
    v.state = STATE_RESERVED;
    must_say(&v, "chạy lại", "run it again");
    v.verdict.kind = VERDICT_DONE;
    v.state = STATE_ISSUED;
    must_say(&v, "chưa có trên token", "not on the token yet");
    v.state = STATE_CONFIRMED;
    must_say(&v, "đã được cấp bù", "was made good");
    v.verdict.kind = VERDICT_HELD;
    v.verdict.reasons = 1u << REASON_BEYOND_NEW_CA;
    must_say(&v, "xử lý riêng", "held back");
}

/* R2.6, R2.7 */
static void test_refused(void **state) {
    (void)state;
    struct screened v = {.verdict = {.kind = VERDICT_REFUSED, .reasons = 1u << REASON_NOT_OLD_ISSUER}};
    must_say(&v, "không do CA cũ của chương trình này cấp", "not issued by the old");
    v.issuer = ISSUER_NEW;
    must_say(&v, "đã đủ thời hạn", "already has its full term");
    v.issuer = ISSUER_OLD;
    v.verdict.reasons = 1u << REASON_ISSUED_BEFORE;
    must_say(&v, "đang được khôi phục", "is being brought back");
    v.verdict.reasons = 1u << REASON_SUSPENDED | 1u << REASON_CONTRACT_NOT_LONGER;
    must_say(&v, "tạm dừng", "suspended");
    must_say(&v, "Hợp đồng không dài hơn", "does not run past");
    must_say(&v, "Tổng đài: 18008000", "Hotline: 18008000");
    AUTO(buf) text = {0};
    v.verdict.reasons |= 1u << REASON_BEYOND_NEW_CA; /* nobody shall wait for a call that does not come */
    MUST_OK(text_verdict(LANG_EN, &campaign, &v, &text));
    assert_null(strstr(buf_str(&text), "held back"));
    assert_non_null(strstr(buf_str(&text), "does not run past"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text),
        cmocka_unit_test(test_too_many_fit_whole),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
