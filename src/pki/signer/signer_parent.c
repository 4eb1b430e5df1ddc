/* The parent of the helpers: forks one after the other, and replaces who dies, but never in a frenzy. */
#include "pki/signer/signer_parent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "pki/key/key.h"
#include "pki/key/key_uri.h"
#include "pki/signer/signer_cage.h"
#include "pki/signer/signer_journal.h"

#define READY_MS   30000 /* a network HSM may take its time to log in */
#define PAUSE_MS   100   /* before a replacement; doubled each time one has lived for a short while only … */
#define PAUSE_MAX  5000
#define SHORT_MS   10000
#define MINUTE_MS  60000
#define FAREWELL   1000 /* a helper ends at the end of its channel; one that hangs in a driver does not */
#define IDLE_MS    10000
#define STARTS_CAP 256

enum stage { NOBODY, STARTING, READY, LEAVING };

struct ward { /* a helper as its parent knows it */
    enum stage stage;
    int pid;
    uint32_t id;
    int end;         /* the server's end of its channel while nobody has it, else -1 */
    int asks;        /* where it asks to enter what it signs, as long as it lives; -1: nobody does */
    int64_t from_ms; /* when it was forked, was ready, was told to leave */
    bool killed;     /* by us */
};

struct signer_parent {
    struct signer_config cfg;
    struct ward wards[SIGNER_HELPERS];
    void *page;            /* the helpers see it too */
    volatile int *refused; /* in it, of each: the system call that ended it */
    struct signer_journal *journal;
    bool unwritten; /* the journal, and that has been told */
    int client;
    uint32_t last_id, restarts;
    bool full_once;
    int short_lives; /* in a row */
    int64_t next_ms; /* no start before */
    int64_t starts[STARTS_CAP];
    int limit, start_count;  /* replacements: at most so many a minute, and those so far */
    enum rc rc;              /* why nobody is being started, or why the last one failed */
    bool final;              /* a PIN is not tried again by itself */
    char pin_path[PATH_CAP]; /* "" none */
    struct stat proven;      /* the PIN file that a helper logged in with; all zero: none has */
    struct stat refused_pin; /* the one that ended in `final` */
    char why[ERR_TEXT];
};

static void say(struct signer_parent *p, const char *name, bool grave, const char *text) {
    const struct signer_event e = {name, grave, text};
    if (p->cfg.tell != NULL)
        p->cfg.tell(&e);
}

/* --- News --- */

/* False: nobody hears. A client that does not read its news is none. */
static bool send_note(struct signer_parent *p, enum signer_news news, uint32_t id, int fd) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct signer_note n = {news, id, p->rc, (uint32_t)p->cfg.helpers, p->restarts, {0}};
    (void)snprintf(n.text, sizeof n.text, "%s", p->rc == RC_OK ? "" : p->why);
    struct iovec part = {&n, sizeof n};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return p->client >= 0 && sendmsg(p->client, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof n;
}

static void set_state(struct signer_parent *p, enum rc rc, const char *text) {
    if (p->rc == RC_OK && rc == RC_OK)
        return;
    p->rc = rc;
    (void)snprintf(p->why, sizeof p->why, "%s", text);
    (void)send_note(p, NEWS_STATE, 0, -1);
}

static void hand_over(struct signer_parent *p) {
    for (size_t i = 0; i < SIGNER_HELPERS && p->client >= 0; i++) {
        struct ward *w = &p->wards[i];
        if (w->stage != READY || w->end < 0 || !send_note(p, NEWS_HELPER, w->id, w->end))
            continue;
        close(w->end);
        w->end = -1;
    }
}

/* --- Deaths --- */

static void describe(const struct signer_parent *p, const struct ward *w, int status, char out[ERR_TEXT]) {
    int call = p->refused[w - p->wards];
    if (WIFEXITED(status) && WEXITSTATUS(status) == SIGNER_REFUSED && call > 0)
        (void)snprintf(out, ERR_TEXT, "helper %d: ended by seccomp: system call %d is refused to it", w->pid, call);
    else if (WIFEXITED(status) && WEXITSTATUS(status) == SIGNER_LOST)
        (void)snprintf(out, ERR_TEXT, "helper %d: its token does not sign any more: another login is tried", w->pid);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        (void)snprintf(out, ERR_TEXT, "helper %d: ended by seccomp", w->pid);
    else if (WIFSIGNALED(status))
        (void)snprintf(out, ERR_TEXT, "helper %d: %s, signal %d", w->pid,
                       w->killed && WTERMSIG(status) == SIGKILL ? "gave no answer and was ended" : "died",
                       WTERMSIG(status));
    else
        (void)snprintf(out, ERR_TEXT, "helper %d: ended with status %d", w->pid, WEXITSTATUS(status));
}

/* Who has lived for a while died of something else than how it began. */
static void pause_before_next(struct signer_parent *p, bool short_life) {
    int64_t pause = PAUSE_MS;
    p->short_lives = short_life ? p->short_lives + 1 : 0;
    for (int i = 1; i < p->short_lives && pause < PAUSE_MAX; i++)
        pause *= 2;
    p->next_ms = os_clock_ms() + (pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

/* The PIN file as it is, without a look into it; all zero where none is named or there. */
static struct stat pin_file(const struct signer_parent *p) {
    struct stat now = {0};
    if (p->pin_path[0] == '\0' || stat(p->pin_path, &now) != 0)
        return (struct stat){0};
    return now;
}

static bool same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A start came to nothing. The right PIN was spent on nobody; a wrong one is not to be tried again by itself. */
static void failed(struct signer_parent *p, enum rc rc, const char *text) {
    pause_before_next(p, true);
    p->final = rc == RC_PIN_WRONG || rc == RC_PIN_LOCKED;
    if (p->final)
        p->refused_pin = pin_file(p);
    if (p->full_once)
        say(p, p->final ? "signer-pin-refused" : "signer-start-failed", true, text);
    set_state(p, rc, text);
}

/* Who died without a word while it opened its key may have been in the middle of a login. With a PIN that let somebody
   in before, another try costs nothing; with another one it may be a wrong one's second. */
static void died_starting(struct signer_parent *p, const char *text) {
    char doubt[2 * ERR_TEXT];
    struct stat now = pin_file(p);
    if (now.st_ino == 0 || same_file(&now, &p->proven)) {
        failed(p, RC_IO, text);
        return;
    }
    (void)snprintf(doubt, sizeof doubt, "%s; it may have tried the PIN, which is not tried again by itself", text);
    failed(p, RC_PIN_LOCKED, doubt);
}

static void leave(struct ward *w) {
    fs_fd_free(&w->end);
    w->end = -1;
    w->stage = LEAVING;
    w->from_ms = os_clock_ms();
}

static struct ward *starting(struct signer_parent *p) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage == STARTING)
            return &p->wards[i];
    return NULL;
}

/* What the one that opens its key has to say. */
static void hear(struct signer_parent *p) {
    uint8_t packet[sizeof(struct signer_tell)];
    struct span heard;
    struct signer_tell t;
    struct ward *w = starting(p);
    if (w == NULL)
        return;
    enum rc rc = signer_channel_hear(w->end, 0, 1, packet, &heard);
    if (rc == RC_BUSY && os_clock_ms() - w->from_ms > READY_MS && !w->killed) {
        w->killed = true;
        kill(w->pid, SIGKILL);
    }
    if (rc != RC_OK || !signer_tell_read(&heard, &t))
        return; /* its death tells the rest */
    if (t.rc == RC_OK) {
        w->stage = READY;
        w->from_ms = os_clock_ms();
        p->proven = pin_file(p);
        set_state(p, RC_OK, "");
        return;
    }
    (void)err_set((enum rc)t.rc, "%.*s", (int)t.len, (const char *)t.bytes);
    leave(w);
    failed(p, (enum rc)t.rc, err_text());
}

static void bury(struct signer_parent *p, struct ward *w, int status) {
    char text[ERR_TEXT];
    if (w->stage == STARTING)
        hear(p); /* its last words */
    const struct ward was = *w;
    describe(p, w, status, text);
    fs_fd_free(&w->end);
    fs_fd_free(&w->asks);
    *w = (struct ward){.end = -1, .asks = -1};
    bool left =
        WIFEXITED(status) && WEXITSTATUS(status) == 0; /* its channel was closed: the server ends, or gave it up */
    if ((was.stage == READY && !left) || was.killed)
        say(p, "signer-helper-died", false, text);
    if (was.stage == READY) {
        pause_before_next(p, os_clock_ms() - was.from_ms < SHORT_MS);
        (void)send_note(p, NEWS_GONE, was.id, -1);
    } else if (was.stage == STARTING) {
        died_starting(p, text);
    }
}

static void collect(struct signer_parent *p) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < SIGNER_HELPERS; i++)
            if (p->wards[i].stage != NOBODY && p->wards[i].pid == pid)
                bury(p, &p->wards[i], status);
}

/* --- Starts --- */

static int ready_count(const struct signer_parent *p) {
    int n = 0;
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        n += p->wards[i].stage == READY;
    return n;
}

/* When the minute's ceiling lets another one be started: in the past, mostly. */
static int64_t ceiling_ms(const struct signer_parent *p) {
    return p->start_count < p->limit ? 0 : p->starts[(p->start_count - p->limit) % STARTS_CAP] + MINUTE_MS;
}

static void pair_close(const struct signer_ends *e) {
    close(e->channel);
    close(e->journal);
}

/* Two socket pairs, or none: the helper's ends, and those for the server and for us. */
static enum rc pairs_open(struct signer_ends *theirs, struct signer_ends *ours) {
    int channel[2], journal[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        FAIL(RC_IO, "socketpair: %s", strerror(errno));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, journal) != 0) {
        close(channel[0]);
        close(channel[1]);
        FAIL(RC_IO, "socketpair: %s", strerror(errno));
    }
    *ours = (struct signer_ends){channel[0], journal[0]};
    *theirs = (struct signer_ends){channel[1], journal[1]};
    enum rc rc = signer_channel_room(channel[0], SIGNER_PACKET);
    if (rc != RC_OK) {
        pair_close(ours);
        pair_close(theirs);
    }
    return rc;
}

static void fork_helper(struct signer_parent *p, struct ward *w) {
    struct signer_ends theirs, ours;
    int self = getpid();
    size_t place = (size_t)(w - p->wards);
    enum rc rc = pairs_open(&theirs, &ours);
    if (rc != RC_OK) {
        failed(p, rc, err_text());
        return;
    }
    p->refused[place] = 0;
    pid_t pid = fork();
    if (pid == 0)
        signer_helper_run(&theirs, &p->cfg, self, &p->refused[place]);
    pair_close(&theirs);
    if (pid < 0) {
        (void)err_set(RC_IO, "fork: %s", strerror(errno));
        pair_close(&ours);
        failed(p, RC_IO, err_text());
        return;
    }
    *w = (struct ward){STARTING, pid, ++p->last_id, ours.channel, ours.journal, os_clock_ms(), false};
    if (!p->full_once)
        return;
    p->restarts++;
    p->starts[p->start_count++ % STARTS_CAP] = os_clock_ms();
}

static void start_due(struct signer_parent *p) {
    int64_t now = os_clock_ms();
    if (ready_count(p) >= p->cfg.helpers) {
        p->full_once = true;
        return;
    }
    if (p->final || starting(p) != NULL || now < p->next_ms || (!p->full_once && p->rc != RC_OK))
        return;
    if (now < ceiling_ms(p)) {
        if (p->rc != RC_BUSY) {
            (void)err_set(RC_BUSY, "signing helpers die again and again: %d have been replaced within a minute",
                          p->limit);
            say(p, "signer-held-back", true, err_text());
            set_state(p, RC_BUSY, err_text());
        }
        return;
    }
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage == NOBODY) {
            fork_helper(p, &p->wards[i]);
            return;
        }
}

/* --- The outside --- */

/* The file of the PIN: its own key of the configuration, or pin-source of the URI. */
static enum rc find_pin(struct signer_parent *p) {
    struct key_uri uri;
    if (p->cfg.pin_file != NULL && p->cfg.pin_file[0] != '\0')
        return text_set(p->pin_path, sizeof p->pin_path, p->cfg.pin_file);
    if (!key_on_token(p->cfg.key_ref))
        return RC_OK;
    TRY(key_uri_parse(p->cfg.key_ref, &uri));
    return text_set(p->pin_path, sizeof p->pin_path, uri.pin_file);
}

/* Read before the first helper is forked: nothing is signed that it does not know of. */
static enum rc open_journal(struct signer_parent *p) {
    char text[ERR_TEXT];
    TRY(signer_journal_open(p->cfg.journal, p->cfg.seal, &p->journal));
    const struct journal_state *is = signer_journal_state(p->journal);
    (void)snprintf(text, sizeof text,
                   "%s: the end of it was unfinished: %llu bytes of what was never signed are cut off", p->cfg.journal,
                   (unsigned long long)is->torn);
    if (is->torn > 0)
        say(p, "journal-cut", false, text);
    return RC_OK;
}

enum rc signer_parent_new(const struct signer_config *cfg, struct signer_parent **out) {
    AUTO_PTR(signer_parent) p = calloc(1, sizeof *p);
    if (p == NULL)
        FAIL(RC_LIMIT, "out of memory");
    p->cfg = *cfg;
    TRY(find_pin(p));
    if (cfg->seal_file != NULL && cfg->seal_file[0] != '\0')
        TRY(seal_open(cfg->seal_file, &p->cfg.seal));
    TRY(open_journal(p));
    p->client = -1;
    p->limit = cfg->restarts > 0 ? cfg->restarts : cfg->helpers + 10;
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        p->wards[i].end = p->wards[i].asks = -1;
    void *page =
        mmap(NULL, SIGNER_HELPERS * sizeof *p->refused, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        FAIL(RC_LIMIT, "no memory: %s", strerror(errno));
    p->page = page;
    p->refused = page;
    *out = MOVE(p);
    return RC_OK;
}

static bool somebody(const struct signer_parent *p) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage != NOBODY)
            return true;
    return false;
}

static void press(struct signer_parent *p) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage == LEAVING && os_clock_ms() - p->wards[i].from_ms > FAREWELL)
            kill(p->wards[i].pid, SIGKILL);
}

/* Waits for nobody but the disk, without which nothing is signed anyway. */
static void keep_journal(struct signer_parent *p) {
    int asks[SIGNER_HELPERS];
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        asks[i] = p->wards[i].asks;
    const char *why = signer_journal_serve(p->journal, asks, SIGNER_HELPERS);
    if (why != NULL && !p->unwritten)
        say(p, "journal-unwritten", true, why);
    if (why == NULL && p->unwritten)
        say(p, "journal-written-again", false, p->cfg.journal);
    p->unwritten = why != NULL;
}

void signer_parent_free(struct signer_parent *p) {
    if (p == NULL)
        return;
    for (size_t i = 0; i < SIGNER_HELPERS; i++) {
        if (p->wards[i].stage == STARTING) /* it would open the key first */
            kill(p->wards[i].pid, SIGKILL);
        if (p->wards[i].stage != NOBODY)
            leave(&p->wards[i]);
    }
    for (collect(p); somebody(p); collect(p)) {
        keep_journal(p); /* who asked gives nothing away before it is answered, and would be ended in the midst */
        press(p);
        os_pause_ms(2);
    }
    if (p->page != NULL)
        munmap(p->page, SIGNER_HELPERS * sizeof *p->refused);
    signer_journal_free(p->journal);
    seal_free(p->cfg.seal);
    free(p);
}

void signer_parent_serve(struct signer_parent *p, int client) {
    p->client = client;
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage == READY && p->wards[i].end < 0)
            leave(&p->wards[i]);
    (void)send_note(p, NEWS_STATE, 0, -1);
}

const struct seal *signer_parent_seal(const struct signer_parent *p) {
    return p->cfg.seal;
}

struct signer_journal *signer_parent_journal(const struct signer_parent *p) {
    return p->journal;
}

void signer_parent_give_chain(struct signer_parent *p, int fd) {
    (void)send_note(p, NEWS_CHAIN, 0, fd);
}

size_t signer_parent_ears(struct signer_parent *p, struct pollfd out[SIGNER_EARS]) {
    const struct ward *w = starting(p);
    size_t n = 0;
    if (w != NULL)
        out[n++] = (struct pollfd){.fd = w->end, .events = POLLIN};
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].asks >= 0)
            out[n++] = (struct pollfd){.fd = p->wards[i].asks, .events = POLLIN};
    return n;
}

int signer_parent_step(struct signer_parent *p) {
    keep_journal(p);
    collect(p);
    hear(p);
    press(p);
    start_due(p);
    hand_over(p);
    int64_t now = os_clock_ms(), next = now + IDLE_MS;
    if (ready_count(p) < p->cfg.helpers && !p->final) {
        int64_t start = starting(p) != NULL ? now + MINUTE_MS : p->next_ms > ceiling_ms(p) ? p->next_ms : ceiling_ms(p);
        next = start < next ? start : next;
    }
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (p->wards[i].stage == LEAVING && p->wards[i].from_ms + FAREWELL + 1 < next)
            next = p->wards[i].from_ms + FAREWELL + 1;
    return next <= now ? 1 : (int)(next - now);
}

/* A helper may only be slow: it is not ended when nobody could take its place, so that there are always some. */
void signer_parent_order(struct signer_parent *p, const struct signer_order *o) {
    if (o->wish == WISH_RETRY) {
        struct stat now = pin_file(p);
        if (p->final && now.st_ino != 0 && same_file(&now, &p->refused_pin))
            return; /* the same PIN again: whoever has the channel would have all its tries */
        p->final = false;
        p->short_lives = 0;
        p->next_ms = 0;
        return;
    }
    for (size_t i = 0; i < SIGNER_HELPERS; i++) {
        struct ward *w = &p->wards[i];
        if (w->stage != READY || w->end >= 0 || w->id != o->id || p->final || os_clock_ms() < ceiling_ms(p))
            continue;
        w->killed = true;
        kill(w->pid, SIGKILL);
    }
}

enum rc signer_parent_began(const struct signer_parent *p) {
    if (p->full_once)
        return RC_OK;
    return p->rc == RC_OK ? RC_BUSY : err_set(p->rc, "%s", p->why);
}
