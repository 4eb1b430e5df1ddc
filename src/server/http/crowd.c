/* A list for each turn, in the order in which it began, so that who gives way stands at its head; and a table of
   addresses and blocks with their counts. A shut socket is closed by its owner: nobody else's number is ever shut. */
#include "server/http/crowd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/digest.h"
#include "server/http/caller.h"

#define TABLE    4096
#define WHOLE    0 /* kinds of places: an address ... */
#define BLOCK    1 /* ... or its block */
#define KEY_LEN  (PEER_LEN + 1)
#define AHEAD_OF ((const enum turn[]){TURN_IDLE, TURN_NEW, TURN_CALLER}) /* who gives way, after the slow newcomers */

struct place {
    struct place *next;
    uint8_t key[KEY_LEN];
    int count;
};

struct crowd {
    pthread_mutex_t lock;
    struct crowd_limits limits;
    uint8_t secret[SHA256_LEN];     /* so that nobody can choose addresses that fall together */
    struct guest turns[TURN_COUNT]; /* heads of rings */
    struct place *table[TABLE];
    int here, leaving;
};

enum rc crowd_new(const struct crowd_limits *limits, struct crowd **out) {
    struct crowd *c = calloc(1, sizeof *c);

    if (c == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&c->lock, NULL);
    random_bytes(c->secret, sizeof c->secret);
    c->limits = *limits;
    for (int i = 0; i < TURN_COUNT; i++)
        c->turns[i].next = c->turns[i].prev = &c->turns[i];
    *out = c;
    return RC_OK;
}

void crowd_free(struct crowd *c) {
    if (c == NULL)
        return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct place **slot_of(struct crowd *c, const uint8_t key[KEY_LEN]) {
    struct sha256 h = sha256_of2(span_of(c->secret, sizeof c->secret), span_of(key, KEY_LEN));
    struct place **at = &c->table[(h.bytes[0] | h.bytes[1] << 8) % TABLE];

    while (*at != NULL && memcmp((*at)->key, key, KEY_LEN) != 0)
        at = &(*at)->next;
    return at;
}

/* NULL: out of memory. */
static struct place *place_take(struct crowd *c, uint8_t kind, const uint8_t addr[PEER_LEN]) {
    uint8_t key[KEY_LEN] = {kind};

    memcpy(key + 1, addr, PEER_LEN);
    struct place **at = slot_of(c, key);
    if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL)
        memcpy((*at)->key, key, KEY_LEN);
    if (*at != NULL)
        (*at)->count++;
    return *at;
}

static void place_give(struct crowd *c, struct place *p) {
    if (p == NULL || --p->count > 0)
        return;
    struct place **at = slot_of(c, p->key);
    *at = p->next;
    free(p);
}

static void unlink_guest(struct guest *g) {
    g->prev->next = g->next;
    g->next->prev = g->prev;
}

static void append(struct crowd *c, struct guest *g, enum turn turn) {
    struct guest *ring = &c->turns[turn];

    g->turn = turn;
    g->next = ring;
    g->prev = ring->prev;
    g->prev->next = g;
    ring->prev = g;
}

static void give_places(struct crowd *c, struct guest *g) {
    place_give(c, MOVE(g->address));
    place_give(c, MOVE(g->block));
}

static void send_away(struct crowd *c, struct guest *g) {
    shutdown(g->fd, SHUT_RDWR);
    unlink_guest(g);
    give_places(c, g);
    append(c, g, TURN_GONE);
    c->here--;
    c->leaving++;
}

/* Everybody when `of` is NULL. */
static bool belongs(const struct guest *g, const struct place *of) {
    return of == NULL || g->address == of || g->block == of;
}

static struct guest *first_of(struct crowd *c, enum turn turn, const struct place *of) {
    struct guest *ring = &c->turns[turn];

    for (struct guest *g = ring->next; g != ring; g = g->next)
        if (belongs(g, of))
            return g;
    return NULL;
}

static struct guest *who_gives_way(struct crowd *c, const struct place *of, int64_t now_ms) {
    struct guest *g = first_of(c, TURN_NEW, of);

    if (g != NULL && now_ms - g->since_ms >= CROWD_GRACE_MS)
        return g;
    g = NULL;
    for (size_t i = 0; i < sizeof AHEAD_OF / sizeof AHEAD_OF[0] && g == NULL; i++)
        g = first_of(c, AHEAD_OF[i], of);
    return g;
}

/* Among whom room must be made for `g`, whose places are counted already; false: there is room. */
static bool is_crowded(const struct crowd *c, const struct guest *g, const struct place **of) {
    *of = NULL;
    if (g->address->count > c->limits.per_address)
        *of = g->address;
    else if (g->block->count > c->limits.per_block)
        *of = g->block;
    return *of != NULL || c->here >= c->limits.all;
}

static enum rc make_room(struct crowd *c, const struct guest *g, int64_t now_ms) {
    const struct place *of;

    if (c->here + c->leaving >= c->limits.all + CROWD_LEAVING)
        FAIL(RC_BUSY, "too many connections are about to be closed");
    if (!is_crowded(c, g, &of))
        return RC_OK;
    struct guest *away = who_gives_way(c, of, now_ms);
    if (away == NULL)
        FAIL(RC_BUSY, "all places are taken");
    send_away(c, away);
    return RC_OK;
}

static enum rc enter(struct crowd *c, struct guest *g, const struct peer *who, int64_t now_ms) {
    uint8_t block[PEER_LEN];

    caller_block(who, block);
    g->address = place_take(c, WHOLE, who->limited_by);
    g->block = place_take(c, BLOCK, block);
    if (g->address == NULL || g->block == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(make_room(c, g, now_ms));
    append(c, g, TURN_NEW);
    c->here++;
    return RC_OK;
}

enum rc crowd_enter(struct crowd *c, struct guest *g, int fd, const struct peer *who, int64_t now_ms,
                    int64_t until_ms) {
    g->fd = fd;
    g->since_ms = now_ms;
    g->until_ms = until_ms;
    pthread_mutex_lock(&c->lock);
    enum rc rc = enter(c, g, who, now_ms);
    if (rc != RC_OK)
        give_places(c, g);
    pthread_mutex_unlock(&c->lock);
    return rc;
}

void crowd_turn(struct crowd *c, struct guest *g, enum turn turn, int64_t now_ms, int64_t until_ms) {
    pthread_mutex_lock(&c->lock);
    if (g->turn != TURN_GONE) {
        g->until_ms = until_ms;
        if (g->turn != turn) {
            g->since_ms = now_ms;
            unlink_guest(g);
            append(c, g, turn);
        }
    }
    pthread_mutex_unlock(&c->lock);
}

void crowd_leave(struct crowd *c, struct guest *g) {
    pthread_mutex_lock(&c->lock);
    unlink_guest(g);
    give_places(c, g);
    if (g->turn == TURN_GONE)
        c->leaving--;
    else
        c->here--;
    pthread_mutex_unlock(&c->lock);
}

void crowd_cut_late(struct crowd *c, int64_t now_ms) {
    pthread_mutex_lock(&c->lock);
    for (int turn = 0; turn < TURN_GONE; turn++) {
        struct guest *ring = &c->turns[turn], *next;
        for (struct guest *g = ring->next; g != ring; g = next) {
            next = g->next;
            if (g->until_ms <= now_ms)
                send_away(c, g);
        }
    }
    pthread_mutex_unlock(&c->lock);
}

int crowd_count(struct crowd *c) {
    pthread_mutex_lock(&c->lock);
    int count = c->here + c->leaving;
    pthread_mutex_unlock(&c->lock);
    return count;
}

void *crowd_any(struct crowd *c) {
    void *owner = NULL;

    pthread_mutex_lock(&c->lock);
    for (int turn = 0; turn < TURN_COUNT && owner == NULL; turn++)
        if (c->turns[turn].next != &c->turns[turn])
            owner = c->turns[turn].next->owner;
    pthread_mutex_unlock(&c->lock);
    return owner;
}
