/* A PKCS#11 module that wraps another one ($SHIM_MODULE), counts the calls and makes one of them fail or kill.
 *
 *   SHIM_FAIL='[C_Name:]N:KIND[:when]'  the Nth call (of the process, or of C_Name) goes wrong. KIND: a CK_RV as 0x… or
 * by name (DEVICE_REMOVED …), `kill` (SIGKILL, or on Windows TerminateProcess with 137; of capbu too, where the driver
 * lives in a process of its own), `crash`, `hang` or `quit` (of the process that the driver is in, and of no other), or
 * `exec` (another program is started in this process, as who has taken it over would). when: `before` the real
 * call (default: it is not made), `after` it, or `gone`: not made, and from then on no token is there. Another text
 * starts counting anew. SHIM_COUNT=F   a line "N C_Name" for each call begun; the last line's N is the total.
 * SHIM_LOG=F     a line "N C_Name CKR_…" for each call ended; never an argument, so never a PIN.
 * SHIM_APPEND=1  several processes write to these files, one after the other; else each begins them anew.
 *   SHIM_FLAGS=final_try,locked,count_low,pin_pad,no_pin   set in CK_TOKEN_INFO; a PIN pad is given $SHIM_PAD.
 *   SHIM_FLAGS=other   another serial number in it, as if the token had been swapped.
 *   SHIM_LIE=lose,forge,hide,fixed   certificates are "written" but not stored; signatures have a bit wrong; no public
 *                  key object is ever found; no attribute can be changed.
 *   SHIM_PLUG=F    only tokens whose label stands as a line in F are plugged in; a token that goes loses its sessions.
 *                  KIND `pull` empties F: the token is pulled out at that call, once, and put back by writing F.
 *   SHIM_EVENTS=1  C_WaitForSlotEvent waits for a change of SHIM_PLUG's file, until C_Finalize; else it does not wait.
 *   SHIM_STICKY=CKR   once a token was pulled out, every call answers that until C_Finalize, as modules do that lose
 *                  their reader with it.
 *   SHIM_SLOW=C_Name:MS   that function takes so many milliseconds longer.
 *   SHIM_GATE=D   while the file D/C_Name is there, that function waits before it does anything.
 *   SHIM_BROKEN=D   while the file D/C_Name is there, that function answers CKR_DEVICE_ERROR.
 *   SHIM_UNIQUE_ID=1   a second certificate with the same CKA_ID is refused with CKR_GENERAL_ERROR, as PKCS#15 cards
 * do. */
#include "lib/p11_calls.h" /* first: says which side of the module we are */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/os.h"
#include "lib/kill.h"
#include "p11/load.h"

enum when { BEFORE, AFTER, GONE };

struct plan {
    char text[128]; /* SHIM_FAIL as it was read */
    char function[40];
    unsigned long nth; /* 0: nothing planned */
    bool pull;
    void (*act)(void); /* not NULL: what it does instead of an answer */
    CK_RV rv;
    enum when when;
};

struct step { /* one call on its way through */
    const char *name;
    unsigned long number;
    bool fires;
    CK_RV rv;
};

static CK_FUNCTION_LIST real;  /* the module's own */
static CK_FUNCTION_LIST inner; /* the same with our falsifications */
static CK_FUNCTION_LIST outer; /* what the caller gets */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct plan plan;
static unsigned long total, hits;
static bool gone, stuck, count_begun, log_begun;

static void die(const char *what, const char *value) {
    fprintf(stderr, "capbu-shim: %s: %s\n", what, value);
    abort();
}

static CK_RV rv_from(const char *kind) {
    const char *bare = strncmp(kind, "CKR_", 4) == 0 ? kind + 4 : kind;
    if (strncmp(kind, "0x", 2) == 0)
        return strtoul(kind, NULL, 16);
    for (CK_RV rv = 0; rv <= CKR_FUNCTION_REJECTED; rv++)
        if (strcmp(p11_rv_name(rv) + 4, bare) == 0)
            return rv;
    die("no such CK_RV", kind);
    return CKR_OK;
}

/* Cuts off what stands before the next colon; NULL when nothing is left. */
static char *part(char **rest) {
    char *begin = *rest, *colon = begin == NULL ? NULL : strchr(begin, ':');
    if (colon != NULL)
        *colon = 0;
    *rest = colon == NULL ? NULL : colon + 1;
    return begin;
}

static void (*act_from(const char *kind))(void) {
    static const struct {
        const char *name;
        void (*act)(void);
    } acts[] = {
        {"kill", kill_all}, {"crash", kill_crash}, {"hang", kill_hang}, {"quit", kill_quit}, {"exec", exec_other}};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(acts[i].name, kind) == 0)
            return acts[i].act;
    return NULL;
}

static void plan_parse(const char *text) {
    char copy[sizeof plan.text], *rest = copy;
    struct plan p = {0};
    if (text_set(p.text, sizeof p.text, text) != RC_OK)
        die("SHIM_FAIL is too long", text);
    memcpy(copy, p.text, sizeof copy);
    char *first = part(&rest);
    if (strncmp(first, "C_", 2) == 0) {
        if (text_set(p.function, sizeof p.function, first) != RC_OK)
            die("SHIM_FAIL names no function", text);
        first = part(&rest);
    }
    char *kind = part(&rest);
    p.nth = first != NULL ? strtoul(first, NULL, 10) : 0;
    if (p.nth == 0 || kind == NULL)
        die("SHIM_FAIL is [C_Name:]N:KIND[:when], not", text);
    p.act = act_from(kind);
    p.pull = strcmp(kind, "pull") == 0;
    p.rv = p.act != NULL ? CKR_OK : p.pull ? CKR_DEVICE_REMOVED : rv_from(kind);
    p.when = rest == NULL || strcmp(rest, "before") == 0 ? BEFORE : strcmp(rest, "after") == 0 ? AFTER : GONE;
    if (p.when == GONE && strcmp(rest, "gone") != 0)
        die("SHIM_FAIL knows before, after and gone, not", rest);
    plan = p;
}

static void plan_refresh(void) {
    const char *text = getenv("SHIM_FAIL");
    if (strcmp(text ? text : "", plan.text) == 0)
        return;
    total = hits = 0;
    gone = false;
    plan = (struct plan){0};
    if (text != NULL && text[0])
        plan_parse(text);
}

/* Straight to the file: a killed process leaves it complete. */
static void record(const char *variable, bool *begun, const char *line, int len) {
    const char *path = getenv(variable);
    if (path == NULL || len <= 0)
        return;
    FILE *f = fopen(path, *begun || getenv("SHIM_APPEND") != NULL ? "ab" : "wb");
    if (f == NULL || fwrite(line, 1, (size_t)len, f) != (size_t)len || fclose(f) != 0)
        die("cannot write", path);
    *begun = true;
}

#define PLUG_TOKENS 96
#define GLANCE_MS   20 /* between two looks at a file */

/* Which tokens of the real module are plugged in, by $SHIM_PLUG. Its sessions end with a token. */
static struct plug {
    CK_SLOT_ID slot;
    bool in;
} plugs[PLUG_TOKENS];
static size_t plug_count;

/* Does the file have this blank-padded label as a line? Without a file there is no token. */
static bool label_listed(const char *path, const CK_UTF8CHAR *label) {
    char line[128];
    bool found = false;
    FILE *f = fopen(path, "r");
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        size_t len = strcspn(line, "\n");
        found = len > 0 && len <= 32 && memcmp(line, label, len) == 0 && (len == 32 || label[len] == ' ');
    }
    if (f != NULL)
        fclose(f);
    return found;
}

static struct plug *plug_of(CK_SLOT_ID slot) {
    for (size_t i = 0; i < plug_count; i++)
        if (plugs[i].slot == slot)
            return &plugs[i];
    if (plug_count == PLUG_TOKENS)
        die("SHIM_PLUG: more tokens than the shim has room for", "");
    plugs[plug_count] = (struct plug){slot, false}; /* what was never in cannot be pulled out */
    return &plugs[plug_count++];
}

static bool plugged_in(CK_SLOT_ID slot) {
    const char *path = getenv("SHIM_PLUG");
    CK_TOKEN_INFO info;
    if (path == NULL || real.C_GetTokenInfo(slot, &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED))
        return true;
    struct plug *p = plug_of(slot);
    bool in = label_listed(path, info.label);
    if (p->in && !in) {
        (void)real.C_CloseAllSessions(slot);
        stuck = getenv("SHIM_STICKY") != NULL;
    }
    p->in = in;
    return in;
}

/* Before any call: a token that went takes its sessions along, whoever asks. */
static void plug_refresh(void) {
    for (size_t i = 0; i < plug_count; i++)
        (void)plugged_in(plugs[i].slot);
}

/* A token is pulled out once, whichever process its driver is in by then. */
static bool first_pull(void) {
    const char *path = getenv("SHIM_PLUG");
    char mark[PATH_CAP];
    return path != NULL && snprintf(mark, sizeof mark, "%s.pulled", path) < (int)sizeof mark &&
           fs_write_new(mark, (struct span){0}, 0600) == RC_OK;
}

static void pull_out(void) {
    const char *path = getenv("SHIM_PLUG");
    FILE *f = path == NULL ? NULL : fopen(path, "wb");
    if (f == NULL || fclose(f) != 0)
        die("`pull` wants SHIM_PLUG", path == NULL ? "" : path);
    plug_refresh();
}

static CK_RV end(struct step *s) {
    char line[128];
    pthread_mutex_lock(&lock);
    if (s->fires && plan.when == AFTER) {
        if (plan.act != NULL)
            plan.act();
        if (plan.pull)
            pull_out();
        s->rv = plan.rv;
    }
    int len = snprintf(line, sizeof line, "%lu %s %s\n", s->number, s->name, p11_rv_name(s->rv));
    record("SHIM_LOG", &log_begun, line, len);
    pthread_mutex_unlock(&lock);
    return s->rv;
}

/* The token was pulled out: what a module says then. */
static CK_RV gone_answer(const char *name) {
    bool about_slots = strcmp(name, "C_GetTokenInfo") == 0 || strcmp(name, "C_OpenSession") == 0 ||
                       strcmp(name, "C_GetMechanismList") == 0;
    return about_slots ? CKR_TOKEN_NOT_PRESENT : CKR_DEVICE_REMOVED;
}

static void dawdle(const char *name) {
    const char *slow = getenv("SHIM_SLOW"), *colon = slow == NULL ? NULL : strchr(slow, ':');
    if (colon == NULL || strlen(name) != (size_t)(colon - slow) || strncmp(slow, name, strlen(name)) != 0)
        return;
    os_pause_ms(strtol(colon + 1, NULL, 10));
}

/* Is there a file of the function's name in the folder that the variable names? */
static bool marked(const char *variable, const char *name) {
    const char *folder = getenv(variable);
    char path[512];
    if (folder == NULL)
        return false;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        die("too long a folder", folder);
    return fs_exists(path);
}

/* False: the real call is not made, and s->rv is the answer. */
static bool begin(const char *name, struct step *s) {
    char line[128];
    dawdle(name);
    while (marked("SHIM_GATE", name))
        os_pause_ms(GLANCE_MS);
    pthread_mutex_lock(&lock);
    plan_refresh();
    plug_refresh();
    bool counts = plan.nth != 0 && (plan.function[0] == 0 || strcmp(plan.function, name) == 0);
    *s = (struct step){name, ++total, counts && ++hits == plan.nth, CKR_OK};
    s->fires = s->fires && (!plan.pull || first_pull());
    record("SHIM_COUNT", &count_begun, line, snprintf(line, sizeof line, "%lu %s\n", s->number, name));
    bool made = true;
    if (strcmp(name, "C_Finalize") == 0)
        stuck = false;
    if (stuck && strcmp(name, "C_GetFunctionList") != 0) {
        s->rv = rv_from(getenv("SHIM_STICKY"));
        made = false;
    } else if (marked("SHIM_BROKEN", name)) {
        s->rv = CKR_DEVICE_ERROR;
        made = false;
    } else if (gone && strcmp(name, "C_GetSlotList") != 0 && strcmp(name, "C_Finalize") != 0) {
        s->rv = gone_answer(name);
        made = false;
    } else if (s->fires && plan.when != AFTER) {
        if (plan.act != NULL)
            plan.act();
        if (plan.pull)
            pull_out();
        gone = plan.when == GONE;
        s->rv = plan.rv;
        made = false;
    }
    pthread_mutex_unlock(&lock);
    return made;
}

static CK_RV false_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    CK_SLOT_ID all[PLUG_TOKENS];
    CK_ULONG n = PLUG_TOKENS, kept = 0, room = slots == NULL ? 0 : *count;
    if (!present || (!gone && getenv("SHIM_PLUG") == NULL))
        return real.C_GetSlotList(present, slots, count);
    CK_RV rv = gone ? CKR_OK : real.C_GetSlotList(present, NULL, &n);
    if (rv == CKR_OK && !gone && n <= PLUG_TOKENS)
        rv = real.C_GetSlotList(present, all, &n);
    for (CK_ULONG i = 0; rv == CKR_OK && !gone && i < n; i++) {
        if (!plugged_in(all[i]))
            continue;
        if (kept < room)
            slots[kept] = all[i];
        kept++;
    }
    *count = kept;
    return rv == CKR_OK && slots != NULL && kept > room ? CKR_BUFFER_TOO_SMALL : rv;
}

static CK_RV false_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    CK_RV rv = real.C_GetTokenInfo(slot, info);
    const char *flags = getenv("SHIM_FLAGS");
    if (rv == CKR_OK && !plugged_in(slot))
        return CKR_TOKEN_NOT_PRESENT;
    if (rv != CKR_OK || flags == NULL)
        return rv;
    if (strstr(flags, "final_try"))
        info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (strstr(flags, "locked"))
        info->flags |= CKF_USER_PIN_LOCKED;
    if (strstr(flags, "count_low"))
        info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (strstr(flags, "pin_pad")) /* the PIN "typed on it" is $SHIM_PAD */
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (strstr(flags, "no_pin"))
        info->flags &= ~(CK_FLAGS)CKF_USER_PIN_INITIALIZED;
    if (strstr(flags, "other"))
        info->serialNumber[0] ^= 1;
    return rv;
}

static _Atomic int finalised; /* how often */

static CK_RV false_finalize(void *reserved) {
    finalised++;
    return real.C_Finalize(reserved);
}

/* What the file says; nothing when it is not there. */
static void plug_file(const char *path, struct buf *out) {
    buf_clear(out);
    if (fs_read(path, 65536, out) != RC_OK)
        buf_clear(out);
}

static CK_RV false_wait(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved) {
    const char *path = getenv("SHIM_PLUG");
    AUTO(buf) before = {0};
    AUTO(buf) now = {0};
    int epoch = finalised;
    if (path == NULL || getenv("SHIM_EVENTS") == NULL || (flags & CKF_DONT_BLOCK))
        return real.C_WaitForSlotEvent(flags, slot, reserved);
    plug_file(path, &before);
    while (epoch == finalised) {
        plug_file(path, &now);
        if (!span_eq(buf_span(&now), buf_span(&before)))
            return CKR_OK;
        os_pause_ms(GLANCE_MS);
    }
    return CKR_CRYPTOKI_NOT_INITIALIZED;
}

/* Does another certificate than `self` carry the CKA_ID of this template? */
static bool id_taken(CK_SESSION_HANDLE session, const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE self) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE wanted[2] = {{CKA_CLASS, &class, sizeof class}};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG n = 0;
    for (CK_ULONG i = 0; i < count; i++)
        if (templ[i].type == CKA_ID)
            wanted[1] = templ[i];
    if (getenv("SHIM_UNIQUE_ID") == NULL || wanted[1].ulValueLen == 0)
        return false;
    if (real.C_FindObjectsInit(session, wanted, 2) != CKR_OK || real.C_FindObjects(session, found, 2, &n) != CKR_OK ||
        real.C_FindObjectsFinal(session) != CKR_OK)
        return false;
    return n == 2 || (n == 1 && found[0] != self);
}

static CK_RV false_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG len) {
    char *pad = getenv("SHIM_PAD");
    if (pin != NULL || pad == NULL)
        return real.C_Login(session, user, pin, len);
    return real.C_Login(session, user, (CK_BYTE *)pad, strlen(pad));
}

static CK_RV false_open(CK_SLOT_ID slot, CK_FLAGS flags, void *arg, CK_NOTIFY notify, CK_SESSION_HANDLE *session) {
    return plugged_in(slot) ? real.C_OpenSession(slot, flags, arg, notify, session) : CKR_TOKEN_NOT_PRESENT;
}

static CK_OBJECT_CLASS object_class(const CK_ATTRIBUTE *templ, CK_ULONG count) {
    CK_OBJECT_CLASS class = CKO_DATA;
    for (CK_ULONG i = 0; i < count; i++)
        if (templ[i].type == CKA_CLASS && templ[i].ulValueLen == sizeof class)
            memcpy(&class, templ[i].pValue, sizeof class);
    return class;
}

static bool is_cert(const CK_ATTRIBUTE *templ, CK_ULONG count) {
    return object_class(templ, count) == CKO_CERTIFICATE;
}

static bool lies(const char *how) {
    const char *told = getenv("SHIM_LIE");
    return told != NULL && strstr(told, how) != NULL;
}

static CK_RV false_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *object) {
    if (is_cert(templ, count) && lies("lose")) {
        *object = 1;
        return CKR_OK;
    }
    if (is_cert(templ, count) && id_taken(session, templ, count, 0))
        return CKR_GENERAL_ERROR;
    return real.C_CreateObject(session, templ, count, object);
}

static CK_RV false_set(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *templ, CK_ULONG count) {
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE a = {CKA_CLASS, &class, sizeof class};
    if (lies("fixed"))
        return CKR_ATTRIBUTE_READ_ONLY;
    if (real.C_GetAttributeValue(session, object, &a, 1) == CKR_OK && class == CKO_CERTIFICATE &&
        id_taken(session, templ, count, object))
        return CKR_GENERAL_ERROR;
    return real.C_SetAttributeValue(session, object, templ, count);
}

static CK_RV false_find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *templ, CK_ULONG count) {
    CK_OBJECT_CLASS none = CKO_VENDOR_DEFINED;
    CK_ATTRIBUTE nothing = {CKA_CLASS, &none, sizeof none};
    if (object_class(templ, count) == CKO_PUBLIC_KEY && lies("hide"))
        return real.C_FindObjectsInit(session, &nothing, 1);
    return real.C_FindObjectsInit(session, templ, count);
}

static CK_RV false_sign(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len) {
    CK_RV rv = real.C_Sign(session, in, len, out, out_len);
    if (rv == CKR_OK && out != NULL && lies("forge"))
        out[*out_len - 1] ^= 1;
    return rv;
}

#define CALL_(name, params, args)                                                                                      \
    static CK_RV shim_##name params {                                                                                  \
        struct step s;                                                                                                 \
        if (begin(#name, &s))                                                                                          \
            s.rv = inner.name args;                                                                                    \
        return end(&s);                                                                                                \
    }
CALLS(DEFINE)

static void load(void) {
    const char *path = getenv("SHIM_MODULE");
    void *handle = NULL;
    if (path != NULL && load_open(path, &handle) != RC_OK)
        die("cannot load SHIM_MODULE", err_text());
    CK_C_GetFunctionList get = handle != NULL ? (CK_C_GetFunctionList)load_symbol(handle, "C_GetFunctionList") : NULL;
    CK_FUNCTION_LIST *list = NULL;
    if (get == NULL || get(&list) != CKR_OK)
        die("cannot load SHIM_MODULE", path != NULL ? path : "(not set)");
    real = inner = outer = *list;
    inner.C_GetSlotList = false_slot_list;
    inner.C_GetTokenInfo = false_token_info;
    inner.C_OpenSession = false_open;
    inner.C_Login = false_login;
    inner.C_Finalize = false_finalize;
    inner.C_WaitForSlotEvent = false_wait;
    inner.C_CreateObject = false_create;
    inner.C_SetAttributeValue = false_set;
    inner.C_FindObjectsInit = false_find;
    inner.C_Sign = false_sign;
#define FILL(n, name, ...) outer.name = shim_##name;
    CALLS(FILL)
    outer.C_GetFunctionList = C_GetFunctionList;
}

P11_EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    struct step s;
    if (begin("C_GetFunctionList", &s))
        *list = &outer;
    return end(&s);
}
