/* Who uses which driver's process. */
#include "driver/driver.h"

#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "driver/driver_table.h"

#define AFTER_FAILURE 5000  /* before it is loaded again: the page looks every second */
#define AFTER_DEATH   30000 /* and when it took its process down */

struct place {                /* of one process; its number is that of its function list in driver_table.h */
    struct driver_host *host; /* NULL: never used */
    unsigned users;
    bool prepared; /* for a driver_open to come */
    bool alone;
    enum rc failed; /* not RC_OK: why it is out until `retry` */
    int64_t retry;
    char why[ERR_TEXT];
};

static struct place places[DRIVERS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool apart;

void driver_apart(void) {
    apart = true;
}

static bool is_file(const char *a, const char *b) {
    return strcmp(a, b) == 0 || fs_same(a, b);
}

/* Called with the lock held, as all below. */
static struct place *shared_place(const char *path) {
    for (size_t i = 0; i < DRIVERS_MAX; i++)
        if (places[i].host != NULL && !places[i].alone && is_file(places[i].host->path, path))
            return &places[i];
    return NULL;
}

static struct place *free_place(void) {
    for (int kept = 0; kept < 2; kept++) /* what is remembered of failures goes last */
        for (size_t i = 0; i < DRIVERS_MAX; i++)
            if (places[i].users == 0 && !places[i].prepared && (kept || places[i].failed == RC_OK))
                return &places[i];
    return NULL;
}

static enum rc remember(struct place *p, enum rc rc) {
    p->failed = rc;
    p->retry = os_clock_ms() + (p->host->death == CKR_OK ? AFTER_FAILURE : AFTER_DEATH);
    (void)snprintf(p->why, sizeof p->why, "%s", err_text());
    return rc;
}

static enum rc start(struct place *p, const char *path) {
    if (p->host == NULL)
        TRY(table_host(p - places, &p->host));
    p->alone = false;
    enum rc rc = host_start(p->host, path);
    return rc == RC_OK ? RC_OK : remember(p, rc);
}

static enum rc place_for(const char *path, bool alone, struct place **out) {
    struct place *p = alone ? NULL : shared_place(path);

    if (p != NULL && (p->users > 0 || p->prepared)) {
        *out = p;
        return RC_OK;
    }
    if (p != NULL && p->failed != RC_OK && os_clock_ms() < p->retry)
        FAIL(p->failed, "%s", p->why);
    p = p == NULL ? free_place() : p;
    if (p == NULL)
        FAIL(RC_LIMIT, "more than %d PKCS#11 modules at once", DRIVERS_MAX);
    TRY(start(p, path));
    p->alone = alone;
    *out = p;
    return RC_OK;
}

void driver_prepare(const char *path) {
    struct place *p;

    if (!apart || !fs_exists(path))
        return;
    pthread_mutex_lock(&lock);
    if (place_for(path, false, &p) == RC_OK)
        p->prepared |= p->users == 0;
    pthread_mutex_unlock(&lock);
}

static void let_go(struct p11_module *m) {
    struct place *p = m->handle;

    pthread_mutex_lock(&lock);
    p->users--;
    if (p->users == 0)
        host_stop(p->host);
    pthread_mutex_unlock(&lock);
}

static enum rc enter(struct p11_module *m, const char *path, bool alone) {
    struct place *p;

    TRY(text_set(m->path, sizeof m->path, path));
    TRY(place_for(path, alone, &p));
    p->prepared = false;
    enum rc rc = p->users > 0 ? RC_OK : host_await(p->host);
    if (rc != RC_OK)
        return alone ? rc : remember(p, rc);
    p->failed = RC_OK;
    p->users++;
    m->handle = p;
    m->fn = table_list(p - places);
    m->end = let_go;
    return RC_OK;
}

static enum rc open_apart(struct p11_module *m, const char *path, bool alone) {
    struct p11_module opened = {0};

    if (!apart)
        return p11_module_open(m, path);
    if (!fs_exists(path))
        FAIL(RC_NOT_FOUND, "cannot load the PKCS#11 module %s: there is no such file", path);
    pthread_mutex_lock(&lock);
    enum rc rc = enter(&opened, path, alone);
    pthread_mutex_unlock(&lock);
    TRY(rc);
    *m = opened;
    return RC_OK;
}

enum rc driver_open(struct p11_module *m, const char *path) {
    return open_apart(m, path, false);
}

enum rc driver_check(const struct p11_module *m) {
    const struct place *p = m->handle;

    if (m->end != let_go || host_check(p->host) == RC_OK)
        return RC_OK;
    return err_in(RC_TOKEN, "%s", m->path);
}

enum rc driver_open_alone(struct p11_module *m, const char *path) {
    return open_apart(m, path, true);
}

void driver_farewells(void (*tell)(void *arg, const char *path, const char *how), void *arg) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < DRIVERS_MAX; i++) {
        struct driver_host *h = places[i].host;
        if (h == NULL || h->farewell[0] == '\0')
            continue;
        tell(arg, h->path, h->farewell);
        h->farewell[0] = '\0';
    }
    pthread_mutex_unlock(&lock);
}
