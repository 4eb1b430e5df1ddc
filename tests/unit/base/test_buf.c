/* Tests of base/buf: growth, the NUL behind the contents, limits, wiping, bounded texts. */
#include <string.h>

#include "base/buf.h"
#include "lib_base.h"

static void is_empty_when_zero(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    assert_string_equal(buf_str(&b), "");
    assert_true(span_eq(buf_span(&b), span_str("")));
    buf_clear(&b);
    buf_wipe(&b);
    MUST_OK(buf_add(&b, NULL, 0));
    assert_string_equal(buf_str(&b), "");
}

static void grows_and_stays_a_string(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    for (int i = 0; i < 5000; i++) {
        MUST_OK(buf_add_char(&b, (char)('a' + i % 26)));
        assert_int_equal(b.data[b.len], 0);
    }
    assert_int_equal(b.len, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(b.data[i], 'a' + i % 26);
    buf_clear(&b);
    assert_string_equal(buf_str(&b), "");
    MUST_OK(buf_printf(&b, "%05d|%s", 42, "x"));
    MUST_OK(buf_add_str(&b, "-y"));
    MUST_OK(buf_add_span(&b, span_str("-z")));
    assert_string_equal(buf_str(&b), "00042|x-y-z");
}

static void prints_what_is_longer_than_it_was(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    MUST_OK(buf_printf(&b, "%1000s", "x"));
    assert_int_equal(b.len, 1000);
    assert_int_equal(b.data[999], 'x');
    assert_int_equal(b.data[1000], 0);
}

static void refuses_more_than_a_gib(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    MUST_OK(buf_add_str(&b, "x"));
    assert_int_equal(buf_reserve(&b, (size_t)1 << 30), RC_LIMIT);
    assert_int_equal(buf_reserve(&b, SIZE_MAX), RC_LIMIT);
    assert_int_equal(buf_reserve(&b, ((size_t)1 << 30) - 1), RC_LIMIT);
    assert_string_equal(buf_str(&b), "x");
}

static void sets_from_itself_and_from_others(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    MUST_OK(buf_add_str(&b, "hello world"));
    MUST_OK(buf_set(&b, span_of(b.data + 6, 5)));
    assert_string_equal(buf_str(&b), "world");
    MUST_OK(buf_set(&b, span_str("")));
    assert_string_equal(buf_str(&b), "");
    char big[300];
    memset(big, 'q', sizeof big);
    MUST_OK(buf_set(&b, span_of(big, sizeof big)));
    assert_int_equal(b.len, sizeof big);
    assert_memory_equal(b.data, big, sizeof big);
    buf_wipe(&b);
    assert_null(b.data);
    assert_int_equal(b.len + b.cap, 0);
}

static void compares_spans(void **state) {
    (void)state;
    assert_true(span_eq(span_of(NULL, 0), span_str("")));
    assert_true(span_eq_str(span_of("abc", 2), "ab"));
    assert_false(span_eq_str(span_of("abc", 2), "abc"));
    assert_false(span_eq_str(span_of("ab", 2), "ax"));
    assert_false(span_eq(span_of("a\0b", 3), span_of("a\0c", 3)));
}

static void copies_texts_whole_or_not_at_all(void **state) {
    (void)state;
    char text[4] = "old";
    MUST_OK(text_set(text, sizeof text, "abc"));
    assert_string_equal(text, "abc");
    assert_int_equal(text_set(text, sizeof text, "abcd"), RC_LIMIT);
    assert_string_equal(text, "abc");
    assert_int_equal(text_set_span(text, sizeof text, span_of("a\0b", 3)), RC_INPUT);
    assert_string_equal(text, "abc");
    assert_int_equal(text_set(text, 0, ""), RC_LIMIT);
    MUST_OK(text_set_span(text, 1, span_of(NULL, 0)));
    assert_string_equal(text, "");
}

struct thing {
    int *freed;
};
static void thing_free(struct thing *t) {
    if (t != NULL)
        ++*t->freed;
}
OWN(thing)

static void frees_by_scope_unless_moved(void **state) {
    (void)state;
    int freed = 0;
    struct thing thing = {&freed}, *kept = NULL;
    {
        AUTO_PTR(thing) a = &thing;
        AUTO_PTR(thing) b = &thing;
        AUTO_PTR(thing) none = NULL;
        kept = MOVE(b);
        assert_null(b);
        assert_non_null(a);
        assert_null(none);
    }
    assert_int_equal(freed, 1);
    assert_ptr_equal(kept, &thing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_when_zero),
        cmocka_unit_test(grows_and_stays_a_string),
        cmocka_unit_test(prints_what_is_longer_than_it_was),
        cmocka_unit_test(refuses_more_than_a_gib),
        cmocka_unit_test(sets_from_itself_and_from_others),
        cmocka_unit_test(compares_spans),
        cmocka_unit_test(copies_texts_whole_or_not_at_all),
        cmocka_unit_test(frees_by_scope_unless_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
