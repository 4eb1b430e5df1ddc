/* Requests to the server: the time a run may lose, and repeats that cannot do harm. */
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/os.h"
#include "client/net/http_in.h"

#define PROMPT_MS      500 /* an answer that comes sooner costs a run nothing */
#define FIRST_PAUSE_MS 200
#define KEPT_S         10                 /* a connection is kept so long: capbud itself closes one after 15 s */
#define KEPT_MS        (HTTP_LOST_MS / 2) /* one that says nothing leaves time for a new one */

void http_answer_free(struct http_answer *a) {
    buf_free(&a->body);
}

enum rc http_login_fail(struct http *h) {
    bool given = h->proxy != NULL && h->proxy->user != NULL;

    h->trouble = HTTP_PROXY_LOGIN;
    FAIL(RC_NETWORK, given ? "the proxy does not take this name and password (407)"
                           : "the proxy wants a name and password (407): use --proxy-user");
}

/* Is there a connection that may be used again? One that lay idle may be dead without a word: a box on the way has
   forgotten it, or the machine has slept or is in another network. And it may be another proxy's, or another login's.
 */
static bool line_holds(const struct http *h) {
    struct http_line *l = h->line;
    unsigned proxy = h->proxy == NULL ? 0 : h->proxy->edition;
    int64_t idle = (int64_t)time(NULL) - l->used;

    if (idle < 0 || idle > KEPT_S || l->proxy != proxy)
        http_line_free(l);
    l->proxy = proxy;
    return l->kept != NULL;
}

/* One try in the time this run has left. `stale`: it was the kept connection that failed; it is gone now. */
static enum rc ask_timed(struct http *h, const char *url, const char *content_type, struct span body,
                         struct http_answer *answer, bool *final, bool *stale) {
    int64_t began = os_clock_ms();
    long left = HTTP_LOST_MS - h->lost_ms;

    if (left <= 0)
        FAIL(RC_NETWORK, "%s answers too slowly", h->server);
    bool kept = line_holds(h);
    enum rc rc = http_once(h, url, content_type, body, kept && left > KEPT_MS ? KEPT_MS : left, answer, final);
    long took = (long)(os_clock_ms() - began);
    if (rc != RC_OK || took >= PROMPT_MS)
        h->lost_ms += took;
    if (rc == RC_OK)
        h->line->used = (int64_t)time(NULL);
    else
        http_line_free(h->line);
    *stale = rc != RC_OK && kept && !*final;
    return rc;
}

static enum rc ask(struct http *h, const char *path, const char *content_type, struct span body,
                   struct http_answer *out) {
    AUTO(buf) url = {0};
    long pause = FIRST_PAUSE_MS;

    size_t n = strlen(h->server);
    while (n > 0 && h->server[n - 1] == '/')
        n--;
    TRY(buf_printf(&url, "%.*s%s", (int)n, h->server, path));
    for (;;) {
        AUTO(http_answer) answer = {0};
        bool final = true, stale = false;
        enum rc rc = ask_timed(h, buf_str(&url), content_type, body, &answer, &final, &stale);
        if (stale)
            continue;
        long wait = pause + (long)random_below((uint32_t)pause);
        if (rc == RC_OK && (answer.status == 503 || answer.status == 429)) {
            rc = err_set(RC_BUSY, "%s is busy; try again in %d s", h->server, answer.retry_after);
            final = answer.retry_after > 2;
        }
        if (rc == RC_OK) {
            *out = answer;
            answer = (struct http_answer){0};
            return RC_OK;
        }
        if (final || h->lost_ms + wait >= HTTP_LOST_MS)
            return rc;
        os_pause_ms(wait);
        h->lost_ms += wait;
        pause *= 2;
    }
}

enum rc http_post(struct http *h, const char *path, const char *content_type, struct span body,
                  struct http_answer *out) {
    return ask(h, path, content_type, body, out);
}

enum rc http_get(struct http *h, const char *path, struct http_answer *out) {
    return ask(h, path, NULL, (struct span){0}, out);
}
