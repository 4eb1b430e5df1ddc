/* One HTTPS request by libcurl: pinned trust, time-outs, the connection that is kept, and what went wrong. */
#include <curl/curl.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "client/net/anchors.h"
#include "client/net/http_in.h"

#define CONNECT_MS 3000

enum rc http_init(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        FAIL(RC_BUG, "libcurl does not start");
    return RC_OK;
}

void http_line_free(struct http_line *l) {
    curl_easy_cleanup(l->kept);
    l->kept = NULL;
}

/* Everything but the connection is forgotten: the next request's settings are its own, and what they point to may go.
 */
static void curl_end(CURL **c) {
    curl_easy_reset(*c);
}

static void headers_end(struct curl_slist **list) {
    curl_slist_free_all(*list);
}

static size_t take(char *data, size_t size, size_t count, void *arg) {
    struct buf *body = arg;

    if (body->len + size * count > HTTP_ANSWER_LIMIT || buf_add(body, data, size * count) != RC_OK)
        return 0;
    return size * count;
}

static enum rc header_add(struct curl_slist **list, const char *name, const char *value) {
    AUTO(buf) line = {0};

    TRY(buf_printf(&line, "%s: %s", name, value));
    struct curl_slist *more = curl_slist_append(*list, buf_str(&line));
    if (more == NULL)
        FAIL(RC_LIMIT, "out of memory");
    *list = more;
    return RC_OK;
}

static void options_set(CURL *c, const char *url, struct curl_slist *headers, bool post, struct span body, long left,
                        struct http_answer *answer) {
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (post) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)body.ptr);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    }
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &answer->body);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, left < CONNECT_MS ? left : (long)CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "capbu/" CAPBU_VERSION);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L); /* each new connection shows its certificate */
}

/* libcurl takes a copy. */
static enum rc anchors_set(CURL *c, const char *path) {
    AUTO(buf) pem = {0};

    if (path == NULL)
        return RC_OK;
    TRY(anchors_read(path, &pem));
    struct curl_blob blob = {pem.data, pem.len, CURL_BLOB_COPY};
    curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob);
    curl_easy_setopt(c, CURLOPT_CAINFO, NULL); /* these and no others */
    curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    return RC_OK;
}

/* Without one of its own libcurl asks the environment: https_proxy, no_proxy. The password's copies in libcurl live as
   long as the connection. */
static void proxy_set(CURL *c, const struct http_proxy *p) {
    if (p == NULL)
        return;
    if (p->url != NULL)
        curl_easy_setopt(c, CURLOPT_PROXY, p->url);
    if (p->user != NULL)
        curl_easy_setopt(c, CURLOPT_PROXYUSERNAME, p->user);
    if (p->user != NULL && p->password != NULL)
        curl_easy_setopt(c, CURLOPT_PROXYPASSWORD, p->password->text);
    curl_easy_setopt(c, CURLOPT_PROXYAUTH, (long)CURLAUTH_ANY);
}

/* OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED, as libcurl hands them on. */
#define NOT_YET_VALID 9L
#define HAS_EXPIRED   10L

static enum http_trouble trouble_of(CURL *c, CURLcode code) {
    long verified = 0, tunnel = 0;

    curl_easy_getinfo(c, CURLINFO_SSL_VERIFYRESULT, &verified);
    curl_easy_getinfo(c, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (tunnel == 407)
        return HTTP_PROXY_LOGIN;
    if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY || tunnel >= 400)
        return HTTP_PROXY;
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return verified == NOT_YET_VALID || verified == HAS_EXPIRED ? HTTP_CLOCK : HTTP_TRUST;
    return code == CURLE_OK ? HTTP_FINE : HTTP_AWAY;
}

/* libcurl's own words are English and its own: these have their Vietnamese (client/flow/cause.c). */
static const char *words_of(CURLcode code, enum http_trouble trouble) {
    if (trouble == HTTP_CLOCK)
        return "the certificate is not valid at this time";
    if (trouble == HTTP_TRUST)
        return "the certificate is not believed";
    if (trouble == HTTP_PROXY)
        return code == CURLE_COULDNT_RESOLVE_PROXY ? "no machine of the proxy's name" : "the proxy refuses";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "no machine of that name";
    case CURLE_COULDNT_CONNECT:
        return "no connection";
    case CURLE_OPERATION_TIMEDOUT:
        return "no answer in time";
    case CURLE_SSL_CONNECT_ERROR:
        return "no secure connection";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "no address of a server";
    case CURLE_WRITE_ERROR:
        return "the server's answer is longer than allowed";
    default:
        return "the connection broke off";
    }
}

enum rc http_once(struct http *h, const char *url, const char *content_type, struct span body, long left,
                  struct http_answer *answer, bool *final) {
    if (h->line->kept == NULL)
        h->line->kept = curl_easy_init();
    if (h->line->kept == NULL)
        FAIL(RC_LIMIT, "out of memory");
    CURL *c __attribute__((cleanup(curl_end))) = h->line->kept;
    struct curl_slist *headers __attribute__((cleanup(headers_end))) = NULL;
    char why[CURL_ERROR_SIZE] = "";
    curl_off_t wait = 0;

    if (content_type != NULL)
        TRY(header_add(&headers, "Content-Type", content_type));
    TRY(header_add(&headers, "Accept-Language", h->lang));
    TRY(header_add(&headers, "Expect", ""));
    if (h->support != NULL)
        TRY(header_add(&headers, "Support-Code", h->support));
    TRY(anchors_set(c, h->server_ca));
    options_set(c, url, headers, content_type != NULL, body, left, answer);
    proxy_set(c, h->proxy);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    h->calls++;
    CURLcode code = curl_easy_perform(c);
    h->trouble = trouble_of(c, code);
    /* These do not get better by trying again. */
    *final = code == CURLE_OK || code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
             code == CURLE_URL_MALFORMAT || code == CURLE_WRITE_ERROR || h->trouble == HTTP_PROXY ||
             h->trouble == HTTP_PROXY_LOGIN;
    if (code == CURLE_SSL_CACERT_BADFILE)
        FAIL(RC_USAGE, "--server-ca %s: no such file, or no certificate in it", h->server_ca);
    if (h->trouble == HTTP_PROXY_LOGIN)
        return http_login_fail(h);
    utf8_tame(why); /* a certificate's names may be in it */
    if (code != CURLE_OK)
        FAIL(RC_NETWORK, "%s: %s (%s)", h->server, words_of(code, h->trouble),
             why[0] != '\0' ? why : curl_easy_strerror(code));
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
    answer->retry_after = wait > 3600 ? 3600 : (int)wait;
    return RC_OK;
}
