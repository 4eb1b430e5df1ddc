/* capbuctl: the operator's program on the server host. The table below is the program. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/near.h"
#include "base/os.h"
#include "cli/command.h"
#include "cli/tell.h"

struct command {
    const char *name;
    int least_words, most_words; /* the command itself included */
    uint64_t options;
    enum rc (*run)(const struct args *a, int *exit_code);
    const char *usage;   /* each line of it a way to call; a line that begins with a blank goes on */
    const char *vi, *en; /* what it does */
};

static const struct command COMMANDS[] = {
    {"init", 1, 1,
     ARG_BIT(ARG_DRILL) | ARG_BIT(ARG_CLOCK) | ARG_BIT(ARG_OLD_CA) | ARG_BIT(ARG_CA_CERT) | ARG_BIT(ARG_CA_KEY) |
         ARG_BIT(ARG_CA_PIN_FILE) | ARG_BIT(ARG_CAMPAIGN) | ARG_BIT(ARG_LISTEN) | ARG_BIT(ARG_DATABASE),
     cmd_init,
     "init [--drill] [--clock RFC3339] [--old-ca PEM] [--ca-cert PEM --ca-key FILE|pkcs11:URI [--ca-pin-file F]]\n"
     "     [--campaign FILE] [--listen HOST:PORT] [--database DSN]",
     "tạo DIR; với --drill thì tạo cả hai CA nào chưa có và một đồng hồ riêng",
     "makes DIR; with --drill also what is not given of two CAs, and a clock"},
    {"check-config", 1, 1, ARG_BIT(ARG_JSON), cmd_check_config, "check-config [--json]",
     "đọc mọi tệp, chỉ ra lỗi ở tệp nào, dòng nào", "reads every file, says what is wrong where"},
    {"import", 2, 2,
     ARG_BIT(ARG_DRY_RUN) | ARG_BIT(ARG_IGNORE_COLUMNS) | ARG_BIT(ARG_CHANGES) | ARG_BIT(ARG_REFUSED) |
         ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_JSON),
     cmd_import, "import FILE.csv [--dry-run] [--ignore-columns] [--changes N] [--refused FILE] [--force] [--json]",
     "nhập chứng thư số và hợp đồng; dòng bị từ chối nằm trong FILE.csv.refused.csv",
     "takes certificates and contracts in; refused rows go to FILE.csv.refused.csv"},
    {"screen", 1, 1, ARG_BIT(ARG_AS_OF) | ARG_BIT(ARG_CSV) | ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_JSON), cmd_screen,
     "screen [--as-of DATE] [--csv OUT] [--force] [--json]", "xét từng chứng thư số, và đếm",
     "the verdict of every certificate, and counts"},
    {"report", 1, 1, ARG_BIT(ARG_BY) | ARG_BIT(ARG_CSV) | ARG_BIT(ARG_XLSX) | ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_JSON),
     cmd_report, "report [--by device|province|phase|channel|day|holder] [--csv F] [--xlsx F] [--force] [--json]",
     "tiến độ so với mục tiêu", "progress against the goals"},
    {"export", 1, 1, ARG_BIT(ARG_CSV) | ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_JSON), cmd_export,
     "export --csv OUT [--force] [--json]", "mỗi chứng thư số đã cấp một dòng", "a row for every certificate issued"},
    {"receipt", 1, 1, ARG_BIT(ARG_SERIAL) | ARG_BIT(ARG_OUT) | ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_JSON), cmd_receipt,
     "receipt --serial HEX [--out FILE] [--force] [--json]",
     "biên nhận có chữ ký của một lần cấp bù, theo số sê-ri cũ hoặc mới",
     "the signed receipt of a renewal, by its old or new serial number"},
    {"audit", 2, 2, ARG_BIT(ARG_JSON) | ARG_BIT(ARG_OUT) | ARG_BIT(ARG_FORCE) | ARG_BIT(ARG_CHECKPOINT), cmd_audit,
     "audit verify [--checkpoint FILE] [--json]\naudit checkpoint [--out FILE] [--force]\naudit export\naudit adopt "
     "[--json]",
     "kiểm tra chuỗi băm và niêm phong của nhật ký; in nhật ký theo dòng JSON; niêm phong cơ sở dữ liệu có từ trước",
     "checks chain and seal; prints it as JSON lines; seals a database from before"},
    {"recover", 1, ARG_WORDS, ARG_BIT(ARG_JSON), cmd_recover, "recover [FILE...] [--json]",
     "sau khi khôi phục bản sao lưu: chứng thư số nào đã ký mà cơ sở dữ liệu không có, và lấy lại từ tệp export hoặc "
     "tệp chứng thư số",
     "after a backup was put back: which signed certificates the database lacks, and brings them back out of exports "
     "or certificate files"},
    {"journal", 2, 2, ARG_BIT(ARG_JSON), cmd_journal, "journal new|add [--json]",
     "lập sổ ký mới từ cơ sở dữ liệu khi sổ đã mất; ghi thêm những gì sổ còn thiếu",
     "makes a lost journal anew from the database; enters what the journal lacks"},
    {"phase", 2, 3, ARG_BIT(ARG_JSON) | ARG_BIT(ARG_WHY), cmd_phase,
     "phase list [--json]\nphase open|halt|resume ID [--why TEXT] [--json]",
     "đợt nào đang mở; quyết định của người vận hành so với kế hoạch",
     "what is open today; a person's decision over the plan"},
    {"devices", 2, 2, ARG_BIT(ARG_DAYS) | ARG_BIT(ARG_JSON), cmd_devices, "devices publish [--days N] [--json]",
     "ký devices.conf để mọi capbu nhận bản mới", "signs devices.conf, for every capbu to take over"},
    {"assist", 2, 3,
     ARG_BIT(ARG_CHANNEL) | ARG_BIT(ARG_HOLDER) | ARG_BIT(ARG_DAYS) | ARG_BIT(ARG_USES) | ARG_BIT(ARG_JSON), cmd_assist,
     "assist new --holder NAME [--channel am|agent|hotline] [--days N] [--uses N] [--json]\n"
     "assist list [--json]\nassist revoke CODE|MARK [--json]",
     "mã ghi công người hỗ trợ: cấp, liệt kê, thu hồi", "codes that credit who helped: given out, listed, ended"},
    {"drill", 2, 2,
     ARG_BIT(ARG_COUNT) | ARG_BIT(ARG_SEED) | ARG_BIT(ARG_CSV) | ARG_BIT(ARG_TOKENS) | ARG_BIT(ARG_MODULE) |
         ARG_BIT(ARG_PIN_FILE) | ARG_BIT(ARG_KEY_BITS) | ARG_BIT(ARG_FORCE),
     cmd_drill,
     "drill population --count N --csv OUT [--seed S] [--key-bits B] [--tokens M --module SO --pin-file F] [--force]\n"
     "drill cases --csv OUT --module SO --pin-file F [--seed S] [--key-bits B] [--force]",
     "thuê bao giả lập theo tỷ lệ của công văn; một token phần mềm cho mỗi trường hợp",
     "made-up subscribers in the letter's proportions; a software token of every kind the letter knows"},
};
#define COMMAND_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

static void command_help(FILE *out, const struct command *c) {
    for (const char *line = c->usage; *line != '\0';) {
        int len = (int)strcspn(line, "\n");
        fprintf(out, "  %.*s\n", len, line);
        line += len + (line[len] == '\n');
    }
    fprintf(out, "        %s\n", tell_lang() == LANG_VI ? c->vi : c->en);
}

static void help_print(FILE *out) {
    fprintf(out, "%s\n", tell_word(TELL_USAGE));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        command_help(out, &COMMANDS[i]);
}

static int exit_of(enum rc rc) {
    switch (rc) {
    case RC_OK:
        return EXIT_DONE;
    case RC_USAGE:
        return EXIT_USAGE;
    case RC_NOT_FOUND:
    case RC_BUSY:
    case RC_IO:
    case RC_DB:
    case RC_NETWORK:
    case RC_TOKEN:
        return EXIT_NOT_READY;
    case RC_REFUSED:
    case RC_EXISTS:
    case RC_PIN_WRONG:
    case RC_PIN_LOCKED:
        return EXIT_POLICY;
    case RC_INPUT:
    case RC_LIMIT:
    case RC_CRYPTO:
        return EXIT_INPUT;
    case RC_BUG:
        break;
    }
    return EXIT_BUG;
}

static enum rc unknown(const char *word) {
    struct near n = {.typed = word};

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        near_offer(&n, COMMANDS[i].name);
    return n.word == NULL ? tell_fail(RC_USAGE, TELL_UNKNOWN_COMMAND, word)
                          : tell_fail(RC_USAGE, TELL_UNKNOWN_COMMAND_NEAR, word, n.word);
}

static enum rc dispatch(const struct args *a, int *exit_code) {
    if (a->count == 0)
        return tell_fail(RC_USAGE, TELL_NO_COMMAND);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *c = &COMMANDS[i];
        if (strcmp(c->name, a->words[0]) != 0)
            continue;
        if (args_on(a, ARG_HELP)) {
            tell(TELL_USAGE_ONE);
            command_help(stdout, c);
            return RC_OK;
        }
        if (a->count < c->least_words || a->count > c->most_words)
            return tell_fail(RC_USAGE, TELL_OTHER_WORDS, c->name, c->usage);
        TRY(args_allow(a, c->options));
        TRY(cmd_stdout_check(a));
        return c->run(a, exit_code);
    }
    return unknown(a->words[0]);
}

/* "help" and "help COMMAND" are "--help" and "COMMAND --help". */
static void take_help(struct args *a) {
    if (a->count == 0 || strcmp(a->words[0], "help") != 0)
        return;
    a->value[ARG_HELP] = "";
    a->count--;
    memmove(&a->words[0], &a->words[1], sizeof a->words - sizeof a->words[0]);
}

/* What was asked for is spoken already, as far as it could be read. */
static enum rc lang_check(const struct args *a) {
    const char *name = a->value[ARG_LANG];
    enum lang lang;

    if (name != NULL && !lang_from(name, &lang))
        return tell_fail(RC_USAGE, TELL_TAKES, "--lang", "vi | en", name);
    return RC_OK;
}

static enum rc run(int argc, char **argv, int *exit_code) {
    struct args a;

    TRY(args_parse(argc, argv, &a));
    TRY(lang_check(&a));
    take_help(&a);
    if (a.count == 0 && args_on(&a, ARG_HELP)) {
        help_print(stdout);
        return RC_OK;
    }
    if (args_on(&a, ARG_VERSION)) {
        puts("capbuctl " CAPBU_VERSION);
        return RC_OK;
    }
    TRY(digest_init());
    return dispatch(&a, exit_code);
}

int main(int argc, char **argv) {
    int exit_code = EXIT_DONE;

    os_guard();
    tell_in(lang_of_line(argc, argv));
    enum rc rc = run(argc, argv, &exit_code);
    if (rc == RC_OK)
        rc = out_put(span_str("")); /* printf's buffer too must reach its reader */
    if (rc == RC_OK)
        return exit_code;
    const char *told = tell_failure(rc);
    if (out_json_of_line(argc, argv) && out_problem(exit_of(rc), err_name(rc), told) != RC_OK)
        (void)tell_failure(RC_IO);
    return exit_of(rc);
}
