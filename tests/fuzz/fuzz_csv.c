/* Fuzzes service/csv: memory stays bounded, every byte and line is accounted for, nothing that is
   read holds what must be refused, and the reading order is the file's. */
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "service/csv/csv.h"

static long lines_of(const uint8_t *data, size_t size, uint8_t end) {
    long lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == end ? 1 : 0;
    return lines + (size > 0 && data[size - 1] != end ? 1 : 0);
}

static bool has_control(struct span s) {
    for (size_t i = 0, step; i < s.len; i += step) {
        step = utf8_char(s.ptr + i, s.len - i);
        uint32_t code = utf8_code(s.ptr + i, step);
        if (code < 0x20 || (code > 0x7e && code < 0xa0))
            return true;
    }
    return false;
}

static void check_record(const struct csv *c, long last) {
    require(c->line > last && (c->next_line == c->line + 1 || (c->line_breaks && c->next_line > c->line)));
    require(c->fields >= 1 && c->fields <= CSV_FIELDS);
    for (size_t i = 0; i < c->fields; i++)
        require(utf8_valid(c->field[i]) && (c->line_breaks || !has_control(c->field[i])) &&
                c->field[i].ptr[c->field[i].len] == 0);
}

static void read_all(const uint8_t *data, size_t size, bool line_breaks) {
    AUTO(csv) c = {0};
    AUTO(buf) copy = {0};
    if (size == 0 || buf_add(&copy, data, size) != RC_OK)
        return;
    FILE *in = fmemopen(copy.data, size, "r");
    csv_open(&c, in);
    c.line_breaks = line_breaks;
    long last = 0;
    for (bool more = true; more; last = c.line) {
        enum rc rc = csv_next(&c, &more);
        require(rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT);
        require(c.window.cap <= 4 * CSV_RECORD_LIMIT);
        require(rc == RC_OK || c.next_line > c.line);
        if (rc == RC_OK && more)
            check_record(&c, last);
    }
    bool bom = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
    require(c.bytes == (long long)size);
    require(c.next_line - 1 == lines_of(data, size, c.line_end) - (bom && size == 3 ? 1 : 0));
    fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_all(data, size, false);
    read_all(data, size, true);
    return 0;
}
