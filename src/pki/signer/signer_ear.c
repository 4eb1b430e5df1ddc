/* Hears what the parent of the helpers has to say to the pool, and finds a service again that was away. */
#include <stdio.h>
#include <unistd.h>

#include "pki/signer/signer_pool.h"

#define FIRST_MS   120000 /* several helpers log in to a slow HSM one after the other; each has its own limit */
#define SERVICE_MS 3000   /* a service has its helpers ready, or is not waited for */
#define LISTEN_MS  500
#define AWAY_MS    200 /* between two calls to a service that is away: doubled each time … */
#define AWAY_MAX   3000

#define AWAY "the signer service is away: see that capbud --signer runs"
#define LOST "the parent of the signing helpers has ended, and does not come back"

static void set_state(struct signer *s, enum rc rc, const char *text) {
    s->hope = rc == RC_OK;
    s->rc = rc;
    (void)snprintf(s->why, sizeof s->why, "%s", rc == RC_OK ? "" : text);
}

static void seat(struct signer *s, uint32_t id, int fd) {
    struct signer_desk *d;
    while ((d = signer_desk_free(s)) == NULL && !s->stopping)
        pthread_cond_wait(&s->freed, &s->lock); /* who sat there is dead, and its desk is being cleared */
    if (d == NULL || s->stopping || signer_desk_seat(d, fd, id) != RC_OK)
        close(fd);
}

static void dismiss(struct signer *s, uint32_t id) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (s->desks[i].fd >= 0 && s->desks[i].id == id)
            signer_desk_empty(&s->desks[i]);
}

static void tell(struct signer *s, const char *name, bool grave) {
    const struct signer_event e = {name, grave, grave ? s->why : s->link.path};
    if (s->tell != NULL && !s->stopping)
        s->tell(&e);
}

static void put_chain(struct signer *s, int fd) {
    fs_fd_free(&s->chain);
    s->chain = fd;
}

static void take_note(struct signer *s, const struct signer_note *n, int fd) {
    s->wanted = (int)n->wanted;
    s->restarts = n->restarts;
    if (n->news == NEWS_HELPER && fd >= 0)
        seat(s, n->id, fd);
    else if (n->news == NEWS_CHAIN && fd >= 0)
        put_chain(s, fd);
    else if (fd >= 0)
        close(fd);
    if (n->news == NEWS_GONE)
        dismiss(s, n->id);
    if (n->news != NEWS_STATE)
        return;
    set_state(s, (enum rc)n->rc, n->text);
    if (s->hope && s->away)
        tell(s, "signer-service-back", false);
    s->away = s->away && !s->hope;
    s->pause_ms = s->hope ? AWAY_MS : s->pause_ms;
}

/* Helpers end with the channels that they have: what they had in their hands another one gets. */
static void lose(struct signer *s) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        signer_desk_empty(&s->desks[i]);
    fs_fd_free(&s->link.fd);
    put_chain(s, -1);
    s->link.fd = -1;
    if (s->why[0] == '\0') /* else it has said why it does not want us */
        set_state(s, s->link.path != NULL ? RC_NETWORK : RC_BUG, s->link.path != NULL ? AWAY : LOST);
    s->hope = false;
    if (!s->away)
        tell(s, s->link.path != NULL ? "signer-service-away" : "signer-parent-died", true);
    s->away = true;
    s->call_ms = os_clock_ms() + s->pause_ms;
}

enum rc signer_ear_first(struct signer *s) {
    bool service = s->link.path != NULL;
    int64_t until = os_clock_ms() + (service ? SERVICE_MS : FIRST_MS);
    pthread_mutex_lock(&s->lock);
    s->pause_ms = AWAY_MS;
    set_state(s, RC_OK, "");
    if (s->link.fd < 0)
        lose(s);
    enum rc rc = RC_OK, state = RC_OK;
    while (s->link.fd >= 0 && rc == RC_OK && state == RC_OK && (s->wanted == 0 || s->alive < s->wanted)) {
        struct signer_note n;
        int fd, left = (int)(until - os_clock_ms());
        pthread_mutex_unlock(&s->lock);
        rc = signer_link_hear(&s->link, left < 0 ? 0 : left, &n, &fd);
        pthread_mutex_lock(&s->lock);
        if (rc != RC_OK)
            break;
        take_note(s, &n, fd);
        if (n.news == NEWS_STATE)
            state = (enum rc)n.rc;
    }
    pthread_mutex_unlock(&s->lock);
    if (service)
        return RC_OK;
    if (state != RC_OK)
        FAIL(state, "%s", s->why);
    return rc == RC_OK ? RC_OK : err_set(RC_IO, "the signing helpers did not start");
}

/* For a service that is away; a parent that we forked ourselves does not come back. */
static void call_again(struct signer *s) {
    pthread_mutex_unlock(&s->lock);
    os_pause_ms(AWAY_MS);
    pthread_mutex_lock(&s->lock);
    if (s->link.path == NULL || os_clock_ms() < s->call_ms || s->stopping)
        return;
    s->pause_ms = 2 * s->pause_ms < AWAY_MAX ? 2 * s->pause_ms : AWAY_MAX;
    s->call_ms = os_clock_ms() + s->pause_ms;
    if (signer_link_connect(&s->link) != RC_OK)
        return;
    s->empty_ms = os_clock_ms();
    set_state(s, RC_OK, "");
}

void *signer_ear_run(void *arg) {
    struct signer *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping) {
        struct signer_note n;
        int fd = -1;
        signer_refuse_hopeless(s);
        if (s->link.fd < 0) {
            call_again(s);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        enum rc rc = signer_link_hear(&s->link, LISTEN_MS, &n, &fd);
        pthread_mutex_lock(&s->lock);
        if (rc == RC_OK)
            take_note(s, &n, fd);
        else if (rc == RC_NETWORK)
            lose(s);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}
