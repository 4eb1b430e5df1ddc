/* Keys are pairs out of a pool of primes: n primes give n (n - 1) / 2 different moduli, each as hard to sign with as
   any other, without the seconds that as many key generations take. Good for measuring, for nothing else. */
#include "people.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/drill/drill_csv.h"
#include "service/drill/drill_person.h"
#include "store/certs.h"
#include "yard.h"

#define PRIMES_MAX  600
#define PRIME_BITS  1024
#define MODULUS_LEN 256
#define THREADS_MAX 64
#define SEED        20200315u

struct prime {
    BIGNUM *p, *e_inverse; /* of 65537, modulo p - 1 */
};

struct people {
    const struct place *place;
    struct drill_ca ca;
    struct prime primes[PRIMES_MAX];
    int prime_count;
    int a, b;       /* the next key's primes, b < a */
    int64_t run;    /* a seed of its own for each */
    int64_t number; /* of the drill's next person */
};

static BIGNUM *e_new(void) {
    BIGNUM *e = BN_new();
    if (e != NULL && !BN_set_word(e, RSA_F4)) {
        BN_free(e);
        return NULL;
    }
    return e;
}

/* A prime for which 65537 can be inverted. */
static enum rc prime_make(struct prime *out) {
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *e = e_new(), *less = BN_new();
    struct prime made = {BN_new(), NULL};
    while (ctx != NULL && e != NULL && less != NULL && made.p != NULL && made.e_inverse == NULL)
        if (!BN_generate_prime_ex(made.p, PRIME_BITS, 0, NULL, NULL, NULL) || !BN_sub(less, made.p, BN_value_one()))
            break;
        else
            made.e_inverse = BN_mod_inverse(NULL, e, less, ctx);
    BN_free(e);
    BN_free(less);
    BN_CTX_free(ctx);
    if (made.e_inverse == NULL) {
        BN_free(made.p);
        FAIL(RC_CRYPTO, "no prime was found");
    }
    *out = made;
    return RC_OK;
}

/* The parts of an RSA key, all given away to OpenSSL. d = q' + ((p' - q') / (q - 1) …) is not needed: with the CRT
   parts OpenSSL signs without it, but its checks want one, so it is computed as e⁻¹ mod (p - 1)(q - 1). */
static RSA *rsa_of(const struct prime *p, const struct prime *q) {
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *n = BN_new(), *e = e_new(), *d = BN_new(), *phi = BN_new(), *t = BN_new();
    RSA *rsa = RSA_new();
    bool ok = BN_mul(n, p->p, q->p, ctx) && BN_sub(phi, p->p, BN_value_one()) && BN_sub(t, q->p, BN_value_one()) &&
              BN_mul(phi, phi, t, ctx) && BN_mod_inverse(d, e, phi, ctx) != NULL &&
              BN_mod_inverse(t, q->p, p->p, ctx) != NULL && RSA_set0_key(rsa, n, e, d) &&
              RSA_set0_factors(rsa, BN_dup(p->p), BN_dup(q->p)) &&
              RSA_set0_crt_params(rsa, BN_dup(p->e_inverse), BN_dup(q->e_inverse), t);
    BN_free(phi);
    BN_CTX_free(ctx);
    if (!ok) {
        RSA_free(rsa);
        return NULL;
    }
    return rsa;
}

static enum rc key_of(const struct prime *p, const struct prime *q, EVP_PKEY **out) {
    RSA *rsa = rsa_of(p, q);
    EVP_PKEY *key = EVP_PKEY_new();
    if (rsa == NULL || key == NULL || !EVP_PKEY_assign_RSA(key, rsa))
        FAIL(RC_CRYPTO, "no key could be made");
    *out = key;
    return RC_OK;
}

static enum rc past_all(struct db *db, void *arg) {
    return certs_max_id(db, arg);
}

enum rc people_open(const struct place *place, struct people **out) {
    AUTO_PTR(people) p = calloc(1, sizeof *p);
    if (p == NULL)
        FAIL(RC_LIMIT, "out of memory");
    p->place = place;
    TRY(drill_ca_open(&place->site, &p->ca));
    TRY(store_read(place->site.store, past_all, &p->run)); /* those of an earlier run are others */
    *out = MOVE(p);
    return RC_OK;
}

void people_free(struct people *p) {
    for (int i = 0; p != NULL && i < p->prime_count; i++) {
        BN_free(p->primes[i].p);
        BN_free(p->primes[i].e_inverse);
    }
    if (p != NULL)
        drill_ca_free(&p->ca);
    free(p);
}

void person_free(struct person *p) {
    buf_free(&p->old_der);
    EVP_PKEY_free(p->key);
    p->key = NULL;
}

enum rc person_key(const struct person *p, const struct place *place, struct key **out) {
    static atomic_int number;
    char path[PATH_CAP], name[32];
    (void)snprintf(name, sizeof name, "subscriber-%d.key", atomic_fetch_add(&number, 1));
    place_path(place, name, path);
    FILE *f = fopen(path, "wxe");
    bool ok = f != NULL && PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL) == 1;
    if (f != NULL && fclose(f) != 0)
        ok = false;
    enum rc rc = ok ? key_open_file(path, out) : err_set(RC_IO, "%s cannot be written", path);
    (void)unlink(path);
    return rc;
}

struct order { /* one person to be made */
    int a, b;
    struct drill_person who;
    struct person *out;
    struct buf row;
};

struct crew { /* threads take orders, or primes, from a common list */
    struct people *people;
    struct order *orders;
    int count;
    int primes; /* wanted in all */
    pthread_mutex_t lock;
    int next;
    enum rc rc;
};

static enum rc order_fill(const struct people *p, struct order *o) {
    uint8_t modulus[MODULUS_LEN];
    const BIGNUM *n = NULL;
    TRY(key_of(&p->primes[o->a], &p->primes[o->b], &o->out->key));
    RSA_get0_key(EVP_PKEY_get0_RSA(o->out->key), &n, NULL, NULL);
    if (BN_bn2binpad(n, modulus, sizeof modulus) != MODULUS_LEN)
        FAIL(RC_CRYPTO, "a modulus of another length");
    TRY(drill_certificate(&p->ca, &o->who, span_of(modulus, sizeof modulus), &o->out->old_der));
    return drill_csv_row(&o->who, buf_span(&o->out->old_der), &o->row);
}

static void *crew_work(void *arg) {
    struct crew *c = arg;
    pthread_setname_np(pthread_self(), "people");
    for (;;) {
        pthread_mutex_lock(&c->lock);
        int at = c->rc == RC_OK ? c->next++ : INT32_MAX;
        pthread_mutex_unlock(&c->lock);
        if (at >= (c->orders == NULL ? c->primes : c->count))
            return NULL;
        enum rc rc = c->orders == NULL ? prime_make(&c->people->primes[at]) : order_fill(c->people, &c->orders[at]);
        pthread_mutex_lock(&c->lock);
        c->rc = c->rc == RC_OK ? rc : c->rc;
        pthread_mutex_unlock(&c->lock);
    }
}

static enum rc crew_run(struct crew *c) {
    pthread_t thread[THREADS_MAX];
    int started = 0, cores = yard_cores();
    pthread_mutex_init(&c->lock, NULL);
    while (started < cores && pthread_create(&thread[started], NULL, crew_work, c) == 0)
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&c->lock);
    return c->rc != RC_OK || started == 0 ? err_set(RC_CRYPTO, "making people failed") : RC_OK;
}

/* Persons whose renewal will be granted; all have a v4, which is open (R3.2). */
static void orders_write(struct people *p, struct order *orders, struct person *out, int count) {
    const struct site *s = &p->place->site;
    for (int i = 0; i < count; i++) {
        do
            orders[i].who = drill_person_make(&s->campaign, &s->provinces, p->ca.cert.facts.not_after,
                                              SEED + (uint32_t)p->run, p->number++);
        while (orders[i].who.kind != DRILL_OWED);
        orders[i].who.device = DEVICE_V4;
        if (++p->b >= p->a) {
            p->a++;
            p->b = 0;
        }
        orders[i].a = p->a;
        orders[i].b = p->b;
        orders[i].out = &out[i];
        out[i] = (struct person){0};
    }
}

static enum rc primes_grow(struct people *p) {
    struct crew c = {.people = p, .primes = p->a + 1, .next = p->prime_count};
    if (c.primes > PRIMES_MAX)
        FAIL(RC_LIMIT, "more people than %d primes make", PRIMES_MAX);
    TRY(crew_run(&c));
    p->prime_count = c.primes > p->prime_count ? c.primes : p->prime_count;
    return RC_OK;
}

static enum rc orders_import(struct place *place, const struct order *orders, int count) {
    char path[PATH_CAP];
    AUTO(buf) csv = {0};
    TRY(drill_csv_header(&csv));
    for (int i = 0; i < count; i++)
        TRY(buf_add_span(&csv, buf_span(&orders[i].row)));
    place_path(place, "people.csv", path);
    TRY(fs_write(path, buf_span(&csv), 0600));
    return place_import(place, path, count);
}

enum rc people_add(struct people *p, struct place *place, struct person *out, int count) {
    struct crew c = {.people = p, .orders = calloc((size_t)count, sizeof *c.orders), .count = count};
    if (c.orders == NULL)
        FAIL(RC_LIMIT, "out of memory");
    orders_write(p, c.orders, out, count);
    enum rc rc = primes_grow(p);
    if (rc == RC_OK)
        rc = crew_run(&c);
    if (rc == RC_OK)
        rc = orders_import(place, c.orders, count);
    for (int i = 0; i < count; i++)
        buf_free(&c.orders[i].row);
    free(c.orders);
    return rc;
}
