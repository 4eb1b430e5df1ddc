/* The translations: what token, driver, CMP exchange and files say, found by a piece of their English. */
#include "client/flow/cause.h"

#include <stdio.h>
#include <string.h>

#include "client/flow/advice.h"

/* Several may fit: the first does, so the longer stands before the shorter. */
static const struct lang_piece KNOWN[] = {
    {"the login to the token was lost", "Token đã mất phiên đăng nhập."},
    {"signs in none of the ways", "Token này không ký được theo cách nào mà máy chủ nhận (PKCS#1 v1.5, ECDSA)."},
    {"another token was plugged in meanwhile",
     "Token khác đã được cắm vào giữa chừng; hãy cắm lại đúng token lúc đầu."},
    {"another token is in the reader now", "Token đang cắm không phải token lúc đầu."},
    {"the certificate's key is not on token", "Khóa của chứng thư số không có trên token này."},
    {"the new certificate does not fit beside the old one",
     "Token đã hết chỗ: không đủ chỗ cho chứng thư số mới bên cạnh chứng thư số cũ. Token không thay đổi."},
    {"the new certificate cannot be read back", "Đã ghi nhưng đọc lại không thấy chứng thư số mới trên token."},
    {"the old certificate is still on token", "Chứng thư số cũ vẫn còn trên token."},
    {"the new certificate is not on token", "Chứng thư số mới không có trên token."},
    {"the new certificate cannot take the key's CKA_ID",
     "Chứng thư số mới chưa nhận được mã nhận dạng của khóa, nên chứng thư số cũ được giữ lại."},
    {"is not a renewal of the one to remove", "Chứng thư số còn lại không phải bản cấp bù của chứng thư số cần gỡ."},
    {"test signature under the new certificate", "Ký thử bằng chứng thư số mới không thành công."},
    {"the new certificate is there, but not proven", "Chứng thư số mới đã ở trên token nhưng chưa ký thử được."},
    {"the old one was put back", "Chưa ghi được chứng thư số mới; chứng thư số cũ đã được ghi lại như trước."},
    {"a copy of the old one is kept on this computer",
     "Chưa ghi được chứng thư số mới; bản sao chứng thư số cũ được giữ trên máy này. Hãy chạy lại để làm tiếp."},
    {"could not be written", "Chưa ghi được chứng thư số mới."},
    {"it takes no further certificate", "Token không nhận thêm chứng thư số, có thể đã đầy."},
    {"has another subject", "Chứng thư số mới mang tên chủ thể khác với chứng thư số cũ, nên không được dùng."},
    {"the new certificate has another key",
     "Chứng thư số mới mang khóa khác với chứng thư số cũ, nên không được dùng."},
    {"the new certificate is not valid now", "Chứng thư số mới chưa có hiệu lực hoặc đã hết hạn."},
    {"the new certificate is over already", "Chứng thư số mới đã hết hạn."},
    {"does not end later than the old one", "Chứng thư số mới không dài hạn hơn chứng thư số cũ."},
    {"refused what the server issued", "Chứng thư số máy chủ cấp không qua được kiểm tra."},
    {"the help that this code is for", "Mã này thuộc kênh hỗ trợ mà hôm nay chưa mở."},
    {"the queue is long", "Hàng đợi đang dài. Xin quay lại sau."},
    {"cancelled while waiting", "Bạn đã dừng trong lúc xếp hàng."},
    {"the PIN may have been tried", "Mã PIN có thể đã bị tính một lần thử: đừng thử lại nhiều lần."},
    {"the token refused the PIN", "Token đã từ chối mã PIN, nên không tự thử lại."},
    {"no token is plugged in", "Chưa cắm token."},
    {"names another new CA", "CA mới mà máy chủ nêu không phải CA trong --ca: sai máy chủ hoặc máy chủ giả mạo."},
    {"another capbu is at work", "Một cửa sổ capbu khác đang làm việc với token này."},
    {"is locked now", "Mã PIN của token vừa bị khóa."},
    {"is locked", "Mã PIN của token đã bị khóa."},
    {"wrong PIN for token", "Sai mã PIN."},
    {"the PIN may have been wrong", "Có thể mã PIN đã sai và một lần thử đã bị trừ."},
    {"no memory for a secret", "Máy không đủ bộ nhớ."},
    {"has one PIN try left", "Token chỉ còn một lần thử mã PIN."},
    {"token drivers", "Trên máy có quá nhiều trình điều khiển token."},
    {"no token driver is installed", "Chưa cài trình điều khiển token."},
    {"certificates are plugged in", "Có quá nhiều chứng thư số trên các token đang cắm."},
    {"tokens are plugged in", "Có quá nhiều token đang cắm."},
    {"nobody answered", "Không có ai trả lời câu hỏi: dùng --yes để đồng ý mà không được hỏi."},
    {"out of memory", "Máy không đủ bộ nhớ."},
    {"something that is not the server answered with status",
     "Có thiết bị khác trên đường truyền trả lời thay máy chủ (mã lỗi)."},
    {"is no JSON", "Câu trả lời của máy chủ không đọc được."},
    {"holds something that is no text", "Câu trả lời của máy chủ không đọc được."},
    {"holds something that is no object", "Câu trả lời của máy chủ không đọc được."},
    {"lines of subscriber data", "Câu trả lời của máy chủ dài hơn mức cho phép."},
    {"the server's answer cannot be used", "Câu trả lời của máy chủ không dùng được."},
    {"the server's answer has", "Câu trả lời của máy chủ dài hơn mức cho phép."},
    {"the server's answer", "Câu trả lời của máy chủ không đọc được."},
    {"answers too slowly", "Máy chủ trả lời quá chậm."},
    {"is busy; try again", "Máy chủ đang bận. Xin thử lại sau ít giây."},
    {"the server says: later", "Máy chủ hẹn làm sau."},
    {"the server did not let us confirm", "Máy chủ không nhận lời xác nhận của chứng thư số mới."},
    {"the request cannot be signed", "Token không ký được yêu cầu."},
    {"the answer is not from the CA", "Câu trả lời không phải của nhà cung cấp chứng thư số."},
    {"cannot set up a CMP transaction", "Không chuẩn bị được yêu cầu."},
    {"no private key that belongs to this certificate", "Trên token không có khóa của chứng thư số này."},
    {"does not tell the public half of the key", "Token không cho biết phần công khai của khóa."},
    {"is not a PKCS#11 module", "Tệp này không phải trình điều khiển token."},
    {"gives no complete PKCS#11", "Trình điều khiển token thiếu chức năng cần thiết."},
    {"PKCS#11 modules at once", "Trên máy có quá nhiều trình điều khiển token."},
    {"a 32-bit driver", "Trình điều khiển token là bản 32-bit; chương trình này cần bản 64-bit (trong System32)."},
    {"a driver for another machine", "Trình điều khiển token dành cho loại máy khác."},
    {"a driver is named with its whole path",
     "Hãy ghi đường dẫn đầy đủ của trình điều khiển, ví dụ C:\\Windows\\System32\\…"},
    {"no Windows library", "Tệp này không phải thư viện của Windows."},
    {"is a link or a folder", "Đây là liên kết hoặc thư mục: hãy chỉ tên chính tệp cần ghi."},
    {"is one that capbu reads", "Đây là tệp mà capbu đang đọc, không bao giờ bị thay: hãy chỉ tên khác."},
    {"no earlier output of this kind",
     "Tệp đã có và không phải kết quả cũ của lệnh này: hãy chỉ tên khác, hoặc thêm --force."},
    {"is not a regular file", "Đây là thư mục, ống dẫn hoặc thiết bị: hãy chỉ tên một tệp thường."},
    {"it names no device", "Danh mục token không có thiết bị nào."},
    {"there is no such file", "Không có tệp này."},
    {"cannot load the PKCS#11 module",
     "Không nạp được trình điều khiển token; có thể nó thuộc loại máy khác (32/64 bit)."},
    {"objects of one class on the token", "Trên token có nhiều đối tượng hơn mức cho phép."},
    {"keys on the token", "Trên token có nhiều khóa hơn mức cho phép."},
    {"too long for a token", "Chứng thư số mới dài hơn mức token nhận."},
    {"slots with a token", "Trình điều khiển báo có quá nhiều token."},
    {"tokens in", "Trình điều khiển báo có quá nhiều token."},
    {"says it wrote", "Trình điều khiển token trả lời sai quy cách."},
    {"gave the handle 0", "Trình điều khiển token trả lời sai quy cách."},
    {"libcurl does not start", "Thư viện mạng không chạy."},
    {"WinHTTP does not start", "Thư viện mạng không chạy."},
    {"no address of a server", "Địa chỉ máy chủ không đúng."},
    {"no answer in time", "Máy chủ không trả lời kịp."},
    {"no connection", "Không kết nối được với máy chủ."},
    {"the connection broke off", "Kết nối với máy chủ bị ngắt."},
    {"no machine of the proxy's name", "Không tìm thấy proxy có tên này."},
    {"no machine of that name", "Không tìm thấy máy chủ có tên này."},
    {"the system's proxy cannot be found", "Không tìm thấy proxy của máy."},
    {"the proxy's script cannot be fetched", "Không tải được cấu hình proxy của máy."},
    {"the proxy refuses", "Proxy không cho qua."},
    {"the certificate is not valid at this time",
     "Chứng thư của máy chủ không đúng hạn: hãy kiểm tra ngày giờ của máy."},
    {"the server's certificate is not believed", "Chứng thư của máy chủ không tin được."},
    {"the certificate is ", "Chứng thư của máy chủ không tin được."},
    {"no secure connection", "Không lập được kết nối an toàn với máy chủ."},
    {"WinHTTP failed", "Kết nối với máy chủ bị lỗi."},
    {"no such file, or no certificate in it", "Không có tệp này, hoặc trong tệp không có chứng thư nào."},
    {"the proxy does not take this name", "Proxy không nhận tên và mật khẩu này (407)."},
    {"a proxy is http", "Proxy phải có dạng http://HOST:PORT, không kèm tên và mật khẩu."},
    {"has no control characters", "Tên và mật khẩu proxy không được có ký tự điều khiển."},
    {"the proxy wants a name", "Proxy đòi tên và mật khẩu (407): dùng --proxy-user."},
    {"older than version", "Danh mục cũ hơn danh mục đã nhận trước đây."},
    {"the list of token models, version", "Danh mục đã hết hạn."},
    {"a list of token models of", "Danh mục lớn hơn mức cho phép."},
    {"signed document", "Chữ ký không đúng."},
    {"standard output cannot be written", "Không ghi được ra đầu ra chuẩn: đĩa đầy."},
    {"token models", "Không đọc được danh mục."},
    {"the server has no receipt", "Máy chủ không có biên nhận của chứng thư số này."},
    {"the server told of no receipt", "Máy chủ không gửi biên nhận nào."},
    {"to ask on: use --proxy-password-file",
     "Không có cửa sổ dòng lệnh để hỏi mật khẩu proxy: dùng --proxy-password-file."},
    {"there is no terminal to ask", "Không có cửa sổ dòng lệnh để hỏi mã PIN: dùng --pin-stdin hoặc --pin-file."},
    {"there is no console to ask", "Không có cửa sổ dòng lệnh để hỏi mã PIN: dùng --pin-stdin hoặc --pin-file."},
    {"echo cannot be switched off", "Không tắt được phần hiện chữ của cửa sổ dòng lệnh."},
    {"length cannot be right", "Độ dài mã PIN không thể đúng."},
    {"characters cannot be right", "Ký tự trong mã PIN không thể đúng."},
    /* capbu.conf */
    {"no `key = value`", "Dòng này phải có dạng `khóa = giá trị`: hãy sửa hoặc xóa dòng."},
    {"unknown key", "Dòng này có khóa lạ: hãy sửa hoặc xóa dòng; các khóa có trong capbu(1)."},
    {"is given twice", "Khóa này được ghi hai lần: hãy xóa một dòng."},
    {"lang is vi or en", "lang phải là vi hoặc en."},
    /* certificates */
    {"neither DER nor a PEM",
     "Tệp này không phải chứng thư số dạng PEM hoặc DER: hãy chỉ tên chứng thư số của CA mới."},
    {"the PEM text ends without", "Tệp PEM bị cắt: hãy lấy lại tệp."},
    {"more than one certificate", "Tệp có nhiều chứng thư số: hãy chỉ để lại chứng thư số của CA mới."},
    {"this is no CA certificate", "Đây không phải chứng thư số của CA: hãy chỉ tên chứng thư số của CA mới."},
    {"has no subject key identifier", "Chứng thư số CA này thiếu định danh khóa: hãy lấy lại tệp."},
    {"nothing says where the program itself lies", "Không rõ chương trình này nằm ở đâu trên máy."},
    /* the browser */
    {"xdg-open", "xdg-open không mở được trình duyệt."},
    {"Windows could not open the browser", "Windows không mở được trình duyệt."},
    /* files, what says more first */
    {"there is nothing to read", "Tệp trống: hãy ghi nội dung vào dòng đầu."},
    {"contains a NUL byte", "Có byte NUL: hãy lưu lại thành văn bản thường."},
    {"does not fit into a page", "Nội dung dài hơn mức cho phép."},
    {"longer than", "Nội dung dài hơn mức cho phép."},
    {"larger than", "Tệp lớn hơn mức cho phép."},
    {"path too long", "Đường dẫn quá dài."},
    {"Is a directory", "Đây là thư mục: hãy chỉ tên một tệp."},
    {"No such file or directory", "Không có tệp hoặc thư mục này: hãy kiểm tra lại đường dẫn."},
    {"says where capbu's folder lies", "Không biết thư mục cá nhân ở đâu: hãy đặt biến HOME."},
    {"Permission denied", "Không đủ quyền: hãy sửa quyền của tệp, hoặc chỉ tên tệp khác."},
    {"No space left on device", "Đĩa đầy."},
    {"cannot open", "Không mở được tệp: hãy kiểm tra đường dẫn và quyền."},
    {"cannot read", "Không đọc được tệp: hãy kiểm tra đường dẫn và quyền."},
    {"cannot make", "Không tạo được tệp: hãy kiểm tra đường dẫn và quyền."},
    {"cannot write", "Không ghi được tệp: hãy kiểm tra đường dẫn và quyền."},
    {"cannot remove", "Không xóa được tệp: hãy kiểm tra đường dẫn và quyền."},
    {"cannot sync", "Không ghi được xuống đĩa."},
    {"cannot lock", "Tệp đang bị chương trình khác khóa."},
    {"holds the PIN", "Hãy chỉ tên tệp chứa mã PIN."},
    {"holds the password", "Hãy chỉ tên tệp chứa mật khẩu."},
    {"the new CA's certificate", "Hãy chỉ tên chứng thư số của CA mới, dạng PEM hoặc DER."},
    {"--server-ca", "Không đọc được tệp này."},
    {"--proxy-user", "Không đọc được mật khẩu proxy."},
    {"correct it or take it away", "Không đọc được tệp này: hãy sửa hoặc bỏ tệp."},
    {"a file that can be made", "Hãy chỉ tên tệp ghi được."},
};

static const char *translation(const char *text) {
    return lang_of_piece(KNOWN, sizeof KNOWN / sizeof KNOWN[0], text);
}

bool cause_knows(const char *text) {
    return translation(text) != NULL;
}

/* What the person named stands in front in any language: an option with its value, or capbu.conf with its line. */
static int named_len(const char *text) {
    const char *end = strstr(text, ": "), *conf = strstr(text, "capbu.conf");

    return end != NULL && (strncmp(text, "--", 2) == 0 || (conf != NULL && conf < end)) ? (int)(end - text) + 2 : 0;
}

/* From "…: C_Sign: CKR_X (0x5)" what names call and code. */
static const char *technical(const char *text, const char *code) {
    const char *call = strstr(text, "C_");

    return call != NULL && call < code ? call : code;
}

void cause_say(enum lang lang, const char *text, char out[CAUSE_TEXT]) {
    const char *known = lang == LANG_EN ? NULL : translation(text), *code = strstr(text, "CKR_");
    const char *words = advice_code_words(lang, text);

    if (code == NULL)
        (void)snprintf(out, CAUSE_TEXT, "%.*s%s", known == NULL ? 0 : named_len(text), text,
                       known == NULL ? text : known);
    else if (lang == LANG_EN)
        (void)snprintf(out, CAUSE_TEXT, "%s (%s)", words, text);
    else
        (void)snprintf(out, CAUSE_TEXT, "%s%s%s (%s)", known == NULL ? "" : known, known == NULL ? "" : " ", words,
                       technical(text, code));
}
