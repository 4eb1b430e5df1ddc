/* Civil days and instants: pure arithmetic on the proleptic Gregorian calendar, and their texts (letter R5.1). */
#include "base/day.h"

#include <stdio.h>
#include <string.h>

#define ERA_YEARS 400
#define ERA_DAYS  146097 /* days in 400 years */
#define EPOCH     719468 /* days from 0000-03-01 to 1970-01-01 */

/* 0001-01-01 and 9999-12-31, the ends of what we write and read. */
#define DAY_FIRST (-719162)
#define DAY_LAST  2932896

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/* Years are counted from March, so that the leap day is a year's last and a month's start is linear. */
int32_t day_from_date(struct date d) {
    int64_t year = d.month > 2 ? d.year : d.year - 1;
    int64_t era = floor_div(year, ERA_YEARS);
    int64_t of_era = year - era * ERA_YEARS;
    int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t of_year = (153 * month + 2) / 5 + d.day - 1;
    return (int32_t)(era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH);
}

struct date day_to_date(int32_t day) {
    int64_t shifted = (int64_t)day + EPOCH;
    int64_t era = floor_div(shifted, ERA_DAYS);
    int64_t of_era = shifted - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int32_t civil = (int32_t)(month < 10 ? month + 3 : month - 9);
    return (struct date){.year = (int32_t)(year + era * ERA_YEARS + (civil <= 2 ? 1 : 0)),
                         .month = civil,
                         .day = (int32_t)(of_year - (153 * month + 2) / 5 + 1)};
}

static bool leap(int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool date_valid(struct date d) {
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
        return false;
    return d.day <= days[d.month - 1] + (d.month == 2 && leap(d.year) ? 1 : 0);
}

int32_t day_of(int64_t instant, int32_t offset) {
    return (int32_t)floor_div(instant + offset, DAY_SECONDS);
}

int64_t day_start(int32_t day, int32_t offset) {
    return (int64_t)day * DAY_SECONDS - offset;
}

int64_t day_end(int32_t day, int32_t offset) {
    return day_start(day, offset) + DAY_SECONDS - 1;
}

/* Reads exactly `count` digits; -1 when one is missing. A NUL is no digit, so it never reads past the end. */
static int32_t digits(const char *text, int count) {
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* The first ten characters as a date. */
static bool read_date(const char *text, int32_t *day) {
    struct date d = {digits(text, 4), 0, 0};
    if (d.year < 0 || text[4] != '-')
        return false;
    d.month = digits(text + 5, 2);
    if (d.month < 0 || text[7] != '-')
        return false;
    d.day = digits(text + 8, 2);
    if (!date_valid(d))
        return false;
    *day = day_from_date(d);
    return true;
}

enum rc day_parse(const char *text, int32_t *day) {
    int32_t read = 0;
    if (!read_date(text, &read) || text[10] != 0)
        FAIL(RC_INPUT, "'%.20s' is not a date: write YYYY-MM-DD, for example 2020-10-02", text);
    *day = read;
    return RC_OK;
}

static void put_digits(char *out, int32_t value, int count) {
    for (int i = count - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

void day_format(int32_t day, char out[DAY_TEXT]) {
    out[0] = 0;
    if (day < DAY_FIRST || day > DAY_LAST)
        return;
    struct date d = day_to_date(day);
    memcpy(out, "0000-00-00", DAY_TEXT);
    put_digits(out, d.year, 4);
    put_digits(out + 5, d.month, 2);
    put_digits(out + 8, d.day, 2);
}

void day_read(int32_t day, enum lang lang, char out[DAY_TEXT]) {
    char iso[DAY_TEXT];
    day_format(day, iso);
    if (lang == LANG_EN || iso[0] == 0)
        memcpy(out, iso, DAY_TEXT);
    else
        (void)snprintf(out, DAY_TEXT, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
}

/* "HH:MM" at the start of the text, in seconds; -1 when it is not that. */
static int32_t read_minutes(const char *text) {
    int32_t hour = digits(text, 2);
    if (hour < 0 || hour > 23 || text[2] != ':')
        return -1;
    int32_t minute = digits(text + 3, 2);
    return minute < 0 || minute > 59 ? -1 : hour * 3600 + minute * 60;
}

/* What follows the seconds: an optional fraction, then "Z" or "+HH:MM". */
static bool read_offset(const char *text, int32_t *offset) {
    if (*text == '.') {
        size_t length = strspn(text + 1, "0123456789");
        if (length == 0)
            return false;
        text += 1 + length;
    }
    *offset = 0;
    if (*text == 'Z' || *text == 'z')
        return text[1] == 0;
    if (*text != '+' && *text != '-')
        return false;
    int32_t seconds = read_minutes(text + 1);
    *offset = *text == '-' ? -seconds : seconds;
    return seconds >= 0 && text[6] == 0;
}

static bool read_instant(const char *text, int64_t *instant) {
    int32_t day = 0, offset = 0;
    if (!read_date(text, &day) || (text[10] != 'T' && text[10] != 't'))
        return false;
    int32_t minutes = read_minutes(text + 11);
    if (minutes < 0 || text[16] != ':')
        return false;
    int32_t second = digits(text + 17, 2);
    if (second < 0 || second > 59 || !read_offset(text + 19, &offset))
        return false;
    *instant = day_start(day, offset) + minutes + second;
    return *instant >= day_start(DAY_FIRST, 0) && *instant <= day_end(DAY_LAST, 0);
}

enum rc instant_parse(const char *text, int64_t *instant) {
    int64_t read = 0;
    if (!read_instant(text, &read))
        FAIL(RC_INPUT, "'%.40s' is not a time: write RFC 3339, for example 2020-10-02T09:42:20+07:00", text);
    *instant = read;
    return RC_OK;
}

void instant_format(int64_t instant, char out[INSTANT_TEXT]) {
    out[0] = 0;
    if (instant < day_start(DAY_FIRST, 0) || instant > day_end(DAY_LAST, 0))
        return;
    int32_t day = day_of(instant, 0);
    int32_t second = (int32_t)(instant - day_start(day, 0));
    day_format(day, out);
    memcpy(out + 10, "T00:00:00Z", INSTANT_TEXT - 10);
    put_digits(out + 11, second / 3600, 2);
    put_digits(out + 14, second / 60 % 60, 2);
    put_digits(out + 17, second % 60, 2);
}

void instant_read(int64_t instant, int32_t offset, enum lang lang, char out[INSTANT_READ]) {
    char iso[INSTANT_TEXT], day[DAY_TEXT];
    instant_format(instant + offset, iso);
    day_read(day_of(instant, offset), lang, day);
    (void)snprintf(out, INSTANT_READ, "%s %.5s", day, iso[0] == 0 ? "" : iso + 11);
}

enum rc instant_parse_or_day(const char *text, int32_t offset, int64_t *instant) {
    int32_t day = 0;
    if (strlen(text) != DAY_TEXT - 1)
        return instant_parse(text, instant);
    TRY(day_parse(text, &day));
    *instant = day_start(day, offset);
    return RC_OK;
}
