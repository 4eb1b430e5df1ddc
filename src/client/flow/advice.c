/* The words of the table, and the way back from an error's text to its row. */
#include "client/flow/advice.h"

#include <string.h>

struct pair {
    const char *vi, *en;
};

static const struct pair WHATS[WHAT_COUNT] = {
    [WHAT_PULLED] = {"Token bị rút ra giữa chừng.", "The token was pulled out in the middle."},
    [WHAT_ABSENT] = {"Không còn thấy token.", "The token is not there any more."},
    [WHAT_CUT] = {"Kết nối với token bị ngắt.", "The connection to the token was lost."},
    [WHAT_FOREIGN] = {"Trình điều khiển không nhận ra token này.", "The driver does not know this token."},
    [WHAT_FULL] = {"Token đã hết chỗ.", "The token is full."},
    [WHAT_SHORT] = {"Token không đủ bộ nhớ để làm việc.", "The token is short of memory to work with."},
    [WHAT_MEMORY] = {"Máy không đủ bộ nhớ.", "The computer is out of memory."},
    [WHAT_DEVICE] = {"Token báo lỗi phần cứng.", "The token reports an error of its own."},
    [WHAT_GENERAL] = {"Token hoặc trình điều khiển của nó báo lỗi.", "The token or its driver reports an error."},
    [WHAT_VENDOR] = {"Trình điều khiển báo một lỗi riêng của hãng.", "The driver reports an error of its maker's own."},
    [WHAT_LOGIN_LOST] = {"Token đã mất phiên đăng nhập.", "The token lost its login."},
    [WHAT_SHUT] = {"Token chưa cho xem gì trước khi nhập mã PIN.", "The token shows nothing before its PIN is typed."},
    [WHAT_READ_ONLY] = {"Token không cho ghi.", "The token does not let anything be written."},
    [WHAT_PIN_WRONG] = {"Sai mã PIN.", "The PIN is wrong."},
    [WHAT_PIN_LOCKED] = {"Mã PIN đã bị khóa.", "The PIN is locked."},
    [WHAT_PIN_EXPIRED] = {"Mã PIN đã quá hạn dùng.", "The PIN has expired."},
    [WHAT_PIN_WEAK] = {"Token đòi một mã PIN mạnh hơn.", "The token wants a stronger PIN."},
    [WHAT_PIN_LENGTH] = {"Token không nhận mã PIN dài như vậy.", "The token takes no PIN of that length."},
    [WHAT_PIN_ODD] = {"Token không nhận mã PIN như vậy.", "The token takes no PIN like that."},
    [WHAT_PIN_UNSET] = {"Token chưa được đặt mã PIN.", "No PIN was set on the token yet."},
    [WHAT_OTHERS] = {"Chương trình khác đang dùng token.", "Another program is using the token."},
    [WHAT_STUCK] = {"Token chưa xong một bước trước đó.", "The token has not finished an earlier step."},
    [WHAT_CANCELLED] = {"Thao tác đã bị hủy trên token.", "This was cancelled on the token."},
    [WHAT_CANNOT] = {"Trình điều khiển token không có chức năng này.", "The token's driver cannot do this."},
    [WHAT_MECHANISM] = {"Token không biết cách ký này.", "The token does not know this way of signing."},
    [WHAT_NOT_ALLOWED] = {"Khóa trên token không được phép ký.", "The key on the token may not sign."},
    [WHAT_OBJECT_GONE] = {"Đối tượng trên token đã thay đổi.", "What was on the token has changed meanwhile."},
    [WHAT_TEMPLATE] = {"Token không nhận chứng thư số ở dạng này.", "The token takes no certificate of this form."},
    [WHAT_UNLOADED] = {"Trình điều khiển token đã dừng.", "The token's driver has stopped."},
    [WHAT_BROKEN] = {"Trình điều khiển token không chạy được.", "The token's driver does not run."},
    [WHAT_CALL] = {"Trình điều khiển token không nhận lệnh.", "The token's driver does not take the call."},
    [WHAT_STRAY] = {"Trình điều khiển token trả lời không đúng câu hỏi.",
                    "The token's driver answers something that was not asked."},
    [WHAT_CRASHED] = {"Trình điều khiển của token bị lỗi và đã tắt đột ngột; chương trình này vẫn chạy.",
                      "The token's driver crashed; this program goes on."},
    [WHAT_EXITED] = {"Trình điều khiển của token đã tự thoát; chương trình này vẫn chạy.",
                     "The token's driver ended by itself; this program goes on."},
    [WHAT_SILENT] = {"Trình điều khiển của token không trả lời nên đã bị dừng.",
                     "The token's driver did not answer and was stopped."},
    [WHAT_NONSENSE] = {"Trình điều khiển của token trả lời sai quy cách nên đã bị dừng.",
                       "The token's driver gave no proper answer and was stopped."},
};

static const struct {
    const char *name, *vi, *en;
} HELPS[HELP_COUNT] = {
    [HELP_AGAIN] = {"again", "Hãy thử lại; nếu vẫn vậy, gọi tổng đài và đọc mã hỗ trợ.",
                    "Try again; if that does not help, call the hotline and read out the support code."},
    [HELP_REPLUG] = {"replug",
                     "Hãy rút token, đợi 5 giây, cắm lại rồi thử lại; nếu vẫn vậy, gọi tổng đài và đọc mã hỗ trợ.",
                     "Pull the token out, wait 5 seconds, plug it in and try again; if that does not help, call the "
                     "hotline and read out the support code."},
    [HELP_DRIVER] = {"driver",
                     "Hãy cài bản mới của bộ cài đi kèm token rồi thử lại; nếu vẫn vậy, gọi tổng đài và đọc mã hỗ trợ.",
                     "Install the newest version of the token's software, then try again; if that does not help, call "
                     "the hotline and read out the support code."},
    [HELP_SERVICE] = {"service",
                      "Hãy xem dịch vụ thẻ thông minh của máy (pcscd, Smart Card) có chạy không, nếu có thì cài lại bộ "
                      "cài đi kèm token, rồi thử lại.",
                      "See whether the computer's smart-card service (pcscd, Smart Card) runs; if it does, install the "
                      "token's software anew, then try again."},
    [HELP_MEMORY] = {"memory", "Hãy đóng bớt các chương trình khác rồi thử lại.",
                     "Close some other programs, then try again."},
    [HELP_OTHERS] = {"close-others",
                     "Hãy đóng các chương trình đang dùng token (Token Manager, trình duyệt, phần mềm kê khai) rồi thử "
                     "lại.",
                     "Close the programs that use the token (Token Manager, browser, tax software), then try again."},
    [HELP_PIN] =
        {"mind-the-pin",
         "Chưa chắc mã PIN thì đừng nhập nữa: kiểm tra bộ gõ và Caps Lock, hoặc thử mã PIN bằng Token Manager; "
         "nếu không chắc, gọi tổng đài.",
         "Type no PIN that you are not sure of: check input method and Caps Lock, or use it in Token Manager "
         "first; if in doubt, call the hotline."},
    [HELP_CHANGE_PIN] = {"change-pin", "Hãy đổi mã PIN bằng Token Manager rồi thử lại.",
                         "Change the PIN with Token Manager, then try again."},
    [HELP_BRANCH] = {"branch", "Hãy mang token và giấy tờ đến điểm giao dịch; chứng thư số không mất.",
                     "Take the token and your papers to a branch; the certificates are not lost."},
    [HELP_FULL] = {"full",
                   "Đừng tự xóa gì trên token: xóa nhầm thì không lấy lại được. Hãy gọi tổng đài và đọc mã hỗ trợ.",
                   "Delete nothing on the token yourself: it could not be brought back. Call the hotline and read out "
                   "the support code."},
    [HELP_HOTLINE] = {"hotline", "Chạy lần nữa không giúp được: hãy gọi tổng đài và đọc mã hỗ trợ.",
                      "Another run does not help: call the hotline and read out the support code."},
};

const char *advice_what(enum lang lang, enum p11_what what) {
    const struct pair *p = &WHATS[what < WHAT_COUNT ? what : WHAT_GENERAL];

    return lang == LANG_EN ? p->en : p->vi;
}

const char *advice_help(enum lang lang, enum p11_help help) {
    enum p11_help h = help < HELP_COUNT ? help : HELP_HOTLINE;

    return lang == LANG_EN ? HELPS[h].en : HELPS[h].vi;
}

const char *advice_help_name(enum p11_help help) {
    return HELPS[help < HELP_COUNT ? help : HELP_HOTLINE].name;
}

const char *advice_try_name(enum p11_try attempt) {
    static const char *const names[] = {"kept", "perhaps-gone", "gone", "none-left"};

    return names[attempt];
}

/* From "…: C_Sign: CKR_X (0x5)": CKR_OK where there is no such thing. */
static CK_RV code_of(const char *text, enum p11_op *op) {
    const char *code = strstr(text, "CKR_"), *call = strstr(text, "C_");

    *op = P11_LOOK;
    if (code == NULL)
        return CKR_OK;
    if (call != NULL && call < code)
        *op = p11_op_of(call, strcspn(call, ": "));
    return p11_rv_of_name(code, strcspn(code, " )"));
}

/* What we say of the token ourselves, by a piece of it; the first that fits counts, and before any code. */
static const struct {
    const char *piece;
    enum p11_what what;
    enum p11_help help;
} OURS[] = {
    {"is full:", WHAT_FULL, HELP_FULL},
    {"it takes no further certificate", WHAT_FULL, HELP_FULL},
    {"signs in none of the ways", WHAT_MECHANISM, HELP_HOTLINE},
    {"another token", WHAT_ABSENT, HELP_AGAIN},
    {"the login to the token was lost", WHAT_LOGIN_LOST, HELP_AGAIN},
    {"cannot be read back", WHAT_GENERAL, HELP_AGAIN},
    {"is still on token", WHAT_GENERAL, HELP_AGAIN},
    {"but not proven", WHAT_GENERAL, HELP_AGAIN},
    {"a copy of the old one is kept", WHAT_GENERAL, HELP_AGAIN},
    {"the old one was put back", WHAT_TEMPLATE, HELP_HOTLINE},
    {"is no PKCS#11 module", WHAT_BROKEN, HELP_DRIVER},
    {"cannot load the PKCS#11 module", WHAT_BROKEN, HELP_DRIVER},
    {"says it wrote", WHAT_STRAY, HELP_DRIVER},
    {"C_Sign gave ", WHAT_STRAY, HELP_DRIVER},
    {"gave the handle 0", WHAT_STRAY, HELP_DRIVER},
    {"out of memory", WHAT_MEMORY, HELP_MEMORY},
    {"another capbu is at work", WHAT_OTHERS, HELP_OTHERS},
    {"key is not on token", WHAT_OBJECT_GONE, HELP_HOTLINE},
    {"no private key that belongs", WHAT_OBJECT_GONE, HELP_HOTLINE},
};

struct p11_meaning advice_of(const char *text) {
    enum p11_op op;
    CK_RV rv = code_of(text, &op);

    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
        if (strstr(text, OURS[i].piece) != NULL)
            return (struct p11_meaning){OURS[i].what, TRY_KEPT, OURS[i].help};
    if (rv != CKR_OK)
        return p11_meaning(op, rv);
    return (struct p11_meaning){WHAT_GENERAL, TRY_KEPT, HELP_REPLUG};
}

const char *advice_code_words(enum lang lang, const char *text) {
    enum p11_op op;
    CK_RV rv = code_of(text, &op);

    if (strstr(text, "CKR_") == NULL)
        return NULL;
    return advice_what(lang, rv == CKR_OK ? WHAT_GENERAL : p11_meaning(op, rv).what);
}
