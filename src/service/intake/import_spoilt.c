/* Knows the traces of Excel and its kind by their looks. */
#include "service/intake/import_spoilt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"

#define SERIAL_EPOCH 25569 /* 1970-01-01 as Excel counts days */

static bool tell(struct spoilt *out, const char *vi, const char *en) {
    (void)snprintf(out->vi, sizeof out->vi, "%s", vi);
    (void)snprintf(out->en, sizeof out->en, "%s", en);
    return true;
}

/* #N/A, #REF!, #####. */
static bool is_error(struct span cell) {
    return cell.len > 1 && cell.ptr[0] == '#' && (cell.ptr[1] == '#' || (cell.ptr[1] >= 'A' && cell.ptr[1] <= 'Z'));
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* 1.1E+09, with a comma in Vietnam. */
static bool is_scientific(struct span cell) {
    size_t i = 0;
    while (i < cell.len && (is_digit(cell.ptr[i]) || cell.ptr[i] == '.' || cell.ptr[i] == ','))
        i++;
    if (i == 0 || i + 2 >= cell.len || (cell.ptr[i] != 'E' && cell.ptr[i] != 'e') || cell.ptr[i + 1] != '+')
        return false;
    for (i += 2; i < cell.len; i++)
        if (!is_digit(cell.ptr[i]))
            return false;
    return true;
}

bool spoilt_cell(struct span cell, struct spoilt *out) {
    if (cell.len == 0)
        return false;
    if (cell.ptr[0] == '\'')
        return tell(out,
                    "bảng tính đặt dấu nháy ' ở đầu ô để đánh dấu chữ; bỏ dấu đó, định dạng cột là Text rồi xuất lại",
                    "a spreadsheet's apostrophe marks it as text; remove it, format the column as Text, export again");
    if (is_error(cell))
        return tell(
            out, "bảng tính ghi lỗi thay cho giá trị; sửa công thức hoặc nới cột rồi xuất lại",
            "the spreadsheet shows an error instead of a value; mend the formula or widen the column, export again");
    if (is_scientific(cell))
        return tell(
            out,
            "bảng tính đã đổi số sang dạng khoa học nên mất chữ số; định dạng cột là Text, lấy lại từ nguồn rồi "
            "xuất lại",
            "a spreadsheet made the number scientific and lost digits; format the column as Text, fill it from "
            "its source, export again");
    return false;
}

/* 31/12/2021, 1.7.21, 31-12-2021: three numbers, with the year at the end, or other marks between. */
static bool is_other_date(const char *text) {
    int numbers = 0;
    for (const char *p = text; *p != '\0'; numbers++) {
        size_t digits = strspn(p, "0123456789");
        if (digits == 0 || digits > 4)
            return false;
        p += digits;
        if (*p != '\0' && strchr("/.-", *p) != NULL && numbers < 2)
            p++;
        else if (*p == ' ' && numbers == 2) /* with a time behind */
            return true;
        else if (*p != '\0')
            return false;
    }
    return numbers == 3;
}

/* Written as it should be, 2021-02-29, and not in the calendar. */
static bool is_no_day(const char *text) {
    return strlen(text) == 10 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
           strspn(text + 5, "0123456789") == 2 && text[7] == '-' && strspn(text + 8, "0123456789") == 2;
}

bool spoilt_day(const char *text, struct spoilt *out) {
    char day[DAY_TEXT];
    if (is_no_day(text))
        return tell(out, "trong lịch không có ngày này; lấy lại từ nguồn",
                    "there is no such day; take it from its source");
    if (strlen(text) == 5 && strspn(text, "0123456789") == 5) {
        day_format((int32_t)strtol(text, NULL, 10) - SERIAL_EPOCH, day);
        (void)snprintf(out->vi, sizeof out->vi,
                       "là số ngày mà bảng tính đếm (nghĩa là %s); định dạng cột là yyyy-mm-dd rồi xuất lại", day);
        (void)snprintf(out->en, sizeof out->en,
                       "is a spreadsheet's count of days (it means %s); format the column as yyyy-mm-dd, export again",
                       day);
        return true;
    }
    if (!is_other_date(text))
        return false;
    return tell(out, "bảng tính đã viết ngày theo cách khác; định dạng cột là yyyy-mm-dd (Custom) rồi xuất lại",
                "a spreadsheet wrote the day another way; format the column as yyyy-mm-dd (Custom), export again");
}
