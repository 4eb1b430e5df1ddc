/* The words of reports in Vietnamese and English; the English ones are those that JSON has. */
#include "service/ledger/report.h"

const char *report_title(enum lang lang, enum report_by by) {
    static const char *const vi[REPORT_BY_COUNT] = {"Loại token", "Tỉnh, thành", "Đợt", "Kênh", "Ngày", "Người hỗ trợ"};
    return lang == LANG_VI ? vi[by] : report_by_name(by);
}

/* The holder "" comes first. */
const char *report_key(enum lang lang, const struct report *r, const struct report_line *l) {
    return lang == LANG_VI && r->by == REPORT_HOLDER && l->order == 0 ? "(không ai)" : l->key;
}

const char *report_column_name(enum lang lang, enum report_column c) {
    static const char *const names[2][REPORT_COLUMNS] = {
        [LANG_VI] = {"Phải bù", "Đã xong", "Chờ xác nhận", "Chờ xử lý", "Tự thực hiện", "Không thuộc diện",
                     "Đã báo: thuế", "Hải quan", "Bảo hiểm xã hội", "Hóa đơn điện tử", "Ngân hàng", "Đấu thầu"},
        [LANG_EN] = {"owed", "done", "issued", "held", "done_self", "refused", "told_tax", "told_customs",
                     "told_social-insurance", "told_e-invoice", "told_bank", "told_e-procurement"}};
    return names[lang][c];
}

/* By channel, day and holder the lines are of what was issued: their sum is not all that is owed. */
const char *report_total_name(enum lang lang, enum report_by by) {
    bool issued = by == REPORT_CHANNEL || by == REPORT_DAY || by == REPORT_HOLDER;
    if (lang == LANG_VI)
        return issued ? "Tổng đã cấp" : "Tổng cộng";
    return issued ? "all issued" : "total";
}

int64_t report_cell(const struct report_line *l, enum report_column c) {
    const int64_t cells[REPORT_TOLD] = {
        [REPORT_OWED] = l->tally.owed, [REPORT_DONE] = l->tally.done,           [REPORT_ISSUED] = l->tally.issued,
        [REPORT_HELD] = l->tally.held, [REPORT_DONE_SELF] = l->tally.done_self, [REPORT_REFUSED] = l->refused};
    return c < REPORT_TOLD ? cells[c] : l->told[c - REPORT_TOLD];
}

struct report_line report_sum(const struct report *r) {
    struct report_line sum = {0};
    for (int32_t i = 0; i < r->line_count; i++) {
        const struct report_line *l = &r->lines[i];
        tally_add(&sum.tally, &l->tally);
        sum.refused += l->refused;
        for (int m = 0; m < MARK_COUNT; m++)
            sum.told[m] += l->told[m];
    }
    return sum;
}

int report_share(const struct report_line *l) {
    return l->tally.owed == 0 ? -1 : (int)(1000 * l->tally.done / l->tally.owed);
}
