/* The one table from what went wrong to status, code and texts, and the JSON of it. */
#include "server/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/log.h"

#define RETRY_S 5 /* Retry-After unless somebody knows better */

static const struct kind {
    const char *code;
    int status;
    const char *title[2]; /* by enum lang */
    const char *advice[2];
} kinds[] = {
    [PROBLEM_BAD_REQUEST] = {"bad-request",
                             400,
                             {"Yêu cầu không đọc được", "The request cannot be read"},
                             {"Hãy kiểm tra lại điều đã gửi; nếu vẫn vậy, hãy gọi tổng đài.",
                              "Check what was sent; if it stays, call the hotline."}},
    [PROBLEM_NOT_FOUND] = {"not-found",
                           404,
                           {"Không có địa chỉ này", "Nothing is here"},
                           {"Hãy kiểm tra lại địa chỉ máy chủ.", "Check the server's address."}},
    [PROBLEM_NOT_ISSUED] = {"not-issued",
                            404,
                            {"Chưa có chứng thư số mới", "There is no new certificate"},
                            {"Với chứng thư số này chưa có chứng thư số mới nào được cấp.",
                             "Nothing has been issued for this certificate."}},
    [PROBLEM_NO_RECEIPT] = {"no-receipt",
                            404,
                            {"Chưa có biên nhận", "There is no receipt"},
                            {"Biên nhận có sau khi chứng thư số mới đã nằm trên token; hãy hoàn tất việc cấp bù.",
                             "A receipt is given once the new certificate is on the token: finish the renewal."}},
    [PROBLEM_PROOF_NEEDED] =
        {"proof-needed",
         403,
         {"Cần chứng minh đây là chứng thư số của bạn", "It must be shown that this is yours"},
         {"Chứng thư số là công khai: hãy dùng máy đã cấp bù, hoặc mở biên nhận bằng token và mã PIN "
          "(capbu receipt).",
          "Certificates are public: use the computer of the renewal, or fetch the receipt with token "
          "and PIN (capbu receipt)."}},
    [PROBLEM_METHOD] = {"method-not-allowed",
                        405,
                        {"Phương thức không được dùng ở địa chỉ này", "This address does not take that method"},
                        {"Các phương thức được dùng nằm trong tiêu đề Allow.",
                         "The header Allow names those it takes."}},
    [PROBLEM_EXISTS] = {"exists",
                        409,
                        {"Đã có rồi", "It exists already"},
                        {"Hãy tải lại rồi thử lại.", "Load it again, then try again."}},
    [PROBLEM_CHANGED_OFTEN] = {"changed-too-often",
                               409,
                               {"Đã thay đổi quá nhiều lần", "It was changed too often"},
                               {"Trạng thái đã ghi lần cuối được giữ nguyên; cần sửa, hãy gọi tổng đài.",
                                "What was told last stays as it is; to change it, call the hotline."}},
    [PROBLEM_TOO_LARGE] = {"too-large",
                           413,
                           {"Nội dung gửi lên quá lớn", "The body is too large"},
                           {"Hãy chỉ gửi đúng chứng thư số hoặc thông điệp cần thiết.",
                            "Send the certificate or message alone."}},
    [PROBLEM_PATH_TOO_LONG] = {"path-too-long",
                               414,
                               {"Địa chỉ quá dài", "The address is too long"},
                               {"Hãy kiểm tra lại địa chỉ.", "Check the address."}},
    [PROBLEM_HEAD_TOO_LARGE] = {"head-too-large",
                                431,
                                {"Phần đầu của yêu cầu quá lớn", "The head of the request is too large"},
                                {"Dòng yêu cầu và các tiêu đề cùng nhau không được quá 32 KiB.",
                                 "Request line and headers may have 32 KiB together."}},
    [PROBLEM_CONTENT_TYPE] = {"wrong-content-type",
                              415,
                              {"Kiểu nội dung không đúng", "Wrong content type"},
                              {"Địa chỉ này nhận một kiểu nội dung khác.", "This address takes another content type."}},
    [PROBLEM_CONSENT_MISSING] = {"consent-missing",
                                 422,
                                 {"Thiếu xác nhận của thuê bao", "The subscriber's consent is missing"},
                                 {"Thuê bao phải xác nhận thông tin trên chứng thư số mới trước khi được cấp.",
                                  "The subscriber must confirm the data of the new certificate before it is issued."}},
    [PROBLEM_CONSENT_UNKNOWN] =
        {"consent-unknown",
         422,
         {"Máy chủ không biết nội dung đã được xác nhận", "The server does not know the text that was agreed to"},
         {"Chưa có gì bị mất. Hãy cài bản chương trình lấy từ nơi cung cấp của máy chủ này rồi "
          "xác nhận lại.",
          "Nothing is lost. Install the program that goes with this server, then agree again."}},
    [PROBLEM_ASSIST_UNKNOWN] = {"assist-unknown",
                                422,
                                {"Mã của nhân viên hỗ trợ không đúng", "The assist code is unknown"},
                                {"Hãy xem lại từng ký tự, hoặc hỏi lại nhân viên hỗ trợ.",
                                 "Check each character, or ask the account manager."}},
    [PROBLEM_ASSIST_EXPIRED] = {"assist-expired",
                                422,
                                {"Mã của nhân viên hỗ trợ đã hết hạn", "The assist code has expired"},
                                {"Hãy xin nhân viên hỗ trợ mã mới.", "Ask the account manager for a new one."}},
    [PROBLEM_ASSIST_USED_UP] = {"assist-used-up",
                                422,
                                {"Mã của nhân viên hỗ trợ đã dùng hết số lần", "The assist code is used up"},
                                {"Hãy xin nhân viên hỗ trợ mã mới.", "Ask the account manager for a new one."}},
    [PROBLEM_ASSIST_NEEDED] = {"assist-needed",
                               422,
                               {"Kênh này cần mã hỗ trợ", "This channel needs an assist code"},
                               {"Hãy nhập mã của nhân viên hỗ trợ, hoặc dùng kênh self.",
                                "Give the account manager's code, or use the channel self."}},
    [PROBLEM_NOT_ELIGIBLE] = {"not-eligible",
                              403,
                              {"Chứng thư số này chưa được cấp bù", "This certificate is not renewed"},
                              {"Hãy gọi tổng đài.", "Call the hotline."}},
    [PROBLEM_CLIENT_TOO_OLD] = {"client-too-old",
                                426,
                                {"Chương trình đã cũ", "The program is too old"},
                                {"Hãy cài bản mới rồi thử lại.", "Install the new version, then try again."}},
    [PROBLEM_TOO_MANY] = {"too-many-requests",
                          429,
                          {"Quá nhiều yêu cầu từ địa chỉ này", "Too many requests from this address"},
                          {"Hãy đợi rồi thử lại.", "Wait, then try again."}},
    [PROBLEM_FULL] = {"waiting-room-full",
                      503,
                      {"Đang có rất nhiều người thực hiện", "Very many people are renewing just now"},
                      {"Hãy thử lại sau ít phút.", "Try again in a few minutes."}},
    [PROBLEM_UNAVAILABLE] = {"unavailable",
                             503,
                             {"Máy chủ tạm thời chưa phục vụ được", "The server cannot serve this now"},
                             {"Chưa có gì bị mất; hãy thử lại sau.", "Nothing is lost; try again later."}},
    [PROBLEM_OUR_BUG] = {"internal",
                         500,
                         {"Máy chủ gặp lỗi", "The server has failed"},
                         {"Hãy báo mã hỗ trợ cho tổng đài.", "Tell the hotline the support code."}},
};

static enum rc write_problem(const struct request *q, const struct kind *k, const char *code, const char *detail,
                             struct buf *out) {
    AUTO(jsonw) w = {0};
    char type[64];

    snprintf(type, sizeof type, "urn:capbu:problem:%s", k->code);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "type", type);
    jsonw_str(&w, "title", k->title[q->lang]);
    jsonw_int(&w, "status", k->status);
    jsonw_str(&w, "detail", detail == NULL ? k->advice[q->lang] : detail);
    jsonw_str(&w, "code", code);
    jsonw_str(&w, "support_code", q->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    *out = w.out;
    w.out = (struct buf){0};
    return RC_OK;
}

void problem_coded(const struct request *q, struct response *r, enum problem p, const char *code, const char *detail) {
    const struct kind *k = &kinds[p];
    struct buf body = {0};

    if (write_problem(q, k, code, detail, &body) != RC_OK)
        body = (struct buf){0}; /* out of memory: the status alone tells */
    response_ok(r, "application/problem+json", &body);
    r->status = k->status;
    snprintf(r->code, sizeof r->code, "%s", code);
    if (k->status == 429 || k->status == 503)
        problem_retry(r, RETRY_S);
}

void problem_set(const struct request *q, struct response *r, enum problem p, const char *detail) {
    problem_coded(q, r, p, kinds[p].code, detail);
}

static enum problem kind_of(enum rc rc) {
    switch (rc) {
    case RC_USAGE:
    case RC_INPUT:
        return PROBLEM_BAD_REQUEST;
    case RC_LIMIT:
        return PROBLEM_TOO_LARGE;
    case RC_NOT_FOUND:
        return PROBLEM_NOT_FOUND;
    case RC_EXISTS:
        return PROBLEM_EXISTS;
    case RC_REFUSED:
        return PROBLEM_NOT_ELIGIBLE;
    case RC_BUSY:
    case RC_IO:
    case RC_DB:
    case RC_NETWORK:
        return PROBLEM_UNAVAILABLE;
    default:
        return PROBLEM_OUR_BUG;
    }
}

void problem_from(const struct request *q, struct response *r, enum rc rc) {
    enum problem p = kind_of(rc);
    bool ours = kinds[p].status >= 500;
    char why[512], told[768];

    snprintf(why, sizeof why, "%s", err_text());
    if (q->lang == LANG_EN)
        snprintf(told, sizeof told, "%s", why);
    else /* what to do in the caller's language, what is wrong exactly behind */
        snprintf(told, sizeof told, "%s (%s)", kinds[p].advice[q->lang], why);
    if (ours)
        log_line(LOG_ERROR, "failure", "support_code", q->support_code, "kind", err_name(rc), "text", why, NULL);
    problem_set(q, r, p, ours ? NULL : told);
}

void problem_retry(struct response *r, int seconds) {
    char text[16];
    snprintf(text, sizeof text, "%d", seconds);
    response_header(r, "Retry-After", text);
}
