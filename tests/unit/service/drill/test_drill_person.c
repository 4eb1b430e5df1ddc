/* A drill's subscribers live where the campaign's list of provinces says (R3.1), whatever that is. */
#include "unit/rules/letter.h"

#include "lib/must.h"
#include "service/drill/drill_person.h"

#define MANY 2000

static void provinces_of(const char *text, struct provinces *p) {
    MUST_OK(provinces_parse("p.csv", span_str(text), p));
}

/* How many of MANY live in each. */
static void count(const struct provinces *p, int lives[PROVINCES + 1]) {
    struct campaign c = letter_campaign();
    memset(lives, 0, (PROVINCES + 1) * sizeof *lives);
    for (int64_t i = 0; i < MANY; i++) {
        struct drill_person one = drill_person_make(&c, p, at("2020-10-02T02:42:20Z"), 1, i);
        assert_true(one.province >= p->of && one.province < p->of + p->count);
        lives[one.province->code]++;
    }
}

static void test_everywhere(void **state) {
    (void)state;
    struct provinces p = {.count = PROVINCES};
    int lives[PROVINCES + 1];
    for (int i = 0; i < PROVINCES; i++)
        p.of[i] = (struct province){.code = (uint8_t)(i + 1), .name = "x"};
    count(&p, lives);
    for (int i = 1; i <= PROVINCES; i++)
        assert_true(lives[i] > 0);
}

static void test_more_in_the_cities(void **state) {
    (void)state;
    struct provinces p;
    int lives[PROVINCES + 1];
    provinces_of("code,name,kind\n01,a,thanh-pho\n02,b,tinh\n03,c,tinh\n04,d,tinh\n05,e,tinh\n", &p);
    count(&p, lives);
    for (int i = 2; i <= 5; i++)
        assert_true(lives[i] > 0 && lives[1] > 2 * lives[i]);
}

static void test_any_list_will_do(void **state) {
    (void)state;
    static const char *const lists[] = {"code,name\n99,only\n", "code,name,kind\n99,only,thanh-pho\n"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct provinces p;
        int lives[PROVINCES + 1];
        provinces_of(lists[i], &p);
        count(&p, lives);
        assert_int_equal(lives[99], MANY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everywhere),
        cmocka_unit_test(test_more_in_the_cities),
        cmocka_unit_test(test_any_list_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
