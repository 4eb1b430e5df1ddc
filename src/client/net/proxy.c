/* Checks a proxy's address and keeps its login. */
#include "client/net/proxy.h"

#include <string.h>

#include "client/authority.h"
#include "client/say.h"
#include "client/silent.h"

#define SCHEME       "http://"
#define DEFAULT_PORT ":8080"

void proxy_free(struct proxy *p) {
    secret_free(&p->password);
    *p = (struct proxy){0};
}

static enum rc url_from(const char *given, char out[PROXY_URL_CAP]) {
    AUTO(buf) url = {0};
    const char *host = strncmp(given, SCHEME, strlen(SCHEME)) == 0 ? given + strlen(SCHEME) : given;
    size_t len = strlen(host);
    char bare[PROXY_URL_CAP];

    if (given[0] == '\0')
        return text_set(out, PROXY_URL_CAP, "");
    TRY(text_set_span(bare, sizeof bare, span_of(host, len > 0 && host[len - 1] == '/' ? len - 1 : len)));
    if (!authority_fits(span_str(bare)))
        FAIL(RC_INPUT, "a proxy is http://HOST:PORT");
    const char *after = strrchr(bare, ']');
    bool port = strchr(after == NULL ? bare : after, ':') != NULL;
    TRY(buf_printf(&url, SCHEME "%s%s", bare, port ? "" : DEFAULT_PORT));
    return text_set(out, PROXY_URL_CAP, buf_str(&url));
}

/* A control character in a name or password would end a header line early. */
static bool line_fits(struct span s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    return true;
}

enum rc proxy_set(struct proxy *p, const char *url, const char *user, struct span password) {
    AUTO(secret) kept = {0};
    char address[PROXY_URL_CAP];

    TRY(url_from(url, address));
    if (!line_fits(span_str(user)) || !line_fits(password))
        FAIL(RC_INPUT, "a name or password for a proxy has no control characters");
    TRY(secret_from(&kept, password));
    TRY(text_set(p->user, sizeof p->user, user));
    memcpy(p->url, address, sizeof address);
    secret_free(&p->password);
    p->password = kept;
    kept = (struct secret){0};
    p->http = (struct http_proxy){.url = p->url[0] == '\0' ? NULL : p->url,
                                  .user = p->user[0] == '\0' ? NULL : p->user,
                                  .password = &p->password,
                                  .edition = p->http.edition + 1};
    return RC_OK;
}

static enum rc password_get(const struct options *o, struct secret *out) {
    if (o->proxy_password_file == NULL)
        return silent_read(o, SAY_PROXY_PASSWORD, o->proxy_user, out) == RC_OK ? RC_OK
                                                                               : err_in(RC_USAGE, "--proxy-user");
    if (secret_read_file(o->proxy_password_file, out) != RC_OK)
        return err_in(RC_USAGE, "--proxy-password-file %s: name a file that holds the password",
                      o->proxy_password_file);
    return RC_OK;
}

enum rc proxy_open(const struct options *o, struct proxy *p) {
    AUTO(secret) password = {0};
    const char *url = o->proxy == NULL ? "" : o->proxy, *user = o->proxy_user == NULL ? "" : o->proxy_user;

    if (user[0] != '\0')
        TRY(password_get(o, &password));
    enum rc rc = proxy_set(p, url, user, span_of(password.text, password.len));
    return rc == RC_OK ? RC_OK : err_in(RC_USAGE, "--proxy");
}
