/* One driver's process: its calls, its limits, its end. */
#include "driver/driver_host.h"

#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "base/utf8.h"

#define PATIENCE  120 /* seconds for who types on a PIN pad */
#define REVIVALS  2
#define PEACE_MS  2000 /* for C_Finalize, which some drivers never come back from */
#define CORPSE_MS 500  /* between the end of the way and that of the process */

/* Each call's name in the standard, and the seconds after which a driver is silent. What is written or signed takes a
   card some of them; a person waits for the rest. */
static const struct {
    const char *name;
    int seconds;
    bool person; /* waits for somebody, where the token has a PIN pad */
} OPS[OP_COUNT] = {
    [OP_LOAD] = {"C_Initialize", 12, false},
    [OP_SLOTS] = {"C_GetSlotList", 10, false},
    [OP_SLOT_INFO] = {"C_GetSlotInfo", 10, false},
    [OP_TOKEN_INFO] = {"C_GetTokenInfo", 10, false},
    [OP_MECHANISMS] = {"C_GetMechanismList", 10, false},
    [OP_MECHANISM_INFO] = {"C_GetMechanismInfo", 10, false},
    [OP_SESSION_OPEN] = {"C_OpenSession", 10, false},
    [OP_SESSION_CLOSE] = {"C_CloseSession", 10, false},
    [OP_SESSION_INFO] = {"C_GetSessionInfo", 10, false},
    [OP_LOGIN] = {"C_Login", 12, true},
    [OP_LOGOUT] = {"C_Logout", 10, false},
    [OP_CREATE] = {"C_CreateObject", 12, false},
    [OP_DESTROY] = {"C_DestroyObject", 12, false},
    [OP_READ] = {"C_GetAttributeValue", 10, false},
    [OP_SET] = {"C_SetAttributeValue", 12, false},
    [OP_FIND_INIT] = {"C_FindObjectsInit", 10, false},
    [OP_FIND] = {"C_FindObjects", 10, false},
    [OP_FIND_FINAL] = {"C_FindObjectsFinal", 10, false},
    [OP_SIGN_INIT] = {"C_SignInit", 12, true},
    [OP_SIGN] = {"C_Sign", 12, true},
    [OP_WAIT] = {"C_WaitForSlotEvent", 0, false},
};

static int seconds_for(const struct driver_host *h, enum driver_op op) {
    return OPS[op].person && h->patient ? PATIENCE : OPS[op].seconds;
}

static int64_t limit(const struct driver_host *h, enum driver_op op) {
    if (op == OP_LOAD)
        return h->load_until; /* several begin at the same time */
    return op == OP_WAIT ? CHILD_NO_LIMIT : os_clock_ms() + 1000LL * seconds_for(h, op);
}

void host_init(struct driver_host *h) {
    pthread_mutex_init(&h->lock, NULL);
    pthread_mutex_init(&h->ends, NULL);
}

static struct child_end bury(struct driver_host *h, int ms) {
    pthread_mutex_lock(&h->ends);
    struct child_end end = child_reap(&h->child, h->closing ? 0 : ms);
    h->alive = false;
    pthread_mutex_unlock(&h->ends);
    return end;
}

/* Says what became of it, for who asks from now on. */
static void die(struct driver_host *h, enum driver_op op, CK_RV death, const char *how) {
    h->death = death;
    h->last = op;
    h->final = death == CKR_DRIVER_SILENT || op == OP_LOGIN || op == OP_LOAD;
    (void)snprintf(h->detail, sizeof h->detail, "%s in %s%s", how, OPS[op].name,
                   op == OP_LOGIN ? "; the PIN may have been tried" : "");
}

static void die_of(struct driver_host *h, enum driver_op op, enum child_got got) {
    if (got == CHILD_LATE) {
        char how[32];
        (void)snprintf(how, sizeof how, "%d s", seconds_for(h, op));
        (void)bury(h, 0);
        die(h, op, CKR_DRIVER_SILENT, how);
        return;
    }
    struct child_end end = bury(h, CORPSE_MS);
    die(h, op, end.crashed ? CKR_DRIVER_CRASHED : CKR_DRIVER_EXITED, end.how);
}

static void die_of_nonsense(struct driver_host *h, enum driver_op op) {
    (void)bury(h, 0);
    die(h, op, CKR_DRIVER_NONSENSE, "no answer");
}

static bool send_call(struct host_call *c, struct span secret) {
    struct driver_host *h = c->host;
    uint8_t head[WIRE_HEAD];
    int64_t until = limit(h, c->op);

    wire_head(c->op, c->out.len + secret.len, head);
    enum child_got got = child_send(&h->child, span_of(head, sizeof head), until);
    if (got == CHILD_FINE)
        got = child_send(&h->child, span_of(c->out.at, c->out.len), until);
    if (got == CHILD_FINE)
        got = child_send(&h->child, secret, until);
    if (got != CHILD_FINE)
        die_of(h, c->op, got);
    return got == CHILD_FINE;
}

static bool take_answer(struct host_call *c) {
    struct driver_host *h = c->host;
    uint8_t head[WIRE_HEAD];
    enum driver_op op;
    size_t len = 0;
    int64_t until = limit(h, c->op);

    enum child_got got = child_receive(&h->child, head, sizeof head, until);
    if (got == CHILD_FINE && (!wire_head_parse(head, &op, &len) || op != c->op)) {
        die_of_nonsense(h, c->op);
        return false;
    }
    if (got == CHILD_FINE)
        got = child_receive(&h->child, h->in, len, until);
    if (got != CHILD_FINE)
        die_of(h, c->op, got);
    c->in = (struct wire_in){h->in, got == CHILD_FINE ? len : 0, false};
    return got == CHILD_FINE;
}

static CK_RV told(const struct driver_host *h) {
    p11_rv_tell(h->detail);
    return h->death;
}

static struct host_call opened(struct driver_host *h, enum driver_op op) {
    return (struct host_call){.host = h, .op = op, .out = {h->out, 0, sizeof h->out, false}};
}

/* Sends what a driver begins with. */
static enum rc begin(struct driver_host *h) {
    TRY(child_start(&h->child));
    h->alive = h->loading = true;
    h->closing = false;
    memset(h->sessions, 0, sizeof h->sessions);
    h->load_until = os_clock_ms() + 1000LL * OPS[OP_LOAD].seconds;
    struct host_call c = opened(h, OP_LOAD);
    wire_put_bytes(&c.out, span_str(h->path));
    (void)send_call(&c, (struct span){0}); /* who awaits it hears of it */
    return RC_OK;
}

enum rc host_start(struct driver_host *h, const char *path) {
    pthread_mutex_lock(&h->lock);
    enum rc rc = text_set(h->path, sizeof h->path, path);
    h->revivals = REVIVALS;
    h->final = h->patient = false;
    h->death = CKR_OK;
    rc = rc == RC_OK ? begin(h) : rc;
    pthread_mutex_unlock(&h->lock);
    return rc;
}

static enum rc code_of(uint8_t told_code) {
    static const enum rc codes[] = {RC_OK, RC_NOT_FOUND, RC_LIMIT, RC_IO};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (told_code == codes[i])
            return codes[i];
    return RC_TOKEN;
}

/* The text is the driver's in part: it is shown to people. */
static enum rc loaded(struct host_call *c) {
    char text[ERR_TEXT] = "";
    enum rc rc = code_of(wire_take_byte(&c->in));
    CK_RV rv = wire_take_number(&c->in);

    c->host->waits = wire_take_bool(&c->in);
    if (text_set_span(text, sizeof text, wire_take_bytes(&c->in, sizeof text - 1)) != RC_OK || !wire_whole(&c->in)) {
        die_of_nonsense(c->host, OP_LOAD);
        return p11_check(told(c->host), "C_Initialize");
    }
    utf8_tame(text);
    if (rc == RC_OK)
        return RC_OK;
    (void)p11_check(rv, "C_Initialize"); /* kept: p11_last_rv */
    FAIL(rc, "%s", text);
}

static enum rc await(struct driver_host *h) {
    struct host_call c = opened(h, OP_LOAD);

    if (!h->loading)
        return RC_OK;
    h->loading = false;
    if (!h->alive || !take_answer(&c))
        return err_in(p11_check(told(h), "C_Initialize"), "%s", h->path);
    return loaded(&c);
}

/* Who waits in a call is not waited for, and tells nothing by that. */
static void note_farewell(struct driver_host *h, struct child_end end) {
    if (h->closing || end.peaceful)
        return;
    if (end.killed)
        (void)snprintf(h->farewell, sizeof h->farewell, "%d s in C_Finalize", PEACE_MS / 1000);
    else
        (void)snprintf(h->farewell, sizeof h->farewell, "%s in C_Finalize", end.how);
}

static void stop(struct driver_host *h) {
    if (h->alive)
        note_farewell(h, bury(h, PEACE_MS));
    h->death = h->death == CKR_OK ? CKR_CRYPTOKI_NOT_INITIALIZED : h->death;
    h->final = true;
}

enum rc host_await(struct driver_host *h) {
    pthread_mutex_lock(&h->lock);
    enum rc rc = await(h);
    if (rc != RC_OK && h->alive) {
        child_hang_up(&h->child);
        stop(h);
    }
    pthread_mutex_unlock(&h->lock);
    return rc;
}

enum rc host_check(struct driver_host *h) {
    pthread_mutex_lock(&h->lock);
    enum rc rc = h->alive ? RC_OK : p11_check(told(h), OPS[h->last].name);
    pthread_mutex_unlock(&h->lock);
    return rc;
}

void host_stop(struct driver_host *h) {
    bool free_now = pthread_mutex_trylock(&h->lock) == 0;

    pthread_mutex_lock(&h->ends);
    h->closing = !free_now; /* somebody waits in a call: no peace for it */
    if (h->alive)
        child_hang_up(&h->child);
    pthread_mutex_unlock(&h->ends);
    if (!free_now)
        pthread_mutex_lock(&h->lock);
    stop(h);
    pthread_mutex_unlock(&h->lock);
}

/* A driver that crashed or ended is started anew where a look begins; its slots are asked for first, as some want it.
 */
static void revive(struct driver_host *h) {
    if (h->alive || h->final || h->revivals == 0)
        return;
    h->revivals--;
    if (begin(h) != RC_OK || await(h) != RC_OK)
        return;
    struct host_call c = opened(h, OP_SLOTS);
    wire_put_byte(&c.out, CK_TRUE);
    wire_put_byte(&c.out, 1);
    wire_put_number(&c.out, WIRE_SLOTS_MAX);
    if (send_call(&c, (struct span){0}))
        (void)take_answer(&c);
}

void call_begin(struct host_call *c, struct driver_host *h, enum driver_op op) {
    pthread_mutex_lock(&h->lock);
    if (op == OP_SLOTS || op == OP_TOKEN_INFO)
        revive(h);
    *c = opened(h, op);
    c->rv = h->alive ? CKR_OK : told(h);
}

struct host_session *host_session(struct driver_host *h, CK_SESSION_HANDLE number) {
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (h->sessions[i].number == number)
            return &h->sessions[i];
    return NULL;
}

void call_session(struct host_call *c, CK_SESSION_HANDLE session) {
    struct driver_host *h = c->host;
    const struct host_session *known = session == 0 ? NULL : host_session(h, session);

    if (c->rv == CKR_OK && known == NULL) /* perhaps it went with the process it was of */
        c->rv = h->death != CKR_OK && session <= h->numbers ? told(h) : CKR_SESSION_HANDLE_INVALID;
    wire_put_number(&c->out, known == NULL ? 0 : known->real);
}

bool call_go(struct host_call *c, struct span secret) {
    if (c->rv == CKR_OK && (c->out.full || secret.len > WIRE_MAX - c->out.len))
        c->rv = CKR_ARGUMENTS_BAD;
    if (c->rv != CKR_OK)
        return false;
    if (!send_call(c, secret) || !take_answer(c)) {
        c->rv = told(c->host);
        return false;
    }
    c->rv = wire_take_number(&c->in);
    return c->rv == CKR_OK && !c->in.bad;
}

CK_RV call_end(struct host_call *c) {
    if (c->in.at != NULL && !wire_whole(&c->in)) {
        if (c->host->alive)
            die_of_nonsense(c->host, c->op);
        c->rv = told(c->host);
    }
    CK_RV rv = c->rv;
    pthread_mutex_unlock(&c->host->lock);
    return rv;
}
