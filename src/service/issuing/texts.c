/* The sentences that subscribers read, each in both languages, and how they are put together. */
#include "service/issuing/texts.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"

struct both {
    const char *in[2]; /* by enum lang */
};

static const struct both reasons[REASON_COUNT] = {
    [REASON_UNKNOWN_CERTIFICATE] = {{"Không tìm thấy chứng thư số này trong hồ sơ; hãy kiểm tra lại mã số thuế, số "
                                     "sê-ri hoặc token đang cắm.",
                                     "This certificate is not in our records; check the tax code, the serial number or "
                                     "the token that is plugged in."}},
    [REASON_NOT_OLD_ISSUER] = {{"Chứng thư số này không do CA cũ của chương trình này cấp nên không được cấp bù; hãy "
                                "cắm đúng token.",
                                "This certificate was not issued by the old CA, so the programme does not "
                                "concern it; plug in the right token."}},
    [REASON_BAD_SIGNATURE] = {{"Chữ ký của nhà cung cấp trên chứng thư số không hợp lệ; hãy mang token đến điểm giao "
                               "dịch để kiểm tra.",
                               "The issuer's signature on this certificate does not hold; have the token checked at a "
                               "branch."}},
    [REASON_SUSPENDED] = {{"Chứng thư số đang tạm dừng; hãy đề nghị khôi phục rồi thử lại.",
                           "The certificate is suspended; have it reinstated, then try again."}},
    [REASON_REVOKED] = {{"Chứng thư số đã bị thu hồi nên không được cấp bù; nếu cần, hãy đăng ký chứng thư số mới.",
                         "The certificate is revoked, so nothing is owed; apply for a new one if you need it."}},
    [REASON_EXPIRED] = {{"Chứng thư số đã hết hạn nên không tự động cấp bù được nữa; hãy gọi tổng đài.",
                         "The certificate has expired and can no longer be renewed by this program; call the "
                         "hotline."}},
    [REASON_EXPIRY_DIFFERS] = {{"Chứng thư số không hết hạn đúng ngày của chương trình nên không bị rút ngắn thời hạn; "
                                "không cần làm gì.",
                                "The certificate does not end on the programme's day, so its term was not cut; there "
                                "is nothing to do."}},
    [REASON_ISSUED_ON_CONNECTION_DAY] =
        {{"Chứng thư số được cấp đúng ngày chuyển hệ thống; trường hợp này do nhân viên "
          "xem xét, hãy gọi tổng đài.",
          "The certificate was issued on the very day the new CA was connected; such "
          "cases are decided by a person, call the hotline."}},
    [REASON_ISSUED_AFTER_CONNECTION] = {{"Chứng thư số được cấp sau ngày chuyển sang CA mới nên đã đủ thời "
                                         "hạn; không cần làm gì.",
                                         "The certificate was issued after the new CA was connected and has its full "
                                         "term; there is nothing to do."}},
    [REASON_CONTRACT_NOT_LONGER] = {{"Hợp đồng không dài hơn thời hạn của chứng thư số nên không còn ngày nào phải bù; "
                                     "muốn dùng tiếp, hãy gia hạn hợp đồng.",
                                     "The contract does not run past the certificate's end, so no days are owed; to "
                                     "go on, extend the contract."}},
    [REASON_KEY_TOO_WEAK] = {{"Khóa trên token quá yếu để cấp chứng thư số mới; hãy gọi tổng đài để đổi token.",
                              "The key on the token is too weak for a new certificate; call the hotline to change the "
                              "token."}},
    [REASON_ALREADY_COMPENSATED] = {{"Chứng thư số này đã được cấp bù.",
                                     "This certificate has already been made good."}},
    [REASON_BEYOND_NEW_CA] =
        {{"Hợp đồng dài hơn thời hạn của CA mới; trường hợp này được xử lý riêng để bù đủ trong một "
          "lần, chúng tôi sẽ liên hệ.",
          "The contract outlives the new CA; the case is held back so that it is made good once "
          "and in full, we shall contact you."}},
    [REASON_NOT_RENEWABLE] =
        {{"Nội dung chứng thư số cũ không cho phép gia hạn tự động; đừng nhập mã PIN, hãy gọi tổng "
          "đài.",
          "The content of the old certificate does not allow automatic renewal; do not type the "
          "PIN, call the hotline."}},
    [REASON_ISSUED_BEFORE] = {
        {"Chứng thư số mới đã được cấp trước đây và đang được khôi phục trong hồ sơ; nếu token đã "
         "có chứng thư số mới thì hãy dùng nó, nếu chưa thì hãy thử lại sau.",
         "The new certificate was issued before and is being brought back into our records; if it "
         "is on the token, use it, else try again later."}}};

/* What in it does not: for the hotline, and whoever looks into it. */
static const struct both unfits[UNFIT_COUNT] = {
    [UNFIT_CA] = {{"là chứng thư số của một CA", "it is a CA's"}},
    [UNFIT_USAGE] = {{"mục đích sử dụng khóa (keyUsage) không phù hợp", "its keyUsage does not fit"}},
    [UNFIT_NAME] = {{"tên chủ thể trống hoặc viết sai", "its name is empty or not written right"}},
    [UNFIT_KEY] = {{"khóa công khai không dùng được", "its public key cannot be used"}},
    [UNFIT_COPIED] = {{"một phần mở rộng phải giữ lại bị viết sai",
                       "an extension to be taken over is not written right"}},
    [UNFIT_SIZE] = {{"nội dung quá lớn", "it is too large"}},
    [UNFIT_FORM] = {{"đọc được nhưng không nhận dạng viết này; cần hỏi nhóm phát triển",
                     "it is read, but its form is not taken; the maintainers have to be asked"}},
};

/* R2.6 */
static const struct both full_term = {{"Chứng thư số này do CA mới cấp nên đã đủ thời hạn theo hợp đồng; không "
                                       "cần làm gì.",
                                       "This certificate was issued by the new CA and already has its full term; there "
                                       "is nothing to do."}};

static const struct {
    const char *code;
    struct both text;
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_NOT_OPEN_YET] = {"not-open-yet",
                              {{"Loại token hoặc kênh này chưa đến đợt cấp bù; hãy quay lại sau.",
                                "This kind of token or this channel is not open yet; come back later."}}},
    [REFUSAL_HALTED] = {"halted",
                        {{"Việc cấp bù cho loại token này đang tạm dừng; hãy thử lại sau.",
                          "Renewal for this kind of token is halted for now; try again later."}}},
    [REFUSAL_OTHER_CERTIFICATE] = {"other-certificate",
                                   {{"Yêu cầu nêu một chứng thư số khác với chứng thư số đã ký; hãy ký bằng chính "
                                     "chứng thư số cần gia hạn.",
                                     "The request names another certificate than the one that signed it; sign with the "
                                     "certificate to be renewed."}}},
    [REFUSAL_NEW_KEY_NOT_ALLOWED] = {"new-key-not-allowed",
                                     {{"Chương trình này giữ nguyên khóa; hãy gửi yêu cầu với khóa đang có trên token.",
                                       "This programme keeps the key; ask with the key that is on the token."}}},
    [REFUSAL_OTHER_KEY] = {"other-key",
                           {{"Chứng thư số mới đã được cấp cho một khóa khác; hãy dùng khóa của lần yêu cầu đầu.",
                             "The new certificate was already issued for another key; use the key of the first "
                             "request."}}},
    [REFUSAL_NOT_RENEWABLE] = {"not-renewable",
                               {{"Nội dung chứng thư số cũ không cho phép gia hạn tự động; hãy gọi tổng đài.",
                                 "The content of the old certificate does not allow automatic renewal; call the "
                                 "hotline."}}},
    [REFUSAL_NOT_SIGNED] = {"not-signed",
                            {{"Yêu cầu đã được ghi nhận nhưng chứng thư số mới chưa ký được; hãy gọi tổng đài.",
                              "The request is recorded, but the new certificate could not be signed; call the "
                              "hotline."}}},
    [REFUSAL_ASKED_OFTEN] = {"asked-too-often",
                             {{"Chứng thư số này đã được yêu cầu lại quá nhiều lần; hãy gọi tổng đài.",
                               "This certificate was asked for again too often; call the hotline."}}},
    [REFUSAL_CONSENT_MISSING] = {"consent-missing",
                                 {{"Yêu cầu chưa có lời đồng ý của người dùng; hãy dùng chương trình capbu.",
                                   "The request tells of no consent; use the program capbu."}}},
    [REFUSAL_CONSENT_UNKNOWN] = {"consent-unknown",
                                 {{"Nội dung đồng ý không phải của chương trình này; hãy cài bản mới rồi thử lại.",
                                   "What was agreed to is no text of this programme; install the new version, then try "
                                   "again."}}},
    [REFUSAL_CONSENT_OLD] = {"consent-old",
                             {{"Lời đồng ý đã quá lâu hoặc đồng hồ máy sai; hãy xác nhận lại.",
                               "The consent is too old, or the computer's clock is wrong; agree once more."}}},
    [REFUSAL_ASSIST_UNKNOWN] = {"assist-unknown",
                                {{"Không có mã hỗ trợ này; hãy hỏi lại người hỗ trợ.",
                                  "There is no such assist code; ask who helps you."}}},
    [REFUSAL_ASSIST_EXPIRED] = {"assist-expired",
                                {{"Mã hỗ trợ đã hết hạn; hãy xin mã mới.",
                                  "The assist code has expired; ask for a new one."}}},
    [REFUSAL_ASSIST_USED_UP] = {"assist-used-up",
                                {{"Mã hỗ trợ đã dùng hết số lần; hãy xin mã mới.",
                                  "The assist code is used up; ask for a new one."}}},
};

const char *refusal_code(enum refusal r) {
    return refusals[r].code;
}

const char *text_refusal(enum lang lang, enum refusal r) {
    return refusals[r].text.in[lang];
}

const char *text_reason(enum lang lang, enum reason r, enum issuer issuer) {
    if (r == REASON_NOT_OLD_ISSUER && issuer == ISSUER_NEW)
        return full_term.in[lang];
    return reasons[r].in[lang];
}

static enum rc add_hotline(enum lang lang, const char *hotline, struct buf *out) {
    if (hotline[0] == '\0')
        return RC_OK;
    return buf_printf(out, lang == LANG_VI ? " Tổng đài: %s." : " Hotline: %s.", hotline);
}

/* "It is held back, we shall contact you" is true only where nothing else stands in the way. */
static uint32_t reasons_told(uint32_t bits) {
    uint32_t others = bits & ~(1U << REASON_BEYOND_NEW_CA);
    return others != 0 ? others : bits;
}

/* " Reason: what; what." */
static enum rc add_unfits(enum lang lang, uint32_t unfit, struct buf *out) {
    const char *before = lang == LANG_VI ? " Lý do: " : " The cause: ";
    for (int u = 0; u < UNFIT_COUNT; u++) {
        if ((unfit >> u & 1) == 0)
            continue;
        TRY(buf_printf(out, "%s%s", before, unfits[u].in[lang]));
        before = "; ";
    }
    return unfit != 0 ? buf_add_str(out, ".") : RC_OK;
}

static enum rc add_reasons(enum lang lang, const struct screened *v, struct buf *out) {
    bool first = true;
    uint32_t bits = reasons_told(v->verdict.reasons);
    for (int r = 0; r < REASON_COUNT; r++) {
        if ((bits >> r & 1) == 0)
            continue;
        TRY(buf_printf(out, "%s%s", first ? "" : " ", text_reason(lang, (enum reason)r, v->issuer)));
        if (r == REASON_NOT_RENEWABLE)
            TRY(add_unfits(lang, v->unfit, out));
        first = false;
    }
    return RC_OK;
}

static enum rc add_opening(enum lang lang, const struct campaign *c, const struct opening *o, struct buf *out) {
    char day[DAY_TEXT];
    if (o->open && (o->channels >> CHANNEL_SELF & 1) == 0)
        return buf_add_str(out, lang == LANG_VI ? " Hôm nay thực hiện được cùng nhân viên hỗ trợ, miễn phí."
                                                : " It can be done today with somebody's help, free of charge.");
    if (o->open)
        return buf_add_str(out, lang == LANG_VI ? " Có thể thực hiện ngay bây giờ, miễn phí."
                                                : " It can be done now, free of charge.");
    if (o->halted)
        return buf_printf(out, " %s", text_refusal(lang, REFUSAL_HALTED));
    if (o->opens_on == DAY_NONE) {
        TRY(buf_printf(out, " %s", text_refusal(lang, REFUSAL_NOT_OPEN_YET)));
        return add_hotline(lang, c->hotline, out);
    }
    day_read(o->opens_on, lang, day);
    return buf_printf(out,
                      lang == LANG_VI ? " Loại token này được mở từ ngày %s; hãy quay lại khi đó."
                                      : " This kind of token opens on %s; come back then.",
                      day);
}

static enum rc add_owed(enum lang lang, const struct campaign *c, const struct screened *v, struct buf *out) {
    char day[DAY_TEXT];
    day_read(day_of(v->verdict.new_not_after, c->utc_offset), lang, day);
    TRY(buf_printf(out,
                   lang == LANG_VI ? "Chứng thư số được bù %d ngày, hạn mới đến ngày %s."
                                   : "%d days are owed on this certificate; its new term ends on %s.",
                   (int)(v->verdict.owed_days - v->verdict.cut_days), day));
    if (v->verdict.cut_days > 0)
        TRY(buf_printf(out, lang == LANG_VI ? " Còn %d ngày sẽ được bù sau." : " %d more days will follow later.",
                       (int)v->verdict.cut_days));
    if (v->state == STATE_RESERVED)
        return buf_add_str(out, lang == LANG_VI ? " Lần trước chưa xong; hãy chạy lại để hoàn tất."
                                                : " The last run did not finish; run it again.");
    return add_opening(lang, c, &v->opening, out);
}

static enum rc add_done(enum lang lang, const struct campaign *c, const struct screened *v, struct buf *out) {
    char day[DAY_TEXT];
    day_read(day_of(v->verdict.new_not_after, c->utc_offset), lang, day);
    TRY(buf_printf(out,
                   lang == LANG_VI ? "Chứng thư số này đã được cấp bù %d ngày, hạn mới đến ngày %s."
                                   : "This certificate was made good for %d days; its new term ends on %s.",
                   (int)v->verdict.owed_days, day));
    if (v->state == STATE_CONFIRMED)
        return RC_OK;
    return buf_add_str(out, lang == LANG_VI ? " Nếu chứng thư số mới chưa có trên token, hãy chạy lại để ghi."
                                            : " If the new certificate is not on the token yet, run it again.");
}

enum rc text_verdict(enum lang lang, const struct campaign *c, const struct screened *v, struct buf *out) {
    switch (v->verdict.kind) {
    case VERDICT_ELIGIBLE:
        return add_owed(lang, c, v, out);
    case VERDICT_DONE:
        return add_done(lang, c, v, out);
    default:
        TRY(add_reasons(lang, v, out));
        return add_hotline(lang, c->hotline, out);
    }
}

/* Adds a sentence if it fits whole. */
static void add_whole(char out[TEXT_SHORT], const char *separator, const char *sentence) {
    size_t used = strlen(out), more = strlen(separator) + strlen(sentence);
    if (used + more < TEXT_SHORT)
        (void)snprintf(out + used, TEXT_SHORT - used, "%s%s", separator, sentence);
}

void text_short_reasons(uint32_t bits, enum issuer issuer, const char *hotline, char out[TEXT_SHORT]) {
    out[0] = '\0';
    bits = reasons_told(bits);
    for (int lang = LANG_VI; lang <= LANG_EN; lang++) {
        const char *separator = lang == LANG_VI ? "" : " / ";
        for (int r = 0; r < REASON_COUNT; r++) {
            if ((bits >> r & 1) == 0)
                continue;
            add_whole(out, separator, text_reason((enum lang)lang, (enum reason)r, issuer));
            separator = " ";
        }
    }
    if (hotline[0] != '\0')
        add_whole(out, " ☎ ", hotline);
}

void text_short_refusal(enum refusal r, int32_t opens_on, const char *hotline, char out[TEXT_SHORT]) {
    char day[DAY_TEXT];
    out[0] = '\0';
    add_whole(out, "", text_refusal(LANG_VI, r));
    add_whole(out, " / ", text_refusal(LANG_EN, r));
    if (r == REFUSAL_NOT_OPEN_YET && opens_on != DAY_NONE) {
        day_read(opens_on, LANG_VI, day);
        add_whole(out, " Mở từ ngày ", day);
        day_read(opens_on, LANG_EN, day);
        add_whole(out, " / Opens on ", day);
    }
    if (hotline[0] != '\0')
        add_whole(out, " ☎ ", hotline);
}
