/* Requests to the server: the time a run may lose, and repeats that cannot do harm. */
#include <string.h>

#include "base/digest.h"
#include "base/os.h"
#include "client/net/http_in.h"

#define PROMPT_MS      500 /* an answer that comes sooner costs a run nothing */
#define FIRST_PAUSE_MS 200

void http_answer_free(struct http_answer *a) {
    buf_free(&a->body);
}

enum rc http_login_fail(struct http *h) {
    bool given = h->proxy != NULL && h->proxy->user != NULL;

    h->trouble = HTTP_PROXY_LOGIN;
    FAIL(RC_NETWORK, given ? "the proxy does not take this name and password (407)"
                           : "the proxy wants a name and password (407): use --proxy-user");
}

/* One try in the time this run has left. */
static enum rc ask_timed(struct http *h, const char *url, const char *content_type, struct span body,
                         struct http_answer *answer, bool *final) {
    int64_t began = os_clock_ms();

    if (h->lost_ms >= HTTP_LOST_MS)
        FAIL(RC_NETWORK, "%s answers too slowly", h->server);
    enum rc rc = http_once(h, url, content_type, body, HTTP_LOST_MS - h->lost_ms, answer, final);
    long took = (long)(os_clock_ms() - began);
    if (rc != RC_OK || took >= PROMPT_MS)
        h->lost_ms += took;
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
        bool final = true;
        enum rc rc = ask_timed(h, buf_str(&url), content_type, body, &answer, &final);
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
