/* Tests of service/csv: what is read, what is refused and on which line, and that no good line is ever lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/must.h"
#include "service/csv/csv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool line_breaks; /* are they borne? */

/* Reads all of `text` and writes what happened: "2:a|b" for a record, "3!bad-quote" for a refusal, joined by spaces. */
static void read_all(struct span text, struct buf *story) {
    AUTO(csv) c = {0};
    FILE *in = text.len == 0 ? fopen("/dev/null", "r") : fmemopen((void *)(uintptr_t)text.ptr, text.len, "r");
    assert_non_null(in);
    csv_open(&c, in);
    c.line_breaks = line_breaks;
    for (bool more = true; more;) {
        enum rc rc = csv_next(&c, &more);
        if (rc == RC_OK && !more)
            break;
        MUST_OK(buf_printf(story, "%s%ld%c", story->len > 0 ? " " : "", c.line, rc == RC_OK ? ':' : '!'));
        if (rc != RC_OK) {
            assert_true(rc == RC_INPUT || rc == RC_LIMIT);
            MUST_OK(buf_add(story, err_text(), strcspn(err_text(), ":")));
        }
        for (size_t i = 0; i < c.fields; i++) {
            assert_int_equal(c.field[i].ptr[c.field[i].len], 0);
            MUST_OK(buf_printf(story, "%s%s", i > 0 ? "|" : "", (const char *)c.field[i].ptr));
        }
    }
    assert_int_equal(c.bytes, text.len);
    fclose(in);
}

struct csv_case {
    const char *text, *story;
};

static void check_stories(const struct csv_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        AUTO(buf) story = {0};
        read_all(span_str(cases[i].text), &story);
        assert_string_equal(buf_str(&story), cases[i].story);
    }
}

static void reads_rfc4180(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"", ""},
        {"\n\r\n\n", ""},
        {"a", "1:a"},
        {"a,b\nc,d\n", "1:a|b 2:c|d"},
        {"a,b\r\nc,d\r\n", "1:a|b 2:c|d"},
        {"a,b\nc,d", "1:a|b 2:c|d"},
        {"\xef\xbb\xbf"
         "a,b\nc,d\n",
         "1:a|b 2:c|d"},
        {"\xef\xbb\xbf", ""},
        {"a,b\n\n\r\nc,d\n", "1:a|b 4:c|d"},
        {"\"a\",\"b\"\n", "1:a|b"},
        {"\"a,b\",c\n", "1:a,b|c"},
        {"a;b\nc,d;\"e;f\"\n", "1:a|b 2:c,d|e;f"}, /* the header decides */
        {"\"a,b\";c\nd;e\n", "1:a,b|c 2:d|e"},
        {"a,b\nc;d,e\n", "1:a|b 2:c;d|e"},
        {"h;i\n\"one\ntwo\";x\nc;d\n", "1:h|i 2!line-break 4:c|d"},
        {"\"a\"\"b\",\"\"\"\"\n", "1:a\"b|\""},
        {"\"\",\n", "1:|"},
        {",,\n", "1:||"},
        {"\"\"\n", "1:"},
        {" a , b\n", "1: a | b"},
        {"a,\"b\"\r\n\"c\",d", "1:a|b 2:c|d"},
        {"T\xc3\xaan,C\xc3\xb4ng ty TNHH \xe1\xba\xa4n T\xc6\xb0\xe1\xbb\xa3ng\n",
         "1:T\xc3\xaan|C\xc3\xb4ng ty TNHH \xe1\xba\xa4n T\xc6\xb0\xe1\xbb\xa3ng"},
        {"a\xef\xbb\xbf"
         "b\n",
         "1:a\xef\xbb\xbf"
         "b"},
        {"x\n'1,2\n", "1:x 2:'1|2"},
    };
    check_stories(cases, COUNT(cases));
}

/* interfaces.md: a stray quote costs its own record only. */
static void a_stray_quote_costs_its_own_line(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"h,i\nabc\"def,x\nc,d\n", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\n\"abc\"def,x\nc,d\n", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\n\"abc,x\nc,d\n", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\na,\"x\nc,d\ne,f\n", "1:h|i 2!bad-quote 3:c|d 4:e|f"},
        {"h,i\na,x\"\nc,d\n", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\n\"abc,x\n\"c\",\"d\"\ne,f\n", "1:h|i 2!bad-quote 3:c|d 4:e|f"},
        {"h,i\n\"abc,x\nc,\"d, e\"\ne,f\n", "1:h|i 2!bad-quote 3:c|d, e 4:e|f"},
        {"h,i\n\"abc,x\nc,\"\"\ne,f\n", "1:h|i 2!bad-quote 3:c| 4:e|f"},
        {"h,i\n\"abc,x\nc,\",d\"\ne,f\n", "1:h|i 2!bad-quote 3:c|,d 4:e|f"},
        /* two stray quotes that would close each other over good lines */
        {"h,i\n\"abc,x\nc,d\ne\",f\n", "1:h|i 2!bad-quote 3:c|d 4!bad-quote"},
        {"h,i\na,\"b\nc,d\n\"e,f\ng,h\n", "1:h|i 2!bad-quote 3:c|d 4!bad-quote 5:g|h"},
        {"h,i\na,\"\n", "1:h|i 2!bad-quote"},
        {"h,i\na,\"", "1:h|i 2!bad-quote"},
        {"h,i\na,\"\"\"\nc,d", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\na,\"\"\"\"\"\nc,d", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\n\"a\" ,b\nc,d", "1:h|i 2!bad-quote 3:c|d"},
        {"h,i\n \"a\",b\nc,d", "1:h|i 2!bad-quote 3:c|d"},
        {"\"h,i\nc,d\n", "1!bad-quote 2:c|d"},
    };
    check_stories(cases, COUNT(cases));
}

/* A field that really holds a line break is one refused record, as far as no good line is swallowed. */
static void refuses_a_record_with_a_line_break_as_one(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"h,i\n\"one\ntwo\",x\nc,d\n", "1:h|i 2!line-break 4:c|d"},
        {"h,i\r\n\"one\r\ntwo\",x\r\nc,d\r\n", "1:h|i 2!line-break 4:c|d"},
        {"h,i\nx,\"one\n\n\ntwo\"\nc,d\n", "1:h|i 2!line-break 6:c|d"},
        {"h,i\n\"a\nb\",\"c\nd\"\ne,f\n", "1:h|i 2!line-break 5:e|f"},
        {"h,i\nx,\"say \"\"hi\"\"\n\"\"you\"\"\"\nc,d\n", "1:h|i 2!line-break 4:c|d"},
        /* too few fields, or a line that is good by itself: then each line stands for itself */
        {"h,i,j\n\"one\ntwo\",x\nc,d,e\n", "1:h|i|j 2!bad-quote 3!bad-quote 4:c|d|e"},
        {"h,i\n\"one\nc,d\ntwo\",x\ne,f\n", "1:h|i 2!bad-quote 3:c|d 4!bad-quote 5:e|f"},
        {"\"h\nh\",i\nc,d\n", "1!bad-quote 2!bad-quote 3:c|d"},
    };
    check_stories(cases, COUNT(cases));
}

/* The same where the caller bears them, as for a certificate in several lines. */
static void takes_a_record_with_a_line_break_where_it_may(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"h,i\n\"one\ntwo\",x\nc,d\n", "1:h|i 2:one\ntwo|x 4:c|d"},
        {"h,i\r\n\"one\r\ntwo\",x\r\nc,d\r\n", "1:h|i 2:one\r\ntwo|x 4:c|d"},
        {"h,i\rx,\"one\r\rtwo\"\rc,d\r", "1:h|i 2:x|one\r\rtwo 5:c|d"},
        {"h\ti\n\"one\ntwo\"\tx\nc\td\n", "1:h|i 2:one\ntwo|x 4:c|d"},
        {"h,i\n\"say \"\"hi\"\"\nyou\",x\n", "1:h|i 2:say \"hi\"\nyou|x"},
        {"h,i\n\"one\n\xff\",x\nc,d\n", "1:h|i 2!not-utf8 4:c|d"},
        {"h,i\n\"one\nt\two\",x\nc,d\n", "1:h|i 2!control-character 4:c|d"},
        {"h,i\n\"abc,x\nc,d\ne\",f\n", "1:h|i 2!bad-quote 3:c|d 4!bad-quote"},
    };
    line_breaks = true;
    check_stories(cases, COUNT(cases));
    line_breaks = false;
}

/* What spreadsheets write besides. */
static void reads_tabs_told_separators_and_other_line_ends(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"h\ti\na\tb,c;d\n", "1:h|i 2:a|b,c;d"},
        {"h\ti\na\t\x07\n", "1:h|i 2!control-character"},
        {"sep=;\nh;i,j\na;b\n", "2:h|i,j 3:a|b"},
        {"\xef\xbb\xbf"
         "sep=\t\r\nh\ti\r\n",
         "2:h|i"},
        {"\"sep=;\"\nh;i\n", "2:h|i"},
        {"sep=;\nsep=,\n", "2:sep=,"}, /* once */
        {"h,i\nsep=;\n", "1:h|i 2:sep=;"},
        {"sep=|\nh\n", "1:sep=| 2:h"},
        {"h,i\ra,b\r\rc,d", "1:h|i 2:a|b 4:c|d"},
        {"h,i\ra\nb,c\rd,e\r", "1:h|i 2!control-character 3:d|e"},
    };
    check_stories(cases, COUNT(cases));
}

static void tells_where_a_record_begins(void **state) {
    (void)state;
    static const char text[] = "\xef\xbb\xbf"
                               "h,i\n\n\na,\"b\n\"\nc,d\n";
    AUTO(csv) c = {0};
    bool more = false;
    FILE *in = fmemopen((void *)(uintptr_t)text, sizeof text - 1, "r");
    csv_open(&c, in);
    c.line_breaks = true;
    MUST_OK(csv_next(&c, &more));
    assert_true(c.bom && c.start == 3 && c.bytes == 7);
    MUST_OK(csv_next(&c, &more));
    assert_true(c.start == 9 && c.bytes == 16);
    fclose(in);
}

static void splits_in_memory(void **state) {
    (void)state;
    char text[] = "a;\"b \"\"c\"\"\";", bad[] = "a\"b;c";
    struct span field[CSV_FIELDS];
    size_t count = 0;
    MUST_OK(csv_split((uint8_t *)text, sizeof text - 1, ';', field, &count));
    assert_int_equal(count, 3);
    assert_string_equal((const char *)field[1].ptr, "b \"c\"");
    assert_int_equal(csv_split((uint8_t *)bad, sizeof bad - 1, ';', field, &count), RC_INPUT);
}

static void refuses_bytes_that_are_no_text(void **state) {
    (void)state;
    static const struct csv_case cases[] = {
        {"h\na\tb\nc\n", "1:h 2!control-character 3:c"},
        {"h\na\rb\nc\n", "1:h 2!control-character 3:c"},
        {"h\na\r\r\nc\n", "1:h 2!control-character 3:c"},
        {"h\n\"a\x1b[31m\"\nc\n", "1:h 2!control-character 3:c"},
        {"h\na\x7f\nc\n", "1:h 2!control-character 3:c"},
        {"h\na\xc2\x85z\nc\n", "1:h 2!control-character 3:c"},
        {"h\n0123456789abcdef\x01\nc\n", "1:h 2!control-character 3:c"},
        {"h\na\xffz\nc\n", "1:h 2!not-utf8 3:c"},
        {"h\n\xc0\xaf\nc\n", "1:h 2!not-utf8 3:c"},
        {"h\n\xed\xa0\x80\nc\n", "1:h 2!not-utf8 3:c"},
        {"h\n\xf4\x90\x80\x80\nc\n", "1:h 2!not-utf8 3:c"},
        {"h\n\xe1\xba\nc\n", "1:h 2!not-utf8 3:c"},
        {"\xef\xbb\xbf\xef\xbb\xbf"
         "h\n",
         "1:\xef\xbb\xbf"
         "h"},
    };
    check_stories(cases, COUNT(cases));
    static const char nul[] = "h,i\na\0b,c\n\"x\0\",y\nd,e\n\0\n";
    AUTO(buf) story = {0};
    read_all(span_of(nul, sizeof nul - 1), &story);
    assert_string_equal(buf_str(&story), "1:h|i 2!control-character 3!control-character 4:d|e 5!control-character");
    static const char utf16[] = "\xff\xfeh\0,\0i\0\n\0";
    buf_clear(&story);
    read_all(span_of(utf16, sizeof utf16 - 1), &story);
    assert_string_equal(buf_str(&story), "1!control-character 2!control-character");
}

/* Reads header, one line of `length` bytes made of `fill`, and a good line; says what the second was. */
static enum rc read_long(size_t length, char fill, const char *lead, const char *trail) {
    AUTO(buf) text = {0};
    MUST_OK(buf_add_str(&text, "h\n"));
    MUST_OK(buf_add_str(&text, lead));
    while (text.len < 2 + length - strlen(trail))
        MUST_OK(buf_add_char(&text, fill));
    MUST_OK(buf_add_str(&text, trail));
    MUST_OK(buf_add_str(&text, "\ngood\n"));
    AUTO(csv) c = {0};
    FILE *in = fmemopen(text.data, text.len, "r");
    bool more = false;
    csv_open(&c, in);
    MUST_OK(csv_next(&c, &more));
    enum rc rc = csv_next(&c, &more);
    assert_int_equal(c.line, 2);
    MUST_OK(csv_next(&c, &more));
    assert_true(more);
    assert_int_equal(c.line, 3);
    assert_true(span_eq_str(c.field[0], "good"));
    assert_true(c.window.cap <= 4 * CSV_RECORD_LIMIT);
    MUST_OK(csv_next(&c, &more));
    assert_false(more);
    fclose(in);
    return rc;
}

static void bounds_memory_and_reads_on_behind_a_long_record(void **state) {
    (void)state;
    assert_int_equal(read_long(CSV_RECORD_LIMIT, 'x', "", ""), RC_OK);
    assert_int_equal(read_long(CSV_RECORD_LIMIT, 'x', "", "\r"), RC_OK);
    assert_int_equal(read_long(CSV_RECORD_LIMIT + 1, 'x', "", "\r"), RC_OK);
    assert_int_equal(read_long(CSV_RECORD_LIMIT, 'x', "\"", "\""), RC_OK);
    assert_int_equal(read_long(CSV_RECORD_LIMIT + 1, 'x', "", ""), RC_LIMIT);
    assert_int_equal(read_long(CSV_RECORD_LIMIT + 2, 'x', "", ""), RC_LIMIT);
    assert_int_equal(read_long(2 * CSV_RECORD_LIMIT, 'x', "", ""), RC_LIMIT);
    assert_int_equal(read_long(10 << 20, 'x', "", ""), RC_LIMIT);
    assert_int_equal(read_long(10 << 20, 'x', "\"", "\""), RC_LIMIT);
    assert_int_equal(read_long(10 << 20, '"', "", ""), RC_LIMIT);
    assert_int_equal(read_long(1000, 'x', "\"", ""), RC_INPUT);
}

static void refuses_too_many_fields(void **state) {
    (void)state;
    char text[2 * CSV_FIELDS + 16];
    memset(text, ',', sizeof text);
    memcpy(text, "h\n", 2);
    memcpy(text + 2 + CSV_FIELDS - 1, "\nc\n", 4);
    AUTO(buf) story = {0};
    read_all(span_str(text), &story);
    assert_non_null(strstr(buf_str(&story), " 3:c"));
    assert_null(strchr(buf_str(&story), '!'));
    memset(text + 2, ',', CSV_FIELDS + 3);
    memcpy(text + 2 + CSV_FIELDS, "\nc\n", 4);
    buf_clear(&story);
    read_all(span_str(text), &story);
    assert_string_equal(buf_str(&story), "1:h 2!too-many-fields 3:c");
}

/* Lines are read right wherever the window's edge falls. */
static void reads_across_the_window_edge(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    long lines = 0;
    for (; text.len < 3 * CSV_RECORD_LIMIT; lines++)
        MUST_OK(buf_printf(&text, "%ld,\"a \"\"%0*ld\"\"\",%s\r\n", lines, (int)(lines % 700) + 1, lines, "z"));
    AUTO(csv) c = {0};
    FILE *in = fmemopen(text.data, text.len, "r");
    csv_open(&c, in);
    for (long i = 0; i < lines; i++) {
        bool more = false;
        char want[800];
        MUST_OK(csv_next(&c, &more));
        assert_true(more);
        assert_int_equal(c.line, i + 1);
        assert_int_equal(c.fields, 3);
        snprintf(want, sizeof want, "a \"%0*ld\"", (int)(i % 700) + 1, i);
        assert_string_equal((const char *)c.field[1].ptr, want);
        assert_string_equal((const char *)c.field[2].ptr, "z");
    }
    fclose(in);
}

static void tells_a_read_error_apart(void **state) {
    (void)state;
    AUTO(csv) c = {0};
    FILE *in = fopen("/", "r"); /* a folder opens, and reading it fails */
    assert_non_null(in);
    bool more = false;
    csv_open(&c, in);
    assert_int_equal(csv_next(&c, &more), RC_IO);
    fclose(in);
}

/* The oracle, written differently: how many fields a line has when it is a whole good record; 0 when it is none. */
static size_t good_fields(const char *p, size_t len) {
    enum { START, PLAIN, QUOTED, CLOSED } at = START;
    size_t fields = 1;
    for (size_t i = 0; i < len; i++) {
        char c = p[i];
        if (at == QUOTED)
            at = c == '"' ? CLOSED : QUOTED;
        else if (c == ',')
            at = START, fields++;
        else if (c == '"' && at == PLAIN)
            return 0;
        else if (c == '"')
            at = QUOTED;
        else if (at == CLOSED)
            return 0;
        else
            at = PLAIN;
    }
    return len == 0 || at == QUOTED ? 0 : fields;
}

/* Random lines of quotes, commas and letters: every line that is a good record by itself and has the header's number
   of fields is read as just that; every refused or read record accounts for its lines. */
static void never_loses_a_good_line(void **state) {
    (void)state;
    static const char letters[] = "ab,,\"\"\"\n\n";
    struct drand48_data seed;
    srand48_r(20201002, &seed);
    for (int round = 0; round < 20000; round++) {
        char text[80] = "h,i\n";
        size_t len = 4;
        for (; len < 10 + (size_t)round % 60; len++) {
            long pick = 0;
            lrand48_r(&seed, &pick);
            text[len] = letters[(size_t)pick % (sizeof letters - 1)];
        }
        bool seen[80] = {false};
        AUTO(csv) c = {0};
        FILE *in = fmemopen(text, len, "r");
        csv_open(&c, in);
        for (bool more = true; more;)
            if (csv_next(&c, &more) == RC_OK && more)
                seen[c.line] = true;
        long line = 1;
        for (size_t from = 0; from < len; line++) {
            const char *end = memchr(text + from, '\n', len - from);
            size_t length = end == NULL ? len - from : (size_t)(end - text) - from;
            size_t fields = good_fields(text + from, length);
            if ((fields == 2 && !seen[line]) || (fields == 0 && seen[line]))
                fail_msg("line %ld is wrong in round %d: %.*s", line, round, (int)len, text);
            from += length + 1;
        }
        assert_int_equal(c.bytes, len);
        fclose(in);
    }
}

static void writes_cells_a_spreadsheet_does_not_run(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"a b", "a b"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"\"", "\"\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {"=1+1", "'=1+1"},
        {"+84", "'+84"},
        {"-1", "'-1"},
        {"@x", "'@x"},
        {"\tx", "'\tx"},
        {"\rx", "\"'\rx\""},
        {"=A1,\"x\"", "\"'=A1,\"\"x\"\"\""},
        {"a=b", "a=b"},
        {"'a", "'a"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        AUTO(buf) out = {0};
        MUST_OK(csv_cell(&out, span_str(pairs[i][0]), ','));
        assert_string_equal(buf_str(&out), pairs[i][1]);
    }
    AUTO(buf) out = {0};
    MUST_OK(csv_cell(&out, span_str("a,b;c"), ';'));
    MUST_OK(csv_cell(&out, span_str("a,b"), ';'));
    assert_string_equal(buf_str(&out), "\"a,b;c\"a,b");
}

static void reads_what_it_writes(void **state) {
    (void)state;
    static const char *const cells[] = {"a", "", "x,y", "say \"hi\"", "C\xc3\xb4ng ty", NULL, "\""};
    static const char *const one[] = {""};
    AUTO(buf) out = {0};
    MUST_OK(csv_row(&out, cells, COUNT(cells)));
    MUST_OK(csv_row(&out, one, 1));
    MUST_OK(csv_row(&out, cells, 2));
    AUTO(buf) story = {0};
    read_all(buf_span(&out), &story);
    assert_string_equal(buf_str(&story), "1:a||x,y|say \"hi\"|C\xc3\xb4ng ty||\" 2: 3:a|");
}

/* Whatever a cell is, what guards it from a spreadsheet comes off again, and nothing else does. */
static void a_guarded_cell_comes_back(void **state) {
    (void)state;
    static const char letters[] = "\x27\x27\x27==+-@\t\r\n\",; a0\xc3\xb4";
    struct drand48_data seed;
    srand48_r(20201002, &seed);
    for (int round = 0; round < 50000; round++) {
        char cell[9];
        size_t len = (size_t)round % sizeof cell, count = 0;
        for (size_t i = 0; i < len; i++) {
            long pick = 0;
            lrand48_r(&seed, &pick);
            cell[i] = letters[(size_t)pick % (sizeof letters - 1)];
        }
        AUTO(buf) out = {0};
        struct span field[CSV_FIELDS];
        uint8_t separator = (uint8_t) ",;\t"[round % 3];
        MUST_OK(csv_cell(&out, span_of(cell, len), separator));
        assert_true(len == 0 || memchr("=+-@\t\r", buf_str(&out)[buf_str(&out)[0] == '"'], 6) == NULL);
        MUST_OK(csv_split(out.data, out.len, separator, field, &count));
        assert_int_equal(count, 1);
        if (!span_eq(csv_unguarded(field[0]), span_of(cell, len)))
            fail_msg("round %d: %.*s", round, (int)len, cell);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rfc4180),
        cmocka_unit_test(a_stray_quote_costs_its_own_line),
        cmocka_unit_test(refuses_a_record_with_a_line_break_as_one),
        cmocka_unit_test(takes_a_record_with_a_line_break_where_it_may),
        cmocka_unit_test(reads_tabs_told_separators_and_other_line_ends),
        cmocka_unit_test(tells_where_a_record_begins),
        cmocka_unit_test(splits_in_memory),
        cmocka_unit_test(refuses_bytes_that_are_no_text),
        cmocka_unit_test(bounds_memory_and_reads_on_behind_a_long_record),
        cmocka_unit_test(refuses_too_many_fields),
        cmocka_unit_test(reads_across_the_window_edge),
        cmocka_unit_test(tells_a_read_error_apart),
        cmocka_unit_test(never_loses_a_good_line),
        cmocka_unit_test(writes_cells_a_spreadsheet_does_not_run),
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(a_guarded_cell_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
