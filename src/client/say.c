/* The texts of capbu. Plain words, and always what to do next. */
#include "client/say.h"

#include <stdarg.h>
#include <stdio.h>

struct pair {
    const char *vi, *en;
};

static const struct pair TEXT[SAY_COUNT] = {
    [SAY_USAGE] =
        {"Cách dùng: capbu [--server URL] [--server-ca PEM] [--ca PEM] [--module SO]... [--lang vi|en] [--json] LỆNH\n"
         "  list     các token, chứng thư số và khóa trên đó (không hỏi PIN)\n"
         "  check    chứng thư số nào được cấp bù (không hỏi PIN)\n"
         "  renew    cấp bù: [--serial HEX] [--pin-file TỆP | --pin-stdin] [--assist MÃ] [--last-try] [--yes]\n"
         "  resume   làm tiếp phần dở dang của lần trước\n"
         "  clean    gỡ chứng thư số cũ khi chương trình đã cho phép [--serial HEX] [--pin-file TỆP | --pin-stdin] "
         "[--last-try]\n"
         "  ui       mở trang hướng dẫn trong trình duyệt: [--no-browser] [--assist MÃ]\n"
         "  receipt  biên nhận có chữ ký của máy chủ: [--serial HEX] [--out TỆP [--force]] [--pin-file TỆP | "
         "--pin-stdin]\n"
         "  diag     thông tin kỹ thuật cho tổng đài, không có dữ liệu cá nhân: [--out TỆP [--force]]\n"
         "  mạng qua proxy: [--proxy URL] [--proxy-user TÊN [--proxy-password-file TỆP]]\n"
         "  --help, --version; máy chủ: --server, $CAPBU_SERVER hoặc capbu.conf; xem capbu(1)\n",
         "Usage: capbu [--server URL] [--server-ca PEM] [--ca PEM] [--module SO]... [--lang vi|en] [--json] COMMAND\n"
         "  list     tokens, the certificates and keys on them (no PIN asked)\n"
         "  check    which certificate is owed what (no PIN asked)\n"
         "  renew    the whole job: [--serial HEX] [--pin-file FILE | --pin-stdin] [--assist CODE] [--last-try] "
         "[--yes]\n"
         "  resume   finish what an earlier run left\n"
         "  clean    remove the old certificate once the programme allows it: [--serial HEX] [--pin-file FILE | "
         "--pin-stdin] [--last-try]\n"
         "  ui       the guided page in the browser: [--no-browser] [--assist CODE]\n"
         "  receipt  what the server signed when a renewal was confirmed: [--serial HEX] [--out FILE [--force]]\n"
         "           [--pin-file FILE | --pin-stdin]\n"
         "  diag     technical facts for the hotline, no personal data: [--out FILE [--force]]\n"
         "  behind a proxy: [--proxy URL] [--proxy-user NAME [--proxy-password-file FILE]]\n"
         "  --help, --version; the server: --server, $CAPBU_SERVER or capbu.conf; see capbu(1)\n"},
    [SAY_NO_SERVER] =
        {"Chương trình chưa được cài đặt địa chỉ máy chủ. Hãy dùng bản tải từ trang của nhà cung cấp, hoặc gọi tổng "
         "đài%s. (--server, CAPBU_SERVER hoặc capbu.conf đặt địa chỉ đó.)",
         "This program was not told of its server. Use the one from the provider's page, or call the hotline%s. "
         "(--server, CAPBU_SERVER or capbu.conf tell it.)"},
    [SAY_NO_MODULE] =
        {"Chưa tìm thấy trình điều khiển USB Token trên máy. Hãy cài bộ cài đi kèm token, hoặc chỉ rõ bằng --module.",
         "No token driver (PKCS#11 module) was found. Install the one that came with the token, or name it with "
         "--module."},
    [SAY_NO_TOKEN] = {"Không thấy USB Token. Hãy cắm token, đợi đèn sáng rồi chạy lại.",
                      "No token is plugged in. Plug it in, wait for its light, and run this again."},
    [SAY_NO_CERTIFICATE] = {"Token \"%s\" không có chứng thư số nào thuộc diện cấp bù.",
                            "Nothing on the token \"%s\" is owed a new certificate."},
    [SAY_SEVERAL] = {"Có nhiều chứng thư số được cấp bù. Hãy chọn một bằng --serial:",
                     "Several certificates are owed. Choose one with --serial:"},
    [SAY_SEVERAL_RECEIPTS] = {"Có nhiều chứng thư số đã được cấp bù. Hãy chọn biên nhận của một bằng --serial:",
                              "Several certificates are renewed. Choose the receipt of one with --serial:"},
    [SAY_SEVERAL_OLD] = {"Có nhiều chứng thư số cũ có thể gỡ. Hãy chọn một bằng --serial:",
                         "Several old certificates may be removed. Choose one with --serial:"},
    [SAY_WHOSE] = {"%s, mã số thuế %s, token \"%s\"", "%s, tax code %s, token \"%s\""},
    [SAY_NO_SUCH_SERIAL] = {"Không có chứng thư số %s trên các token đang cắm.",
                            "There is no certificate %s on the tokens plugged in."},
    [SAY_NO_KEY] = {"Chứng thư số %s không có khóa bí mật trên token này, nên không cấp bù được tại đây.",
                    "The private key of certificate %s is not on this token, so it cannot be renewed here."},
    [SAY_MODULE_FAREWELL] = {"Trình điều khiển %s gặp lỗi khi kết thúc (%s); việc vừa làm không bị ảnh hưởng.",
                             "Driver %s failed at its end (%s); what was done is not touched by that."},
    [SAY_MODULE_FAILED] = {"Bỏ qua trình điều khiển %s: %s", "Driver %s is left out: %s"},
    [SAY_TOKEN_LINE] = {"Token \"%s\" (số %s, %s %s)", "Token \"%s\" (serial %s, %s %s)"},
    [SAY_CERT_LINE] = {"  %s  đến %s  %s%s", "  %s  until %s  %s%s"},
    [SAY_UNREADABLE] = {"Token \"%s\": %d chứng thư số không đọc được; các chứng thư số khác vẫn được xét. Nếu thiếu "
                        "chứng thư số của bạn, hãy gọi tổng đài và gửi kết quả của capbu diag.",
                        "Token \"%s\": %d certificate(s) cannot be read; the others count. If yours is missing, call "
                        "the hotline and send what capbu diag prints."},
    [SAY_TOKEN_FAILED] = {"Token \"%s\" có cắm nhưng không đọc được. %s (%s)",
                          "Token \"%s\" is plugged in, but cannot be read. %s (%s)"},
    [SAY_TOKEN_SHUT] =
        {"Token \"%s\" chưa cho xem chứng thư số nào trước khi nhập mã PIN: capbu renew sẽ hỏi mã PIN để xem.",
         "Token \"%s\" shows no certificate before its PIN is typed: capbu renew asks for it and looks."},
    [SAY_NO_SERVICE] =
        {"Không thấy USB Token, và dịch vụ thẻ thông minh (pcscd) của máy không chạy: nhiều loại token cần nó. Hãy bật "
         "dịch vụ (systemctl start pcscd.socket) hoặc nhờ người phụ trách máy, cắm token, đợi đèn sáng rồi chạy lại.",
         "No token is plugged in, or none can be seen: the computer's smart-card service (pcscd) does not run, and "
         "many tokens need it. Start it (systemctl start pcscd.socket) or ask who looks after this computer, plug the "
         "token in, wait for its light, and run this again."},
    [SAY_OWED] = {"%s: chứng thư số cũ hết hạn %s; chứng thư số mới có hạn đến %s, cấp bù %lld ngày%s.",
                  "%s: the old certificate ends %s; the new one runs until %s, %lld days made good%s."},
    [SAY_NOT_OPEN] = {"%s: thuộc diện cấp bù, nhưng chưa đến đợt. %s", "%s: owed, but not open yet. %s"},
    [SAY_HALTED] = {"%s: thuộc diện cấp bù, nhưng đang tạm dừng. %s", "%s: owed, but halted for now. %s"},
    [SAY_ASSISTED_ONLY] =
        {"%s: thuộc diện cấp bù, hôm nay cần nhân viên hỗ trợ (nhân viên kinh doanh, đại lý, tổng đài). Hãy gọi tổng "
         "đài%s "
         "để xin mã, rồi chạy capbu renew --assist MÃ.",
         "%s: owed, but open today only with help (account manager, agent, hotline). Ask the hotline%s for a code, "
         "then run capbu renew --assist CODE."},
    [SAY_SELF_ONLY] =
        {"%s: thuộc diện cấp bù, hôm nay chỉ mở cho tự thực hiện, không dùng mã. Hãy chạy lại, bỏ --assist.",
         "%s: owed, but open today only for doing it alone, without a code. Run this again without --assist."},
    [SAY_REFUSED] = {"%s: không thuộc diện cấp bù (%s). %s", "%s: not eligible (%s). %s"},
    [SAY_HELD] = {"%s: thuộc diện cấp bù, đang chờ xử lý (%s). %s", "%s: owed, but held for now (%s). %s"},
    [SAY_NOTHING_LEFT] = {"%s: đã cấp bù xong, chứng thư số mới %s đã ở trên token.",
                          "%s: done already, the new certificate %s is on the token."},
    [SAY_FULL_TERM] = {"%s: không còn việc gì phải làm. %s", "%s: nothing left to do. %s"},
    [SAY_CONFIRM_DATA] = {"%s [c = có / K = không] ", "%s [y = yes / N = no] "},
    [SAY_CANCELLED] = {"Đã hủy. Token không thay đổi.", "You cancelled. The token is unchanged."},
    [SAY_PIN] = {"Mã PIN của token \"%s\": ", "PIN of the token \"%s\": "},
    [SAY_PIN_PAD] = {"Hãy nhập mã PIN trên bàn phím của đầu đọc token \"%s\" ...",
                     "Type the PIN on the keypad of the token \"%s\" ..."},
    [SAY_PIN_FACTORY] = {"Token đang dùng mã PIN mặc định của nhà sản xuất: hãy đổi mã PIN bằng Token Manager.",
                         "The token still has its maker's factory PIN: change it with Token Manager."},
    [SAY_PIN_LENGTH] = {"Mã PIN phải dài từ %u đến %u ký tự. Mã vừa nhập chưa được thử, số lần thử không bị trừ.",
                        "The PIN has %u to %u characters. What was typed was not tried; no try is lost."},
    [SAY_PIN_CHARACTERS] = {"Mã PIN chỉ gồm chữ không dấu, số và ký hiệu: hãy tắt bộ gõ tiếng Việt và Caps Lock. Mã "
                            "vừa nhập chưa được thử.",
                            "A PIN has plain letters, digits and signs only: switch off the Vietnamese input method "
                            "and Caps Lock. Nothing was tried."},
    [SAY_PIN_WRONG] = {"Sai mã PIN. Token không thay đổi. Hãy kiểm tra bộ gõ và Caps Lock trước khi thử lại.",
                       "Wrong PIN. The token is unchanged. Check input method and Caps Lock before another try."},
    [SAY_PIN_MAYBE] = {"Token không cho biết vì sao từ chối đăng nhập; có thể mã PIN đã sai và một lần thử đã bị trừ. "
                       "Token không thay đổi. %s (%s)",
                       "The token does not say why it refused the login; the PIN may have been wrong, and a try may be "
                       "gone. The token is unchanged. %s (%s)"},
    [SAY_PIN_MAYBE_BEFORE] = {"Chú ý: lần trước token đã từ chối đăng nhập mà không nói lý do; có thể mã PIN khi đó đã "
                              "sai và đã mất một lần thử.",
                              "Note: last time the token refused the login without saying why; the PIN may have been "
                              "wrong then, and a try gone."},
    [SAY_PIN_CHANGE] = {"Mã PIN của token phải được đổi trước khi dùng (PIN đã hết hạn hoặc là PIN cấp lần đầu). "
                        "Token không thay đổi. %s (%s)",
                        "The token's PIN must be changed before it can be used (it has expired, or is the first one "
                        "given). The token is unchanged. %s (%s)"},
    [SAY_PIN_FILE] = {"Tệp mã PIN %s trống, hoặc không phải văn bản thường (ví dụ lưu dạng UTF-16 \"Unicode\"): hãy "
                      "lưu lại dạng UTF-8, mã PIN ở dòng đầu.",
                      "The PIN file %s is empty or no plain text (saved as UTF-16, \"Unicode\", perhaps): save it as "
                      "UTF-8 with the PIN in its first line."},
    [SAY_PIN_ODD_LENGTH] =
        {"Token báo mã PIN dài từ %u đến %u ký tự, mã vừa nhập thì không. Có loại token báo sai. Nếu chắc mã PIN đúng "
         "thì thử, nếu sai sẽ mất một lần thử. Thử mã này? [c/K] ",
         "The token says that its PIN has %u to %u characters, and what was typed has not. Some tokens tell it wrong. "
         "If you are sure of the PIN it can be tried; a wrong one costs a try. Try it? [y/N] "},
    [SAY_PIN_LAST_TRY] = {"Token chỉ còn MỘT lần thử PIN; sai nữa là bị khóa. Nếu chắc chắn, hãy chạy lại với "
                          "--last-try; nếu không, gọi tổng đài.",
                          "ONE PIN try is left; another wrong one locks the token. If you are sure run again with "
                          "--last-try; else call the hotline."},
    [SAY_PIN_LOCKED] =
        {"Token đã bị khóa PIN. Hãy mang token đến điểm giao dịch để mở khóa; chứng thư số không mất.",
         "The token's PIN is locked. Take it to a branch to have it unlocked; the certificates are not lost."},
    [SAY_PIN_COUNT_LOW] = {"Chú ý: đã có lần nhập sai PIN trước đó.", "Note: a wrong PIN was typed before."},
    [SAY_WAITING] = {"Đang xếp hàng: vị trí %lld, khoảng %lld giây. Chỗ của Quý khách được giữ.",
                     "In the queue: place %lld, about %lld s. Your place is kept."},
    [SAY_STEP_REQUEST] = {"Đang gửi yêu cầu ...", "Sending the request ..."},
    [SAY_STEP_WRITE] = {"Đang ghi chứng thư số mới, KHÔNG RÚT TOKEN ...",
                        "Writing the new certificate, DO NOT UNPLUG THE TOKEN ..."},
    [SAY_STEP_CONFIRM] = {"Đã ghi xong, đang báo máy chủ ...", "Written, telling the server ..."},
    [SAY_DONE] = {"Xong: chứng thư số mới %s (thập phân %s) có hạn đến %s. Chứng thư số cũ vẫn còn trên token.",
                  "Done: the new certificate %s (decimal %s) runs until %s. The old one stays on the token."},
    [SAY_CHECKLIST] =
        {"Việc cần làm tiếp:\n"
         "  - Thuế: đăng ký số sê-ri mới ít nhất 4 giờ làm việc trước khi nộp tờ khai.\n"
         "  - Hải quan: đăng ký ít nhất 1 ngày làm việc trước khi thông quan, đăng nhập bằng chứng thư số CŨ.\n"
         "  - Bảo hiểm xã hội, hóa đơn điện tử, ngân hàng, đấu thầu: cập nhật chứng thư số mới.",
         "What to do next:\n"
         "  - Tax: register the new serial at least 4 working hours before you file.\n"
         "  - Customs: register at least 1 working day before clearance; log in with the OLD signature.\n"
         "  - Social insurance, e-invoice, bank, e-procurement: tell them the new certificate."},
    [SAY_SERVER_AWAY] =
        {"Chưa kết nối được máy chủ, hãy thử lại sau. Token vẫn dùng được, không mất gì. (%s)",
         "The server cannot be reached or is busy; try again later. The token still works, nothing is lost. (%s)"},
    [SAY_SERVER_REFUSED] = {"Máy chủ từ chối: %s", "The server refused: %s"},
    [SAY_ASSIST_OR_ALONE] = {"Máy chủ từ chối: %s\nKhông có mã thì hôm nay cũng làm được: hãy chạy lại, bỏ --assist.",
                             "The server refused: %s\nIt is open today without a code, too: run this again without "
                             "--assist."},
    [SAY_ASSIST_NEEDED] = {"Máy chủ từ chối: %s\nHôm nay loại token này chỉ mở khi có mã: hãy xin một mã khác.",
                           "The server refused: %s\nToday this kind of token is open with a code only: ask for another "
                           "one."},
    [SAY_TOKEN_STOPPED] = {"Chưa xong với token; chứng thư số cũ còn nguyên. %s (%s)",
                           "Not done with the token; the old certificate is intact. %s (%s)"},
    [SAY_HELP] = {"Cách khắc phục: %s", "What helps: %s"},
    [SAY_NOTHING_TO_RESUME] = {"Không có việc dở dang.", "Nothing was left unfinished."},
    [SAY_CLEAN_NOT_ALLOWED] = {"Chương trình chưa cho phép gỡ chứng thư số cũ.",
                               "The programme does not allow the old certificate to be removed yet."},
    [SAY_NOTHING_TO_CLEAN] = {"Không có chứng thư số cũ nào để gỡ.", "There is no old certificate to remove."},
    [SAY_CLEAN_NOT_READY] = {"Chưa thể gỡ chứng thư số cũ %s: chứng thư số mới chưa được xác nhận trên token này.",
                             "The old certificate %s cannot go yet: the new one is not confirmed on this token."},
    [SAY_CLEANED] = {"Đã gỡ chứng thư số cũ %s.", "The old certificate %s was removed."},
    [SAY_NO_BROWSER] = {"Không mở được trình duyệt (%s). Hãy mở địa chỉ ở trên bằng trình duyệt.",
                        "The browser could not be opened (%s). Open the address above in a browser."},
    [SAY_CLEAN_FAILED] = {"Chưa gỡ xong chứng thư số cũ. %s (%s)", "The old certificate is not removed yet. %s (%s)"},
    [SAY_BARE_TOKEN] =
        {"Token \"%s\" có khóa nhưng không cho thấy chứng thư số nào. Nếu token bị rút lúc đang gỡ chứng thư "
         "số cũ thì khóa và chứng thư số mới vẫn còn: đừng khởi tạo lại token, hãy gọi tổng đài.",
         "Token \"%s\" has a key but shows no certificate. If it was pulled out while an old certificate was "
         "removed, the key and the new certificate are still on it: do not initialise it, call the hotline."},
    [SAY_TOKEN_TAKEN] =
        {"Một cửa sổ capbu khác đang làm việc với token \"%s\". Hãy làm xong hoặc đóng cửa sổ đó, rồi chạy "
         "lại. Mã PIN chưa được thử.",
         "Another capbu is at work on the token \"%s\". Finish or close that one, then run this "
         "again. No PIN was tried."},
    [SAY_DEVICES_REFUSED] =
        {"Không dùng danh mục token mà máy chủ gửi: %s. Danh mục trước đó vẫn được dùng, việc cấp bù không bị ảnh "
         "hưởng.",
         "The server's list of token models is not used: %s. The one of before stays in use; your renewal goes on."},
    [SAY_RECEIPT] = {"Biên nhận cấp bù chứng thư số\n  số sê-ri cũ: %s\n  số sê-ri mới: %s\n  mã số thuế: %s\n"
                     "  hợp đồng đến: %s\n  hạn mới: %s\n  xác nhận lúc: %s\n  thuê bao đồng ý lúc: %s\n  nội dung: %s",
                     "Receipt for a renewed certificate\n  old serial: %s\n  new serial: %s\n  tax code: %s\n"
                     "  contract until: %s\n  new end: %s\n  confirmed at: %s\n  subscriber agreed at: %s\n  to: %s"},
    [SAY_RECEIPT_HOLDS] = {"Chữ ký của máy chủ trên biên nhận là đúng.", "The server's signature on it holds."},
    [SAY_RECEIPT_UNPINNED] = {"Chữ ký khớp với nội dung; để kiểm tra người ký, thêm --ca TỆP (chứng thư số CA mới).",
                              "The signature fits the text; to check who signed, add --ca FILE (the new CA)."},
    [SAY_RECEIPT_OTHER_CA] = {"Biên nhận lưu trên máy này không được ký dưới CA trong --ca %s. Hãy xem tệp đó có đúng "
                              "là chứng thư số của CA "
                              "mới không; nếu đúng thì biên nhận này không phải của chương trình.",
                              "The receipt kept on this machine is not signed under the CA in --ca %s. See whether "
                              "that file is the new CA's "
                              "certificate; if it is, this receipt is not the programme's."},
    [SAY_NO_RECEIPT] = {"Chưa có biên nhận: chưa có lần cấp bù nào được xác nhận với token này.",
                        "There is no receipt: no renewal of this token was confirmed."},
    [SAY_PROXY_PASSWORD] = {"Mật khẩu proxy của \"%s\": ", "Password of \"%s\" for the proxy: "},
    [SAY_TOO_OLD] =
        {"Chương trình này (%s) đã cũ, máy chủ chỉ phục vụ từ phiên bản %s. Hãy cài bản mới (%s) rồi chạy lại. "
         "Token không thay đổi, mã PIN chưa được hỏi.",
         "This program (%s) is too old, the server serves version %s and later. Install the new one (%s) and "
         "run it again. The token is unchanged, no PIN was asked."},
    [SAY_NEWER] = {"Đã có phiên bản mới %s của chương trình này: %s",
                   "There is a newer version %s of this program: %s"},
    [SAY_SERVER_TRUST] =
        {"Không xác minh được máy chủ: không tin cậy được chứng thư của máy chủ, nên chưa gửi gì. Token không bị "
         "ảnh "
         "hưởng. Hãy kiểm tra địa chỉ máy chủ và --server-ca; nếu phần mềm diệt vi-rút hoặc tường lửa quét HTTPS, hãy "
         "tắt "
         "chức năng đó hoặc dùng mạng khác, rồi chạy lại. (%s)",
         "What answers is not our server: its certificate is not believed, so nothing was sent. The token is not "
         "affected. Check the server's address and --server-ca; if antivirus or a firewall scans HTTPS, switch that "
         "off "
         "or use another network, then run this again. (%s)"},
    [SAY_SERVER_CLOCK] = {"Theo giờ của máy này, chứng thư của máy chủ chưa có hiệu lực hoặc đã hết hạn. Hãy chỉnh lại "
                          "ngày giờ của máy rồi "
                          "chạy lại. Token không bị ảnh hưởng. (%s)",
                          "By this computer's clock the server's certificate is not valid yet, or no longer. Set the "
                          "date and time, then "
                          "run this again. The token is not affected. (%s)"},
    [SAY_PLAIN] = {"capbu: %s", "capbu: %s"},
    [SAY_UNKNOWN_COMMAND] = {"capbu: không có lệnh \"%s\"", "capbu: unknown command \"%s\""},
    [SAY_UNKNOWN_COMMAND_NEAR] = {"capbu: không có lệnh \"%s\", gần giống là \"%s\"",
                                  "capbu: unknown command \"%s\", did you mean \"%s\"?"},
    [SAY_SUPPORT] = {"Mã hỗ trợ: %s. Đọc mã này khi gọi tổng đài%s.",
                     "Support code: %s. Read it out when you call the hotline%s."},
    [SAY_BUG] = {"Lỗi của chương trình, không phải của Quý khách: %s. Token không bị ảnh hưởng; hãy báo tổng đài.",
                 "This is our fault, not yours: %s. The token is not harmed; please tell the hotline."},
};

const char *say_text(enum lang lang, enum say what) {
    return lang == LANG_EN ? TEXT[what].en : TEXT[what].vi;
}

static bool is_prompt(enum say what) {
    return what == SAY_PIN || what == SAY_PROXY_PASSWORD || what == SAY_CONFIRM_DATA || what == SAY_PIN_ODD_LENGTH ||
           what == SAY_USAGE;
}

static char last[1024];

const char *say_last(void) {
    return last;
}

/* The table is ours; a test checks that both languages take the same arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void print(FILE *out, enum lang lang, enum say what, va_list args) {
    vfprintf(out, say_text(lang, what), args);
    if (!is_prompt(what))
        fputc('\n', out);
    fflush(out);
}

static void keep(enum lang lang, enum say what, va_list args) {
    if (!is_prompt(what))
        (void)vsnprintf(last, sizeof last, say_text(lang, what), args);
}
#pragma GCC diagnostic pop

void say_err(enum lang lang, enum say what, ...) {
    va_list args, again;

    va_start(args, what);
    va_copy(again, args);
    print(stderr, lang, what, args);
    keep(lang, what, again);
    va_end(again);
    va_end(args);
}

void say_out(enum lang lang, enum say what, ...) {
    va_list args;

    va_start(args, what);
    print(stdout, lang, what, args);
    va_end(args);
}
