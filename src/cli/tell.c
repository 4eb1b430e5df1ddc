/* The texts of capbuctl: plain words, and what to do where something is wrong. */
#include "cli/tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "base/utf8.h"
#include "cli/gloss.h"

struct pair {
    const char *vi, *en;
};

static const struct pair TEXT[TELL_COUNT] = {
    [TELL_USAGE] = {"cách dùng: capbuctl [--dir DIR] [--lang vi|en] LỆNH\n"
                    "           capbuctl --help | --version | LỆNH --help\n"
                    "DIR mặc định là $CAPBU_DIR, rồi /var/lib/capbu; ngôn ngữ là $CAPBU_LANG, rồi tiếng Việt.\n"
                    "Mỗi lệnh có một trang hướng dẫn: capbuctl-LỆNH(1).\n",
                    "usage: capbuctl [--dir DIR] [--lang vi|en] COMMAND\n"
                    "       capbuctl --help | --version | COMMAND --help\n"
                    "DIR defaults to $CAPBU_DIR, then /var/lib/capbu; the language to $CAPBU_LANG, then Vietnamese.\n"
                    "Each command has a man page: capbuctl-COMMAND(1).\n"},
    [TELL_USAGE_ONE] = {"cách dùng: capbuctl [--dir DIR] LỆNH, trong đó LỆNH là:",
                        "usage: capbuctl [--dir DIR] COMMAND, here:"},
    [TELL_MORE] = {"Xem thêm: capbuctl --help", "capbuctl --help tells more."},

    [TELL_NEEDS_VALUE] = {"%s thiếu giá trị", "%s needs a value"},
    [TELL_UNKNOWN_LETTER] = {"không có tùy chọn -%c", "unknown option -%c"},
    [TELL_UNKNOWN_OPTION] = {"không có tùy chọn %s", "unknown option %s"},
    [TELL_UNKNOWN_OPTION_NEAR] = {"không có tùy chọn %s, gần giống là --%s", "unknown option %s, did you mean --%s?"},
    [TELL_TWICE] = {"--%s được ghi hai lần", "--%s is given twice"},
    [TELL_WORD_TOO_MANY] = {"thừa từ \"%s\"", "\"%s\" is one word too many"},
    [TELL_NOT_WITH_THIS] = {"--%s không dùng với lệnh này", "--%s does not go with this command"},
    [TELL_NUMBER] = {"--%s phải là số từ %lld đến %lld, không phải \"%s\"",
                     "--%s takes a number from %lld to %lld, not \"%s\""},
    [TELL_TEXT] = {"--%s phải là một dòng chữ: không để trống, không có ký tự điều khiển, dài nhất %d byte",
                   "--%s takes a line of text: not blank, without control characters, at most %d bytes"},
    [TELL_STDOUT_TWICE] = {"chỉ một thứ được ghi ra đầu ra chuẩn: đặt tên tệp thay cho \"-\", hoặc bỏ --json",
                           "one thing only goes to standard output: name a file instead of \"-\", or leave --json out"},
    [TELL_ONE_FILE] = {"%s và %s cùng chỉ một tệp: hãy đặt hai tên khác nhau", "%s and %s name one file: give it two"},
    [TELL_NO_COMMAND] = {"thiếu lệnh", "a command is missing"},
    [TELL_UNKNOWN_COMMAND] = {"không có lệnh \"%s\"", "unknown command \"%s\""},
    [TELL_UNKNOWN_COMMAND_NEAR] = {"không có lệnh \"%s\", gần giống là \"%s\"",
                                   "unknown command \"%s\", did you mean \"%s\"?"},
    [TELL_OTHER_WORDS] = {"%s phải viết là: %s", "%s takes other words: %s"},
    [TELL_TAKES] = {"%s nhận %s, không nhận \"%s\"", "%s takes %s, not \"%s\""},
    [TELL_MISSING] = {"thiếu %s", "%s is missing"},
    [TELL_HOLDER_MISSING] = {"thiếu --holder: mã hoặc tên nhân viên hỗ trợ",
                             "--holder is missing: the staff number or name of who helps"},
    [TELL_NO_ASSIST] = {"không có mã \"%s\": xem capbuctl assist list", "no code \"%s\": see capbuctl assist list"},
    [TELL_SERIAL_MISSING] = {"thiếu --serial HEX: số sê-ri của chứng thư số cũ hoặc mới",
                             "--serial HEX is missing: the old or the new certificate's serial number"},
    [TELL_SERIAL] = {"--serial phải là số sê-ri dạng thập lục phân (nhiều nhất %d chữ số 0-9 và A-F) hoặc thập phân, "
                     "không phải \"%s\"",
                     "--serial takes a serial number of at most %d hexadecimal digits, or in decimal, not \"%s\""},
    [TELL_TOKENS_NEED] = {"token cần --module SO và --pin-file F: thư viện của token phần mềm và mã PIN đặt cho nó",
                          "tokens need --module SO and --pin-file F: the software token's module and the PIN it gets"},
    [TELL_TOKENS_MORE] = {"--tokens lớn hơn --count", "--tokens is more than --count"},

    [TELL_FAILED_USAGE] = {"gọi lệnh chưa đúng: %s", "%s"},
    [TELL_FAILED_INPUT] = {"tệp, khóa hoặc chứng thư số này không dùng được: %s", "%s"},
    [TELL_FAILED_NOT_FOUND] = {"không tìm thấy: %s", "%s"},
    [TELL_FAILED_BUSY] = {"đang bận, hãy thử lại sau ít phút: %s", "%s"},
    [TELL_FAILED_IO] = {"không đọc hoặc ghi được: %s", "%s"},
    [TELL_FAILED_DB] = {"cơ sở dữ liệu không dùng được, chưa có gì được ghi: %s", "%s"},
    [TELL_FAILED_TOKEN] = {"token hoặc HSM không dùng được: %s", "%s"},
    [TELL_FAILED_EXISTS] = {"đã có rồi, không làm lại: %s", "%s"},
    [TELL_FAILED_POLICY] = {"bị từ chối: %s", "%s"},
    [TELL_FAILED_PIN] = {"mã PIN sai hoặc đã bị khóa: %s", "%s"},
    [TELL_FAILED_BUG] = {"lỗi của chương trình, hãy báo cho người bảo trì: %s", "%s"},
    [TELL_NO_PHASE] = {"chương trình không có đợt \"%s\": xem capbuctl phase list",
                       "the campaign has no phase \"%s\": see capbuctl phase list"},
    [TELL_NOT_ISSUED] =
        {"chưa cấp gì cho chứng thư số %s: capbuctl export --csv - liệt kê số sê-ri của những gì đã cấp",
         "nothing was issued for the certificate %s: capbuctl export --csv - lists the serial numbers "
         "of what was"},
    [TELL_NO_DIR] = {"chưa có %s: hãy tạo bằng capbuctl init",
                     "%s is not there: make an installation with capbuctl init"},

    [TELL_MADE] = {"đã tạo %s", "made %s"},
    [TELL_ERROR] = {"lỗi: %s", "error: %s"},
    [TELL_WARNING] = {"cảnh báo: %s", "warning: %s"},
    [TELL_USABLE] = {"cấu hình dùng được", "configuration is usable"},
    [TELL_DRY_RUN] = {"chạy thử, chưa ghi gì: ", "dry run, nothing written: "},
    [TELL_IMPORTED] = {"%lld dòng: %lld mới, %lld thay đổi, %lld như cũ, %lld bị từ chối",
                       "%lld rows: %lld added, %lld changed, %lld unchanged, %lld refused"},
    [TELL_REFUSED_ROWS] = {"các dòng bị từ chối, kèm số dòng và lý do: %s",
                           "refused rows, each with its line and reason: %s"},
    [TELL_READ_UTF16] = {"tệp là UTF-16, đã đọc như vậy", "the file is UTF-16, and was read so"},
    [TELL_READ_TABS] = {"các cột cách nhau bằng tab, đã đọc như vậy",
                        "tabs stand between the columns, and it was read so"},
    [TELL_READ_CR] = {"dòng kết thúc bằng CR (kiểu Macintosh cũ), đã đọc như vậy",
                      "line ends are CR alone (old Macintosh), and it was read so"},
    [TELL_READ_SEP] = {"dòng đầu là sep=, đã theo dấu phân cách đó", "the first line is sep=, which was followed"},
    [TELL_IMPORT_PART] =
        {"đã dừng: %lld dòng mới và %lld dòng thay đổi đã được ghi; chạy lại là an toàn và sẽ làm tiếp",
         "stopped: %lld added and %lld changed rows are in; running it again is safe and goes on"},
    [TELL_IMPORT_NOTHING] = {"đã dừng: chưa ghi gì (%lld mới, %lld thay đổi); chạy lại là an toàn",
                             "stopped: nothing is in (%lld added, %lld changed); running it again is safe"},
    [TELL_IMPORT_WARNED] = {"cảnh báo: %lld dòng nói khác với chứng thư số; dòng đầu tiên: %s",
                            "warning: %lld rows say otherwise than their certificate; the first: %s"},
    [TELL_IMPORT_WARNED_LIST] = {"các dòng đó đã được nhập và liệt kê ở %s", "they are in, and listed in %s"},
    [TELL_IMPORT_WOULD_STOP] =
        {"nhập thật sẽ dừng: %lld trên %lld chứng thư số đã biết bị thay đổi hoặc từ chối; nếu đúng ý thì thêm "
         "--changes "
         "%lld",
         "an import would stop: %lld of %lld certificates known would be changed or refused; where that is meant say "
         "--changes %lld"},
    [TELL_NOT_TAKEN] =
        {"trong đó %lld chứng thư số đọc được nhưng không nhận: hãy hỏi nhóm phát triển, đừng xuất lại",
         "of these, %lld certificates are read, but not taken: ask the maintainers, do not export again"},
    [TELL_NOTED] =
        {"%lld chứng thư số được nhận dù cách viết có điểm lạ (capbuctl screen cho biết cái nào gia hạn được)",
         "%lld certificates are taken although they are oddly written (capbuctl screen tells which can be "
         "renewed)"},
    [TELL_CERTIFICATES] = {"%lld chứng thư số", "%lld certificates"},
    [TELL_REASONS] = {"lý do (một chứng thư số có thể có nhiều)", "reasons (a certificate may have several)"},
    [TELL_GOALS] = {"mục tiêu", "goals"},
    [TELL_GOAL] = {"  %-12s %-6s đến %s: %lld trên %lld, %d,%d %% (mục tiêu %d %%), %s, còn %d ngày",
                   "  %-12s %-6s by %s: %lld of %lld, %d.%d %% (goal %d %%), %s, %d days left"},
    [TELL_GOAL_LATE] = {"  %-12s %-6s đến %s: %lld trên %lld, %d,%d %% (mục tiêu %d %%), %s, quá hạn %d ngày",
                        "  %-12s %-6s by %s: %lld of %lld, %d.%d %% (goal %d %%), %s, %d days late"},
    [TELL_GOAL_MET] = {"đạt", "met"},
    [TELL_GOAL_NOT_MET] = {"chưa đạt", "not met"},
    [TELL_EXPORTED] = {"%s: %lld chứng thư số đã cấp", "%s: %lld certificates"},
    [TELL_WHOLE] = {"nhật ký còn nguyên vẹn: %lld dòng", "the audit is whole: %lld lines"},
    [TELL_ADOPTED] = {"nhật ký đã được niêm phong: %lld dòng", "the audit is sealed: %lld lines"},
    [TELL_RECOVERED] = {"%s: đã khôi phục %lld trong %lld chứng thư số; %lld không phải chứng thư số đang thiếu, %lld "
                        "thiếu cả hồ sơ cũ (hãy nhập trước), %lld không đọc được",
                        "%s: %lld of %lld certificates brought back; %lld are none of the missing ones, %lld lack the "
                        "record of the old one too (import it first), %lld cannot be read"},
    [TELL_RECOVER_COMPLETED] = {"%lld chứng thư số đã có sẵn nay được bổ sung: kênh, người hỗ trợ, thời điểm, xác nhận",
                                "%lld that were there already are completed: channel, helper, times, confirmation"},
    [TELL_RECOVER_ENTERED] = {"%lld chứng thư số không có trong cả sổ ký lẫn cơ sở dữ liệu, nay đã được ghi vào cả "
                              "hai: cả hai đều cũ hơn tệp này, nên có thể còn thiếu nữa; hãy đưa mọi bản export mới "
                              "nhất trước khi chạy capbud",
                              "%lld were in neither journal nor database, and are entered into both: both are older "
                              "than this file, so more may be missing; give the newest exports before capbud starts"},
    [TELL_RECOVER_HELD] = {"CẢNH BÁO: %lld chứng thư số đã cấp không có trong cả sổ ký lẫn cơ sở dữ liệu và CHƯA được "
                           "ghi vào, nên có thể bị cấp lần hai: hãy dừng capbud rồi chạy lại lệnh này (%s)",
                           "WARNING: %lld issued certificates are in neither journal nor database and are NOT entered, "
                           "so each could be issued twice: stop capbud, and run this again (%s)"},
    [TELL_RECOVER_NOT_ALL] = {"CHƯA đủ: còn chứng thư số đã ký mà cơ sở dữ liệu không có",
                              "NOT all is here: certificates were signed that the database does not have"},
    [TELL_RECOVER_BLOCKED] =
        {"%lld chứng thư số đang thiếu KHÔNG khôi phục được: cơ sở dữ liệu hoặc sổ ký có chứng thư số khác "
         "ở chỗ của chúng; hãy giữ lại tệp này và hỏi nhóm phát triển",
         "%lld that are missing CANNOT be brought back: the database or the journal has other ones in "
         "their place; keep this file, and ask the maintainers"},
    [TELL_RECOVER_LEFT] = {"còn thiếu %lld chứng thư số đã ký; chúng cũng trở lại khi chủ token chạy capbu",
                           "%lld signed certificates are still missing; they come back too when their holders run "
                           "capbu"},
    [TELL_RECOVER_ALL] = {"không thiếu chứng thư số nào đã ký: %lld mục trong sổ ký",
                          "no signed certificate is missing: %lld entries in the journal"},
    [TELL_SEEDED] = {"%s: đã ghi %lld mục, %lld đã có sẵn, %lld khác với cơ sở dữ liệu",
                     "%s: %lld entries written, %lld were there, %lld differ from the database"},
    [TELL_SEEDED_NONE] =
        {"CẢNH BÁO: sổ ký này TRỐNG. Nếu CA này đã từng cấp chứng thư số nào, hãy đưa mọi bản export mới "
         "nhất cho capbuctl recover TRƯỚC KHI chạy capbud, nếu không thì có thể cấp lần hai",
         "WARNING: this journal is EMPTY. If this CA has ever issued a certificate, give the newest "
         "exports to capbuctl recover BEFORE capbud starts, or certificates may be issued twice"},
    [TELL_PLANNED] = {"theo kế hoạch", "planned"},
    [TELL_OPENED] = {"mở sớm", "opened"},
    [TELL_HALTED] = {"tạm dừng", "halted"},
    [TELL_PHASE] = {"Đợt", "phase"},
    [TELL_PHASE_FROM] = {"Từ ngày", "from"},
    [TELL_PHASE_TO] = {"Đến ngày", "to"},
    [TELL_PHASE_NOW] = {"Hôm nay", "today"},
    [TELL_PHASE_SWITCH] = {"Quyết định", "decision"},
    [TELL_PHASE_TITLE] = {"Tên", "title"},
    [TELL_ASSIST_MARK] = {"Dấu", "mark"},
    [TELL_ASSIST_CHANNEL] = {"Kênh", "channel"},
    [TELL_ASSIST_USED] = {"Đã dùng", "used"},
    [TELL_ASSIST_UNTIL] = {"Đến ngày", "until"},
    [TELL_ASSIST_STATE] = {"Tình trạng", "state"},
    [TELL_ASSIST_HOLDER] = {"Người hỗ trợ", "holder"},
    [TELL_ASSIST_GOOD] = {"còn dùng được", "good"},
    [TELL_ASSIST_EXPIRED] = {"hết hạn", "expired"},
    [TELL_ASSIST_USED_UP] = {"hết lượt", "used up"},
    [TELL_ASSIST_REVOKED] = {"đã thu hồi: %s", "ended: %s"},
    [TELL_NOW_OPEN] = {"đang mở", "open"},
    [TELL_NOW_NOT_YET] = {"chưa mở", "not yet"},
    [TELL_NOW_OVER] = {"đã kết thúc", "over"},
    [TELL_POPULATION] = {"%s: %lld thuê bao, trong đó %lld có token", "%s: %lld subscribers, %lld of them on tokens"},
    [TELL_PUBLISHED] = {"đã phát hành phiên bản %lld, có hiệu lực đến %s", "published version %lld, until %s"},
    [TELL_BAR_IMPORT] = {"nhập hồ sơ", "import"},
    [TELL_BAR_DRILL] = {"diễn tập", "drill"},
};

static const char *const VERDICTS[] = {"được cấp bù", "không thuộc diện", "giữ lại", "đã xong"}; /* enum verdict_kind */

static const char *const REASONS[REASON_COUNT] = {
    [REASON_UNKNOWN_CERTIFICATE] = "không có trong hồ sơ",
    [REASON_NOT_OLD_ISSUER] = "không do CA cũ cấp",
    [REASON_BAD_SIGNATURE] = "chữ ký của CA không đúng",
    [REASON_SUSPENDED] = "đang tạm dừng",
    [REASON_REVOKED] = "đã thu hồi",
    [REASON_EXPIRED] = "đã hết hạn",
    [REASON_EXPIRY_DIFFERS] = "ngày hết hạn khác ngày của CA cũ",
    [REASON_ISSUED_ON_CONNECTION_DAY] = "cấp đúng ngày kết nối CA mới",
    [REASON_ISSUED_AFTER_CONNECTION] = "cấp sau ngày kết nối CA mới",
    [REASON_CONTRACT_NOT_LONGER] = "hợp đồng không dài hơn CA cũ",
    [REASON_KEY_TOO_WEAK] = "khóa quá yếu",
    [REASON_ALREADY_COMPENSATED] = "đã được cấp bù",
    [REASON_BEYOND_NEW_CA] = "hợp đồng dài hơn CA mới",
    [REASON_NOT_RENEWABLE] = "nội dung chứng thư số không gia hạn được",
    [REASON_ISSUED_BEFORE] = "đã cấp, đang được khôi phục",
};

static enum lang chosen = LANG_VI;

void tell_in(enum lang lang) {
    chosen = lang;
}

enum lang tell_lang(void) {
    return chosen;
}

const char *tell_text(enum lang lang, enum tell what) {
    return lang == LANG_EN ? TEXT[what].en : TEXT[what].vi;
}

const char *tell_word(enum tell what) {
    return tell_text(chosen, what);
}

/* The table is ours; a test checks that both languages take the same arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void tell_part(enum tell what, ...) {
    va_list args;

    va_start(args, what);
    (void)vprintf(tell_word(what), args);
    va_end(args);
}

void tell(enum tell what, ...) {
    va_list args;

    va_start(args, what);
    (void)vprintf(tell_word(what), args);
    va_end(args);
    (void)putchar('\n');
}

void tell_aside(enum tell what, ...) {
    va_list args;

    va_start(args, what);
    (void)fputs("capbuctl: ", stderr);
    (void)vfprintf(stderr, tell_word(what), args);
    (void)fputc('\n', stderr);
    va_end(args);
}

enum rc tell_fail(enum rc code, enum tell what, ...) {
    char text[512];
    va_list args;

    va_start(args, what);
    (void)vsnprintf(text, sizeof text, tell_word(what), args);
    va_end(args);
    return err_set(code, "%s", text);
}

static enum tell headline(enum rc code) {
    switch (code) {
    case RC_USAGE:
        return TELL_FAILED_USAGE;
    case RC_INPUT:
    case RC_LIMIT:
    case RC_CRYPTO:
        return TELL_FAILED_INPUT;
    case RC_NOT_FOUND:
        return TELL_FAILED_NOT_FOUND;
    case RC_BUSY:
        return TELL_FAILED_BUSY;
    case RC_IO:
    case RC_NETWORK:
        return TELL_FAILED_IO;
    case RC_DB:
        return TELL_FAILED_DB;
    case RC_TOKEN:
        return TELL_FAILED_TOKEN;
    case RC_EXISTS:
        return TELL_FAILED_EXISTS;
    case RC_REFUSED:
        return TELL_FAILED_POLICY;
    case RC_PIN_WRONG:
    case RC_PIN_LOCKED:
        return TELL_FAILED_PIN;
    case RC_OK:
    case RC_BUG:
        break;
    }
    return TELL_FAILED_BUG;
}

void tell_glossed(const char *text, char out[TELL_LINE]) {
    const char *gloss = chosen == LANG_VI ? gloss_of(text) : NULL;

    if (gloss == NULL)
        (void)snprintf(out, TELL_LINE, "%s", text);
    else
        (void)snprintf(out, TELL_LINE, "%s (%s)", gloss, text);
    for (char *c = out; *c != '\0'; c++) /* a library's text may have several lines */
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    utf8_tame(out); /* a file's words may be in it */
}

const char *tell_failure(enum rc code) {
    static char line[2 * TELL_LINE];
    char text[TELL_LINE];
    bool gone = strcmp(err_text(), OUT_GONE) == 0;

    tell_glossed(err_text(), text);
    (void)snprintf(line, sizeof line, tell_word(headline(code)), text);
    if (!gone)
        (void)fprintf(stderr, "capbuctl: %s\n", line);
    if (code == RC_USAGE)
        (void)fprintf(stderr, "%s\n", tell_word(TELL_MORE));
    return line;
}
#pragma GCC diagnostic pop

const char *tell_verdict(enum verdict_kind v) {
    return chosen == LANG_VI ? VERDICTS[v] : "";
}

const char *tell_reason(enum reason r) {
    return chosen == LANG_VI ? REASONS[r] : "";
}
