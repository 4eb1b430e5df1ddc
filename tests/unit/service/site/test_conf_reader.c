/* Configuration files: what is wrong is refused, with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/day.h"
#include "service/site/conf_reader.h"

struct item {
    char name[8];
    int32_t size;
    bool spare;
};

struct thing {
    char text[12];
    char note[12];
    int32_t number;
    bool flag;
    int32_t day;
    enum { RED, GREEN } colour;
    uint32_t letters;
    struct item items[2];
    int32_t item_count;
};

static const char *const colours[] = {"red", "green", NULL};

static bool letter(const char *word, void *field) {
    if (strlen(word) != 1 || *word < 'a' || *word > 'z')
        return false;
    *(uint32_t *)field |= 1u << (*word - 'a');
    return true;
}

static enum rc check_item(const void *element) {
    const struct item *item = element;
    if (item->size == 13)
        FAIL(RC_INPUT, "13 is unlucky");
    return RC_OK;
}

static enum rc check_thing(const void *file, const char **key) {
    const struct thing *t = file;
    *key = t->flag ? "flag" : "note";
    if (t->number == 99)
        FAIL(RC_INPUT, "99 does not go with that");
    return RC_OK;
}

static const struct conf_key keys[] = {
    {.name = "text", .kind = CONF_TEXT, .offset = offsetof(struct thing, text), .cap = 12, .min = 1},
    {.name = "note", .kind = CONF_TEXT, .offset = offsetof(struct thing, note), .cap = 12, .fallback = "-"},
    {.name = "number",
     .kind = CONF_INT,
     .offset = offsetof(struct thing, number),
     .min = -5,
     .max = 100,
     .fallback = "7"},
    {.name = "flag", .kind = CONF_BOOL, .offset = offsetof(struct thing, flag), .fallback = "false"},
    {.name = "day", .kind = CONF_DAY, .offset = offsetof(struct thing, day), .fallback = "2020-10-02"},
    {.name = "colour",
     .kind = CONF_CHOICE,
     .offset = offsetof(struct thing, colour),
     .choices = colours,
     .fallback = "red"},
    {.name = "letters", .kind = CONF_WORDS, .offset = offsetof(struct thing, letters), .word = letter, .fallback = ""},
    {.name = NULL},
};
static const struct conf_key item_keys[] = {
    {.name = "size", .kind = CONF_INT, .offset = offsetof(struct item, size), .max = 50},
    {.name = "spare", .kind = CONF_BOOL, .offset = offsetof(struct item, spare), .fallback = "true"},
    {.name = NULL},
};
static const struct conf_section sections[] = {
    {.name = "item",
     .keys = item_keys,
     .offset = offsetof(struct thing, items),
     .size = sizeof(struct item),
     .count_offset = offsetof(struct thing, item_count),
     .max = 2,
     .title_offset = offsetof(struct item, name),
     .title_cap = 8,
     .check = check_item},
    {.name = NULL},
};
static const struct conf_layout layout = {.keys = keys, .sections = sections, .check = check_thing};

static enum rc parse(const char *text, struct thing *out) {
    memset(out, 0, sizeof *out);
    return conf_parse(&layout, "t.conf", span_str(text), out);
}

static void test_every_kind_of_value(void **state) {
    (void)state;
    struct thing t;
    assert_int_equal(parse("\xef\xbb\xbf# a comment with \"quotes\", ${HOME} and { braces\r\n"
                           "text = 'Cấp bù' # behind a value\r\n"
                           "number = -5\nflag = true\nday = 2020-03-10\ncolour = green\nletters = \"a, c\"\n"
                           "note = \"# kept\"\n"
                           "item \"x\" { size = 1 }\nitem y {\n  size = 2\n  spare = false\n}",
                           &t),
                     RC_OK);
    assert_string_equal(t.text, "Cấp bù");
    assert_string_equal(t.note, "# kept");
    assert_int_equal(t.number, -5);
    assert_true(t.flag);
    assert_int_equal(t.day, day_from_date((struct date){2020, 3, 10}));
    assert_int_equal(t.colour, GREEN);
    assert_int_equal(t.letters, 5);
    assert_int_equal(t.item_count, 2);
    assert_string_equal(t.items[0].name, "x");
    assert_true(t.items[0].spare);
    assert_string_equal(t.items[1].name, "y");
    assert_int_equal(t.items[1].size, 2);
    assert_false(t.items[1].spare);
}

static void test_fallbacks(void **state) {
    (void)state;
    struct thing t;
    assert_int_equal(parse("text = x", &t), RC_OK);
    assert_string_equal(t.note, "-");
    assert_int_equal(t.number, 7);
    assert_int_equal(t.day, day_from_date((struct date){2020, 10, 2}));
    assert_int_equal(t.item_count, 0);
}

struct bad {
    const char *text, *says;
};

static const struct bad faults[] = {
    {"", "t.conf: text is missing"},
    {"\n\ntext = x\nbogus = 1\n", "t.conf:4: no such option 'bogus'"},
    {"# one\n# two\n\ntext = x # three\nbogus = 1\n", "t.conf:5: no such option 'bogus'"},
    {"text = x\ntext = y\n", "t.conf:2: text is given twice"},
    {"text = \"\"\n", "t.conf:1: text must not be empty"},
    {"text = \"123456789012\"\n", "t.conf:1: text is longer than 11 bytes"},
    {"text = x\nnumber = 101", "t.conf:2: number must be a whole number from -5 to 100, not \"101\""},
    {"text = x\nnumber = -6", "t.conf:2: number must be"},
    {"text = x\nnumber = 010", "t.conf:2: number must be"},
    {"text = x\nnumber = 0x1", "t.conf:2: number must be"},
    {"text = x\nnumber = 99999999999", "t.conf:2: number must be"},
    {"text = x\nnumber = 4294967296", "t.conf:2: number must be"},
    {"text = x\nnumber = -", "t.conf:2: number must be"},
    {"text = x\nnumber = 1k", "t.conf:2: number must be"},
    {"text = x\nnumber = \"\"", "t.conf:2: number must be"},
    {"text = x\nflag = yes", "t.conf:2: flag must be true or false, not \"yes\""},
    {"text = x\nday = 2020-02-30", "t.conf:2: day must be a day as YYYY-MM-DD, not \"2020-02-30\""},
    {"text = x\ncolour = blue", "t.conf:2: colour must be one of red, green, not \"blue\""},
    {"text = x\nletters = \"a B\"", "t.conf:2: letters: \"B\" is not allowed"},
    {"text = x\nletters = \"a aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh\"",
     "t.conf:2: letters: \"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh\" is"},
    {"text = x\nletters += b", "t.conf:2: "},
    {"text = x\nitem a { size = 1 }\nitem a { size = 2 }", "t.conf:3: "},
    {"text = x\nitem a { size = 1 }\nitem b { size = 2 }\nitem c { size = 3 }", "t.conf:4: more than 2 sections item"},
    {"text = x\nitem { size = 1 }", "t.conf:2: missing title"},
    {"text = x\nitem \"\" { size = 1 }", "t.conf:2: the title of item must have 1 to 7 bytes"},
    {"text = x\nitem 12345678 { size = 1 }", "t.conf:2: the title of item must have"},
    {"text = x\nitem a {\n}\n", "t.conf:3: item a: size is missing"},
    {"text = x\nitem a {\nsize = 1\n\nsize = 2 }", "t.conf:5: size is given twice"},
    {"text = x\nitem a {\ntext = y\n}", "t.conf:3: no such option 'text'"},
    {"text = x\nitem a {\nsize = 13\n}\n", "t.conf:4: item a: 13 is unlucky"},
    {"text = x\nnumber = 99\nnote = \"y\"\nflag = true", "t.conf:4: 99 does not go with that"},
    {"text = x\nnumber = 99\n", "t.conf: 99 does not go with that"},
    {"text = x\nitem a { size = 1\n", "t.conf:2: this section is not closed"},
    {"text = x\nitem a { item b { size = 1 } }", "t.conf:2: a section cannot stand inside another"},
    {"text = x\n\n}\n", "t.conf:3: this } closes nothing"},
    {"text = x\nnote = \"abc\nflag = true\n", "t.conf:2: a quote is not closed on its line"},
    {"text = x\nnote = 'abc", "t.conf:2: a quote is not closed on its line"},
    {"text = x\nnote = ${HOME}\n", "t.conf:2: ${...} is not allowed"},
    {"text = x\nnote = '${HOME}'\n", "t.conf:2: ${...} is not allowed"},
    {"text = x\nnote = a\\b\n", "t.conf:2: a backslash is not allowed"},
    {"text = x // y\n", "t.conf:1: comments begin with #"},
    {"text = x /* y */\n", "t.conf:1: comments begin with #"},
    {"text = x\n# \x01\n", "t.conf:2: a control character is not allowed"},
    {"text = x\n# \xe2\x80\xae\n", "t.conf:2: a control character is not allowed"}, /* turns the line round */
    {"text = \"x\xc2\x9b\"\n", "t.conf:1: a control character is not allowed"},
    {"text = x\r", "t.conf:1: a control character is not allowed"},
    {"text = x\n# \xc3(\n", "t.conf:2: not UTF-8"},
    {"text = x\nnumber = # none\nflag = true\n", "t.conf:2: the value is missing"},
    {"text = x\ninclude(\"/etc/passwd\")\n", "t.conf:2: no such option"},
    {"text\n", "t.conf:"},
    {"= x\n", "t.conf:1: "},
    {"{ }\n", "t.conf:1: "},
};

static void test_faults_are_named_with_their_line(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct thing t;
        enum rc rc = parse(faults[i].text, &t);
        print_message("%s\n", err_text());
        assert_true(rc == RC_INPUT || rc == RC_LIMIT);
        assert_memory_equal(err_text(), faults[i].says, strlen(faults[i].says));
        assert_int_equal(parse("text = x", &t), RC_OK); /* no trace of it is left in the scanner */
    }
}

static void test_nul_and_size_limit(void **state) {
    (void)state;
    struct thing t = {0};
    assert_int_equal(conf_parse(&layout, "t.conf", span_of("text = x\n\0", 10), &t), RC_INPUT);
    assert_string_equal(err_text(), "t.conf:2: a control character is not allowed");

    AUTO(buf) big = {0};
    assert_int_equal(buf_add_str(&big, "text = x\n"), RC_OK);
    while (big.len < CONF_FILE_LIMIT)
        assert_int_equal(buf_add_char(&big, big.len % 100 == 0 ? '\n' : '#'), RC_OK);
    memset(&t, 0, sizeof t);
    assert_int_equal(conf_parse(&layout, "t.conf", buf_span(&big), &t), RC_OK); /* the limit itself is fine */
    assert_int_equal(buf_add_char(&big, '\n'), RC_OK);
    assert_int_equal(conf_parse(&layout, "t.conf", buf_span(&big), &t), RC_LIMIT);
    assert_string_equal(err_text(), "t.conf: larger than 65536 bytes");
}

static void test_missing_file(void **state) {
    (void)state;
    struct thing t = {0};
    assert_int_equal(conf_read(&layout, "/nonexistent/t.conf", &t, NULL), RC_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_value),
        cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_faults_are_named_with_their_line),
        cmocka_unit_test(test_nul_and_size_limit),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
