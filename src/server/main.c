/* capbud: serves one installation until it is told to stop. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/lang.h"
#include "base/log.h"
#include "base/os.h"
#include "base/out.h"
#include "server/app.h"
#include "server/signing.h"

#define DEFAULT_DIR    "/var/lib/capbu"
#define PATIENCE_MS    3500     /* what runs at SIGTERM may finish within this; all is over in 5 s (interfaces.md) */
#define START_WATCH_NS 20000000 /* how long being ready may wait for its watch to end */
#define EXIT_USAGE     2
#define EXIT_MISSING   4
#define EXIT_PIN       5
#define EXIT_CONFIG    6
#define EXIT_BUG       70

static const char *const HELP[] = {
    [LANG_VI] =
        "cách dùng: capbud [--signer] [--dir DIR] [--lang vi|en]\n"
        "Phục vụ bản cài đặt trong DIR qua HTTPS cho đến khi nhận SIGTERM hoặc SIGINT.\n"
        "  --signer    chỉ giữ khóa CA và ký hộ capbud khác, qua signer_socket trong capbud.conf\n"
        "  --dir DIR   bản cài đặt do capbuctl init tạo (mặc định: $CAPBU_DIR, nếu không có thì " DEFAULT_DIR ")\n"
        "  --lang vi|en  ngôn ngữ của trang này (mặc định: $CAPBU_LANG, nếu không có thì tiếng Việt)\n"
        "  --help      trang này\n"
        "  --version   phiên bản\n",
    [LANG_EN] = "usage: capbud [--signer] [--dir DIR] [--lang vi|en]\n"
                "Serves the installation in DIR over HTTPS until SIGTERM or SIGINT.\n"
                "  --signer    only holds the CA key and signs for another capbud, at signer_socket of capbud.conf\n"
                "  --dir DIR   installation made by capbuctl init (default: $CAPBU_DIR, else " DEFAULT_DIR ")\n"
                "  --lang vi|en  language of this text (default: $CAPBU_LANG, else Vietnamese)\n"
                "  --help      this text\n"
                "  --version   the version\n",
};

/* Process-wide, and not on main's stack: threads work on it until the very end. */
static struct app app;

static int exit_of(enum rc rc) {
    switch (rc) {
    case RC_NOT_FOUND:
        return EXIT_MISSING;
    case RC_INPUT:
    case RC_LIMIT:
    case RC_USAGE:
        return EXIT_CONFIG;
    case RC_PIN_WRONG: /* not to be started again by a service manager: each start would cost a try */
    case RC_PIN_LOCKED:
        return EXIT_PIN;
    case RC_BUG:
        return EXIT_BUG;
    default:
        return 1;
    }
}

static int usage(enum lang lang, const char *wrong) {
    fprintf(stderr, lang == LANG_EN ? "capbud: what is \"%s\"?\n" : "capbud: \"%s\" là gì?\n", wrong);
    fputs(HELP[lang], stderr);
    return EXIT_USAGE;
}

static int lang_check(enum lang lang, const char *name) {
    enum lang any;

    if (lang_from(name, &any))
        return -1;
    fprintf(stderr,
            lang == LANG_EN ? "capbud: --lang takes vi | en, not \"%s\"\n"
                            : "capbud: --lang nhận vi | en, không nhận \"%s\"\n",
            name);
    return EXIT_USAGE;
}

static int print(const char *text) {
    if (out_put(span_str(text)) == RC_OK)
        return 0;
    if (strcmp(err_text(), OUT_GONE) != 0)
        fprintf(stderr, "capbud: %s\n", err_text());
    return 1;
}

/* The value of an option that is written in one word or in two; NULL: argv[*i] is another one. */
static const char *value_of(const char *name, int argc, char **argv, int *i) {
    size_t len = strlen(name);

    if (strncmp(argv[*i], name, len) != 0)
        return NULL;
    if (argv[*i][len] == '=')
        return argv[*i] + len + 1;
    return argv[*i][len] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

/* -1: go on and serve. */
static int arguments_read(int argc, char **argv, const char **dir, bool *signer) {
    const char *from_env = getenv("CAPBU_DIR"), *value;
    const enum lang lang = lang_of_line(argc, argv);
    int end = -1;

    *dir = from_env == NULL || from_env[0] == '\0' ? DEFAULT_DIR : from_env;
    for (int i = 1; i < argc && end < 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return print(HELP[lang]);
        if (strcmp(argv[i], "--version") == 0)
            return print("capbud " CAPBU_VERSION "\n");
        if (strcmp(argv[i], "--signer") == 0)
            *signer = true;
        else if ((value = value_of("--dir", argc, argv, &i)) != NULL)
            *dir = value;
        else if ((value = value_of("--lang", argc, argv, &i)) != NULL)
            end = lang_check(lang, value);
        else
            end = usage(lang, argv[i]);
    }
    return end;
}

static void tell_ready(void) {
    const char *host = app.site.conf.listen_host;
    const char *brackets = strchr(host, ':') == NULL ? "" : "[]";
    char url[192];

    snprintf(url, sizeof url, "https://%.1s%s%s:%d", brackets, host, brackets[0] == '\0' ? "" : brackets + 1,
             http_port(app.http));
    printf("ready %s\n", url);
    fflush(stdout);
    log_line(LOG_INFO, "ready", "address", url, "dir", app.site.conf.dir, NULL);
}

static void tell_stopping(int caught) {
    if (caught == SIGCHLD)
        log_line(LOG_ERROR, "stopping", "text",
                 "the parent of the signing helpers has died: capbud ends with status 1, to be started again", NULL);
    else
        log_line(LOG_INFO, "stopping", "signal", caught == SIGINT ? "SIGINT" : "SIGTERM", NULL);
}

/* Before it is ready nothing is promised to anybody, so a signal to stop simply ends it. Until the helpers are forked
   there is one thread, and a handler does; it must not touch more than this. */
static void leave(int caught) {
    (void)caught;
    _exit(0);
}

/* Later on all threads block the signals and this one waits for them: opening a database may take its time. */
struct start {
    sigset_t stop;
    atomic_bool over;
};

static void *start_watch(void *arg) {
    const struct timespec pause = {.tv_nsec = START_WATCH_NS};
    struct start *s = arg;

    while (!atomic_load(&s->over)) {
        int caught = sigtimedwait(&s->stop, NULL, &pause);
        if (caught <= 0)
            continue;
        tell_stopping(caught);
        _exit(0);
    }
    return NULL;
}

/* After it the signals are blocked in every thread, and only serve() takes them. */
static enum rc start(const char *dir, struct start *s) {
    pthread_t watch;
    sigset_t all = s->stop, child;

    sigaddset(&all, SIGHUP);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL); /* kept for serve(): the signers' parent may die at once */
    (void)signal(SIGTERM, leave);
    (void)signal(SIGINT, leave);
    enum rc rc = app_prepare(dir, &app);
    sigprocmask(SIG_BLOCK, &all, NULL);
    TRY(rc);
    if (pthread_create(&watch, NULL, start_watch, s) != 0)
        FAIL(RC_LIMIT, "a thread cannot be started");
    rc = app_start(&app);
    atomic_store(&s->over, true);
    pthread_join(watch, NULL);
    return rc;
}

/* Our only child is the signers' parent; to be stopped by a debugger is no death. */
static bool is_death(const siginfo_t *i) {
    return i->si_code == CLD_EXITED || i->si_code == CLD_KILLED || i->si_code == CLD_DUMPED;
}

/* Until a signal to stop, or until the signers' parent has died: nothing can be signed or recorded any more, and only a
   start from the beginning makes another. After SIGHUP the PIN of the CA key may be tried once more: an operator has
   corrected it. */
static int serve(const sigset_t *stop) {
    sigset_t all = *stop;
    siginfo_t info;

    sigaddset(&all, SIGHUP);
    sigaddset(&all, SIGCHLD);
    for (;;) {
        int caught = sigwaitinfo(&all, &info);
        if (caught == SIGHUP)
            signer_retry(app.signer);
        else if (caught > 0 && (caught != SIGCHLD || is_death(&info)))
            return caught;
    }
}

/* Everything acknowledged is durable by now, so who does not finish in time is cut off: its caller asks again. */
static int stop(int caught) {
    const int exit_status = caught == SIGCHLD ? 1 : 0; /* a service manager restarts what failed */
    tell_stopping(caught);
    if (app_stop(&app, PATIENCE_MS) != RC_OK) {
        log_line(LOG_WARN, "stopped", "text", err_text(), NULL);
        _exit(exit_status);
    }
    app_free(&app);
    log_line(LOG_INFO, "stopped", NULL);
    return exit_status;
}

static int tell_failed(enum rc rc) {
    log_line(LOG_ERROR, "start-failed", "kind", err_name(rc), "text", err_text(), NULL);
    return exit_of(rc);
}

static int run(const char *dir) {
    struct start s = {0};

    sigemptyset(&s.stop);
    sigaddset(&s.stop, SIGTERM);
    sigaddset(&s.stop, SIGINT);
    enum rc rc = start(dir, &s);
    if (rc != RC_OK) {
        int exit_status = tell_failed(rc);
        app_free(&app);
        return exit_status;
    }
    tell_ready();
    return stop(serve(&s.stop));
}

int main(int argc, char **argv) {
    const char *dir;
    bool signer = false;
    int end = arguments_read(argc, argv, &dir, &signer);

    if (end >= 0)
        return end;
    os_guard();
    log_open(signer ? "capbud-signer" : "capbud", LOG_INFO);
    if (!signer)
        return run(dir);
    enum rc rc = signing_serve(dir);
    return rc == RC_OK ? 0 : tell_failed(rc);
}
