/* A desk of the pool: one thread has a few of the jobs that wait signed by its helper at a time, in the order they
 * came. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "pki/signer/signer_pool.h"

#define PATIENCE_MS  1500  /* without a word: somebody else is asked too. A helper that is slow tells what it has */
#define PATIENCE_MAX 5000  /* where all are slow, say over a network */
#define HANGS_MS     10000 /* without a word: it is to be replaced */
#define LOST_MS      15000 /* it was not, and is given up all the same */

static size_t size_of(const struct signer_job *j) {
    return sizeof(struct signer_ask) + j->req.old_cert.len + j->req.kur.len + j->req.tbs.len;
}

/* Those that may take from the queue. */
static size_t able(const struct signer *s) {
    size_t n = 0;
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        n += s->desks[i].fd >= 0 && !s->desks[i].gone && !s->desks[i].silent;
    return n > 0 ? n : 1;
}

/* A helper's fair share of those that wait, as many as fit into a packet. One that was asked in vain may be why: it
   goes alone. */
static void take_batch(struct signer *s, struct signer_desk *d) {
    size_t n = able(s), share = (s->queued + n - 1) / n, bytes = 0;
    d->given = d->answered = 0;
    while (s->first != NULL && d->given < share && d->given < SIGNER_BATCH &&
           bytes + size_of(s->first) <= SIGNER_PACKET &&
           (d->given == 0 || (d->hands[0]->tries == 1 && s->first->tries == 0))) {
        bytes += size_of(s->first);
        struct signer_job *job = signer_queue_take(s);
        job->tries++;
        job->hands++;
        d->hands[d->given++] = job;
    }
}

/* Out of all hands and of the queue: its answer is there, or it is given up. */
static void take_back(struct signer *s, struct signer_job *job) {
    if (job->queued)
        signer_queue_out(s, job);
    for (size_t i = 0; i < SIGNER_HELPERS && job->hands > 0; i++)
        for (size_t k = s->desks[i].answered; k < s->desks[i].given; k++)
            if (s->desks[i].hands[k] == job) {
                s->desks[i].hands[k] = NULL;
                job->hands--;
            }
}

/* Who asked hears of it, and goes on from there on this thread. */
static void pass_on(struct signer *s, struct signer_desk *d) {
    size_t n = d->told_count;
    d->told_count = 0;
    signer_finish(s, d->told, n);
}

/* What a helper's answer tells of the journal: RC_BUSY, and nothing else, is its. */
static void note_journal(struct signer *s, enum rc rc) {
    if (rc == RC_OK)
        s->unwritten_ms = 0;
    else if (rc == RC_BUSY)
        s->unwritten_ms = os_clock_ms();
}

static void tell_lost(struct signer *s, const struct signer_tell *t) {
    char text[ERR_TEXT];
    const struct signer_event e = {"signer-token-lost", false, text};
    (void)snprintf(text, sizeof text, "%.*s", (int)t->len, (const char *)t->bytes);
    if (s->tell != NULL)
        s->tell(&e);
}

/* A packet of answers. RC_NETWORK: it is none, or the helper's last; what it says from then on belongs to nobody. */
static enum rc take_tells(struct signer *s, struct signer_desk *d, struct span heard) {
    enum rc all = RC_OK;
    while (heard.len > 0 && d->answered < d->given) {
        struct signer_tell t;
        if (!signer_tell_read(&heard, &t)) {
            all = err_set(RC_NETWORK, "the signing helper answers something else than it was asked");
            break;
        }
        if (t.lost) {
            d->lost = true;
            tell_lost(s, &t);
            all = err_set(RC_NETWORK, "the signing helper's token does not sign any more");
            break;
        }
        struct signer_job *job = d->hands[d->answered];
        note_journal(s, (enum rc)t.rc);
        if (job != NULL) {
            take_back(s, job);
            job->rc = t.rc == RC_OK ? buf_add(&job->signature, t.bytes, t.len)
                                    : err_set((enum rc)t.rc, "%.*s", (int)t.len, (const char *)t.bytes);
            if (job->rc != RC_OK)
                (void)snprintf(job->text, sizeof job->text, "%s", err_text());
            d->told[d->told_count++] = job;
        }
        d->answered++;
    }
    return all;
}

/* Asked twice does no harm: the bytes are the same. In front, and in their order. */
static void ask_others(struct signer *s, struct signer_desk *d) {
    for (size_t i = d->given; i-- > d->answered;) {
        struct signer_job *job = d->hands[i];
        if (job != NULL && job->hands == 1 && job->tries < 2 && !job->queued)
            signer_queue_front(s, job);
    }
    d->silent = true;
    pthread_cond_broadcast(&s->more);
}

/* So many may be asked in vain before it is the job's own fault. A token that was away is so for all who logged in
   before, and each says so at once: then all of them are asked, and one who came after. */
static int most_tries(const struct signer *s, const struct signer_desk *d) {
    return d->lost && s->wanted > 1 ? s->wanted + 1 : 2;
}

/* What the helper leaves behind goes to another one, unless that has it already, or it cost two their lives. */
static void give_up(struct signer *s, struct signer_desk *d, bool was_asked) {
    struct signer_job *lost[SIGNER_BATCH];
    size_t n = 0;
    for (size_t i = d->given; i-- > d->answered;) {
        struct signer_job *job = d->hands[i];
        if (job == NULL)
            continue;
        job->hands--;
        job->tries -= !was_asked;
        if (!job->queued && job->tries < most_tries(s, d)) /* in another's hands still: that one is slow, or it
                                                                would not be here too */
            signer_queue_front(s, job);
        else if (job->hands == 0 && !job->queued)
            lost[n++] = job;
    }
    d->given = d->answered = 0;
    for (size_t i = 0; i < n; i++) {
        lost[i]->rc = err_set(RC_BUSY, d->lost ? "the token of the CA key does not sign: ask again in a moment"
                                               : "two signing helpers gave no answer");
        (void)snprintf(lost[i]->text, sizeof lost[i]->text, "%s", err_text());
    }
    signer_finish(s, lost, n);
}

static int patience(const struct signer *s) {
    int ms = 3 * s->answer_ms;
    return ms < PATIENCE_MS ? PATIENCE_MS : ms > PATIENCE_MAX ? PATIENCE_MAX : ms;
}

/* Nothing heard for so long. False: this helper is given up. */
static bool bear(struct signer *s, struct signer_desk *d, int64_t waited, bool *reported) {
    if (!d->silent && waited >= patience(s))
        ask_others(s, d);
    if (waited >= HANGS_MS && !*reported) {
        signer_link_order(&s->link, WISH_KILL, d->id);
        *reported = true;
    }
    return waited < LOST_MS;
}

/* Hears what the helper answers to a packet, the lock given back while it waits. False: it is of no use any more. */
static bool hear_out(struct signer *s, struct signer_desk *d) {
    uint8_t packet[SIGNER_BATCH * sizeof(struct signer_tell)];
    struct span heard = {0};
    int64_t from = os_clock_ms();
    bool reported = false, good = true;
    while (good && d->answered < d->given) {
        int64_t waited = os_clock_ms() - from;
        int64_t until = !d->silent ? patience(s) : !reported ? HANGS_MS : LOST_MS;
        pthread_mutex_unlock(&s->lock);
        enum rc rc = signer_channel_hear(d->fd, until > waited ? (int)(until - waited) : 0, d->given - d->answered,
                                         packet, &heard);
        pthread_mutex_lock(&s->lock);
        waited = os_clock_ms() - from;
        if (rc == RC_BUSY) {
            good = bear(s, d, waited, &reported);
            continue;
        }
        good = rc == RC_OK && take_tells(s, d, heard) == RC_OK;
        if (d->answered < d->given) /* it is slow and has work: those that are ready need not wait for the rest */
            pass_on(s, d);
        if (good)
            s->answer_ms += ((int)waited - s->answer_ms) / 8;
        from = os_clock_ms();
        reported = d->silent = false;
    }
    d->silent = false;
    return good;
}

/* The helper sees the end of its channel, or ends by itself. One that hangs does not: its parent is told. */
static void clear(struct signer *s, struct signer_desk *d) {
    char byte;
    if (!d->gone && !d->lost && recv(d->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
        signer_link_order(&s->link, WISH_KILL, d->id);
    close(d->fd);
    d->fd = -1;
    s->alive -= !d->gone;
    if (s->alive == 0)
        s->empty_ms = os_clock_ms();
    pthread_cond_broadcast(&s->more);
    pthread_cond_broadcast(&s->freed);
}

/* The helper gets its next packet before the answers to the last one are worked on. A job that another one has too may
   be done, and gone, at any moment without the lock. */
static void serve(struct signer *s, struct signer_desk *d) {
    take_batch(s, d);
    bool shared = d->hands[0]->hands > 1;
    if (s->first != NULL)
        pthread_cond_signal(&s->more);
    if (!shared)
        pthread_mutex_unlock(&s->lock);
    bool asked = signer_channel_send(d->fd, d->hands, d->given) == RC_OK;
    if (!shared)
        pthread_mutex_lock(&s->lock);
    pass_on(s, d);
    if (asked && hear_out(s, d))
        return;
    clear(s, d);
    give_up(s, d, asked);
}

static void *work(void *arg) {
    struct signer_desk *d = arg;
    struct signer *s = d->pool;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping)
        if (d->fd >= 0 && !d->gone && s->first != NULL)
            serve(s, d);
        else if (d->told_count > 0)
            pass_on(s, d);
        else if (d->fd >= 0 && d->gone)
            clear(s, d);
        else
            pthread_cond_wait(d->fd >= 0 ? &s->more : &s->seated, &s->lock);
    pass_on(s, d);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct signer_desk *signer_desk_free(struct signer *s) {
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        if (s->desks[i].fd < 0)
            return &s->desks[i];
    return NULL;
}

enum rc signer_desk_seat(struct signer_desk *d, int fd, uint32_t id) {
    if (!d->threaded)
        TRY(thread_start("capbud-signer", work, d, &d->thread));
    d->threaded = true;
    d->fd = fd;
    d->id = id;
    d->gone = d->silent = d->lost = false;
    d->pool->alive++;
    pthread_cond_broadcast(&d->pool->seated);
    return RC_OK;
}

void signer_desk_empty(struct signer_desk *d) {
    if (d->fd < 0 || d->gone)
        return;
    d->gone = true;
    if (--d->pool->alive == 0)
        d->pool->empty_ms = os_clock_ms();
    (void)shutdown(d->fd, SHUT_RDWR);
    pthread_cond_broadcast(&d->pool->more);
}
