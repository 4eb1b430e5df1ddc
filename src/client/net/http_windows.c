/* One HTTPS request by WinHTTP: the system's proxy and trust, or a pinned trust of our own, and one limit on the time.
 * The session is what is kept: it has the connections, and gives a request one that lives.
 *
 * WinHTTP works on its own threads and tells on_status; every step is awaited, so that the whole has an end in time,
 * which its own time-outs, one for each step, do not promise. The header goes out first and alone: only when the
 * certificate of whoever took it was looked at, does the body follow.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <windows.h>

#include <winhttp.h>

#include "base/fs.h"
#include "base/os.h"
#include "base/wide.h"
#include "client/net/anchors.h"
#include "client/net/http_in.h"
#include "pki/peer.h"

#define CONNECT_MS    3000
#define CLOSE_MS      5000 /* until WinHTTP lets go of a request */
#define OTHERS_MAX    10
#define HOST_CAP      256
#define TEXT_CAP      512
#define RETRY_AT_MOST 3600

/* With a pinned trust peer_check judges all of this, and knows an address in a certificate where WinHTTP may not. */
#define JUDGED_BY_US                                                                                                   \
    (SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_CERT_CN_INVALID | SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | \
     SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE)

struct call { /* one request; WinHTTP's threads write to it until `closed` */
    HINTERNET connection, request;
    HANDLE stepped, closed;
    int64_t until; /* by os_clock_ms */
    DWORD error;   /* of this step, 0: none */
    DWORD secure;  /* WINHTTP_CALLBACK_STATUS_FLAG_…: what is wrong with the certificate */
    DWORD got;
    char host[HOST_CAP];
    uint8_t block[8192];
};

static void CALLBACK on_status(HINTERNET handle, DWORD_PTR context, DWORD status, void *info, DWORD len) {
    struct call *c = (struct call *)context;
    (void)handle;

    switch (c == NULL ? 0 : status) {
    case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:
        SetEvent(c->closed);
        break;
    case WINHTTP_CALLBACK_STATUS_SECURE_FAILURE:
        c->secure = *(const DWORD *)info;
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        c->error = ((const WINHTTP_ASYNC_RESULT *)info)->dwError;
        SetEvent(c->stepped);
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        c->got = len;
        SetEvent(c->stepped);
        break;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
    case WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE:
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        SetEvent(c->stepped);
        break;
    }
}

void http_line_free(struct http_line *l) {
    if (l->kept != NULL)
        (void)WinHttpCloseHandle(l->kept);
    l->kept = NULL;
}

static void call_free(struct call *c) {
    if (c->request != NULL && WinHttpCloseHandle(c->request))
        (void)WaitForSingleObject(c->closed, CLOSE_MS);
    if (c->connection != NULL)
        (void)WinHttpCloseHandle(c->connection);
    if (c->stepped != NULL)
        CloseHandle(c->stepped);
    if (c->closed != NULL)
        CloseHandle(c->closed);
}

/* The end of a step that `begun` has begun; false: c->error says why. */
static bool done(struct call *c, BOOL begun) {
    int64_t left = c->until - os_clock_ms();

    if (!begun)
        c->error = GetLastError();
    else if (left <= 0 || WaitForSingleObject(c->stepped, (DWORD)left) != WAIT_OBJECT_0)
        c->error = ERROR_WINHTTP_TIMEOUT;
    return c->error == 0;
}

/* The proxy that was named ("http://HOST:PORT"); else the system's, found by itself where Windows can (8.1 and later)
   or as it is set. TLS 1.3 where it is known. */
static bool session_open(struct http_line *l, const struct http_proxy *proxy) {
    static const wchar_t agent[] = L"capbu/" CAPBU_VERSION;
    DWORD tls = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
    wchar_t named[TEXT_CAP];

    if (l->kept != NULL)
        return true;
    if (proxy != NULL && proxy->url != NULL) {
        const char *host = strstr(proxy->url, "://");
        if (wide_from(host == NULL ? proxy->url : host + 3, named, TEXT_CAP) != RC_OK)
            return false;
        l->kept = WinHttpOpen(agent, WINHTTP_ACCESS_TYPE_NAMED_PROXY, named, NULL, WINHTTP_FLAG_ASYNC);
    } else {
        l->kept = WinHttpOpen(agent, WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY, NULL, NULL, WINHTTP_FLAG_ASYNC);
        if (l->kept == NULL)
            l->kept = WinHttpOpen(agent, WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, NULL, NULL, WINHTTP_FLAG_ASYNC);
    }
    if (l->kept == NULL)
        return false;
    if (WinHttpSetOption(l->kept, WINHTTP_OPTION_SECURE_PROTOCOLS, &tls, sizeof tls))
        return true;
    tls = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
    return WinHttpSetOption(l->kept, WINHTTP_OPTION_SECURE_PROTOCOLS, &tls, sizeof tls);
}

static bool request_open(struct call *c, HINTERNET session, const URL_COMPONENTSW *u, const wchar_t *host,
                         const wchar_t *verb, bool pinned) {
    DWORD off = WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_REDIRECTS, ours = JUDGED_BY_US;
    DWORD_PTR context = (DWORD_PTR)c;
    int left = (int)(c->until - os_clock_ms());

    c->connection = WinHttpConnect(session, host, u->nPort, 0);
    if (c->connection != NULL)
        c->request = WinHttpOpenRequest(c->connection, verb, u->lpszUrlPath, NULL, WINHTTP_NO_REFERER,
                                        WINHTTP_DEFAULT_ACCEPT_TYPES, WINHTTP_FLAG_SECURE);
    return c->request != NULL && WinHttpSetOption(c->request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof context) &&
           WinHttpSetStatusCallback(c->request, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0) !=
               WINHTTP_INVALID_STATUS_CALLBACK &&
           WinHttpSetOption(c->request, WINHTTP_OPTION_DISABLE_FEATURE, &off, sizeof off) &&
           (!pinned || WinHttpSetOption(c->request, WINHTTP_OPTION_SECURITY_FLAGS, &ours, sizeof ours)) &&
           WinHttpSetTimeouts(c->request, left, left < CONNECT_MS ? left : CONNECT_MS, left, left);
}

/* RC_USAGE: an address that is none. */
static enum rc call_open(struct call *c, const struct http *h, const char *url, const wchar_t *verb, long left) {
    wchar_t wide[TEXT_CAP], host[HOST_CAP];
    URL_COMPONENTSW u = {.dwStructSize = sizeof u, .dwHostNameLength = (DWORD)-1, .dwUrlPathLength = (DWORD)-1};

    TRY(wide_from(url, wide, TEXT_CAP));
    if (!WinHttpCrackUrl(wide, 0, 0, &u) || u.nScheme != INTERNET_SCHEME_HTTPS || u.dwHostNameLength >= HOST_CAP)
        FAIL(RC_USAGE, "no address of a server: %s", url);
    memcpy(host, u.lpszHostName, u.dwHostNameLength * sizeof *host);
    host[u.dwHostNameLength] = 0;
    TRY(wide_to(host, c->host, HOST_CAP));
    c->until = os_clock_ms() + left;
    c->stepped = CreateEventW(NULL, FALSE, FALSE, NULL);
    c->closed = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (c->stepped == NULL || c->closed == NULL || !session_open(h->line, h->proxy) ||
        !request_open(c, h->line->kept, &u, host, verb, h->server_ca != NULL))
        FAIL(RC_NETWORK, "WinHTTP does not start (%lu)", GetLastError());
    return RC_OK;
}

struct shown { /* what the server showed of itself */
    const CERT_CONTEXT *leaf, *others[OTHERS_MAX];
    size_t count;
};

static void shown_free(struct shown *s) {
    for (size_t i = 0; i < s->count; i++)
        CertFreeCertificateContext(s->others[i]);
    if (s->leaf != NULL)
        CertFreeCertificateContext(s->leaf);
}

static bool shown_get(const struct call *c, struct shown *s) {
    const CERT_CONTEXT *o = NULL;
    DWORD size = sizeof s->leaf;

    if (!WinHttpQueryOption(c->request, WINHTTP_OPTION_SERVER_CERT_CONTEXT, &s->leaf, &size) || s->leaf == NULL)
        return false;
    while (s->leaf->hCertStore != NULL && s->count < OTHERS_MAX &&
           (o = CertEnumCertificatesInStore(s->leaf->hCertStore, o)) != NULL)
        s->others[s->count++] = CertDuplicateCertificateContext(o);
    if (o != NULL)
        CertFreeCertificateContext(o);
    return true;
}

/* RC_USAGE: server_ca. RC_CRYPTO: it does not vouch for what was shown. */
static enum rc pin_check(struct http *h, const struct call *c, const struct shown *s) {
    struct span others[OTHERS_MAX];
    struct peer p = {.leaf = span_of(s->leaf->pbCertEncoded, s->leaf->cbCertEncoded),
                     .others = others,
                     .other_count = s->count,
                     .host = c->host,
                     .now = (int64_t)time(NULL)};
    AUTO(buf) anchors = {0};
    bool clock = false;

    for (size_t i = 0; i < s->count; i++)
        others[i] = span_of(s->others[i]->pbCertEncoded, s->others[i]->cbCertEncoded);
    enum rc rc = anchors_read(h->server_ca, &anchors) == RC_OK ? peer_check(&p, buf_span(&anchors), &clock) : RC_USAGE;
    if (rc == RC_USAGE)
        FAIL(RC_USAGE, "--server-ca %s: no such file, or no certificate in it", h->server_ca);
    h->trouble = rc == RC_OK ? HTTP_FINE : clock ? HTTP_CLOCK : HTTP_TRUST;
    return rc;
}

static const struct trouble {
    DWORD error;
    enum http_trouble kind;
    const char *text;
} TROUBLES[] = {
    {ERROR_WINHTTP_TIMEOUT, HTTP_AWAY, "no answer in time"},
    {ERROR_WINHTTP_CANNOT_CONNECT, HTTP_AWAY, "no connection"},
    {ERROR_WINHTTP_CONNECTION_ERROR, HTTP_AWAY, "the connection broke off"},
    {ERROR_WINHTTP_NAME_NOT_RESOLVED, HTTP_AWAY, "no machine of that name"},
    {ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR, HTTP_PROXY, "the system's proxy cannot be found"},
    {ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT, HTTP_PROXY, "the proxy's script cannot be fetched"},
    {ERROR_WINHTTP_SECURE_CERT_DATE_INVALID, HTTP_CLOCK, "the certificate is not valid at this time"},
    {ERROR_WINHTTP_SECURE_FAILURE, HTTP_TRUST, "the certificate is not believed"},
    {ERROR_WINHTTP_SECURE_INVALID_CA, HTTP_TRUST, "the certificate is of an unknown authority"},
    {ERROR_WINHTTP_SECURE_CERT_CN_INVALID, HTTP_TRUST, "the certificate is for another name"},
    {ERROR_WINHTTP_SECURE_INVALID_CERT, HTTP_TRUST, "the certificate is not valid"},
    {ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE, HTTP_TRUST, "the certificate is not a server's"},
    {ERROR_WINHTTP_SECURE_CERT_REVOKED, HTTP_TRUST, "the certificate is revoked"},
    {ERROR_WINHTTP_SECURE_CHANNEL_ERROR, HTTP_AWAY, "no secure connection"},
};

/* Why a certificate is not believed says more than that it is not; a wrong time only when nothing else is wrong. */
static DWORD cause_of(const struct call *c) {
    static const struct {
        DWORD flag, error;
    } flaws[] = {
        {WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA, ERROR_WINHTTP_SECURE_INVALID_CA},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID, ERROR_WINHTTP_SECURE_CERT_CN_INVALID},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED, ERROR_WINHTTP_SECURE_CERT_REVOKED},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE, ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE},
        {WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, ERROR_WINHTTP_SECURE_INVALID_CERT},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID, ERROR_WINHTTP_SECURE_CERT_DATE_INVALID},
        {WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR, ERROR_WINHTTP_SECURE_CHANNEL_ERROR},
    };

    for (size_t i = 0; c->error == ERROR_WINHTTP_SECURE_FAILURE && i < sizeof flaws / sizeof flaws[0]; i++)
        if ((c->secure & flaws[i].flag) != 0)
            return flaws[i].error;
    return c->error;
}

/* A step failed. Only what lies between us and the server gets better by trying again. */
static enum rc step_fail(struct http *h, const struct call *c, bool *final) {
    struct trouble t = {cause_of(c), HTTP_AWAY, "WinHTTP failed"};

    for (size_t i = 0; i < sizeof TROUBLES / sizeof TROUBLES[0]; i++)
        if (TROUBLES[i].error == t.error)
            t = TROUBLES[i];
    h->trouble = t.kind;
    *final = t.kind != HTTP_AWAY;
    FAIL(RC_NETWORK, "%s: %s (%lu)", h->server, t.text, t.error);
}

static DWORD header_number(const struct call *c, DWORD which) {
    DWORD value = 0, size = sizeof value;

    return WinHttpQueryHeaders(c->request, which | WINHTTP_QUERY_FLAG_NUMBER, WINHTTP_HEADER_NAME_BY_INDEX, &value,
                               &size, WINHTTP_NO_HEADER_INDEX)
               ? value
               : 0;
}

static bool login_given(const struct http *h) {
    return h->proxy != NULL && h->proxy->user != NULL;
}

/* Name and password by the safest way that the proxy offers. The wide copy lies in a locked page, and WinHTTP's own
   lives as long as the request. */
static bool login_set(const struct http *h, const struct call *c) {
    static const DWORD ways[] = {WINHTTP_AUTH_SCHEME_NEGOTIATE, WINHTTP_AUTH_SCHEME_NTLM, WINHTTP_AUTH_SCHEME_DIGEST,
                                 WINHTTP_AUTH_SCHEME_BASIC};
    const char *password = h->proxy->password == NULL ? "" : h->proxy->password->text;
    DWORD offered = 0, first = 0, target = 0, way = 0;
    wchar_t user[TEXT_CAP];
    char *page = NULL;

    if (!WinHttpQueryAuthSchemes(c->request, &offered, &first, &target) || os_page_new(&page) != RC_OK)
        return false;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0] && way == 0; i++)
        way = offered & ways[i];
    wchar_t *wide = (wchar_t *)(void *)page;
    bool set = way != 0 && wide_from(h->proxy->user, user, TEXT_CAP) == RC_OK &&
               wide_from(password, wide, os_page_size() / sizeof *wide) == RC_OK &&
               WinHttpSetCredentials(c->request, WINHTTP_AUTH_TARGET_PROXY, way, user, wide, NULL);
    os_page_free(page);
    return set;
}

static enum rc proxy_refuses(struct http *h, const struct call *c, DWORD status) {
    if (status == HTTP_STATUS_PROXY_AUTH_REQ)
        return http_login_fail(h);
    h->trouble = HTTP_PROXY;
    FAIL(RC_NETWORK, "%s: the proxy refuses (%lu)", h->server, status != 0 ? status : c->error);
}

/* Nobody's certificate: who took the header is a proxy that does not let us through, or not yet. RC_OK: ask again. */
static enum rc proxy_look(struct http *h, struct call *c, bool first) {
    DWORD status = done(c, WinHttpReceiveResponse(c->request, NULL)) ? header_number(c, WINHTTP_QUERY_STATUS_CODE) : 0;

    if (first && status == HTTP_STATUS_PROXY_AUTH_REQ && login_given(h) && login_set(h, c))
        return RC_OK;
    return proxy_refuses(h, c, status);
}

/* Sends the header alone, until somebody with a certificate takes it. */
static enum rc header_send(struct http *h, struct call *c, const wchar_t *headers, DWORD size, struct shown *s,
                           bool *final) {
    for (bool first = true;; first = false) {
        if (!done(c,
                  WinHttpSendRequest(c->request, headers, (DWORD)-1, WINHTTP_NO_REQUEST_DATA, 0, size, (DWORD_PTR)c)))
            return step_fail(h, c, final);
        *final = true;
        if (shown_get(c, s))
            return RC_OK;
        TRY(proxy_look(h, c, first));
    }
}

static enum rc headers_write(const struct http *h, const char *content_type, wchar_t out[TEXT_CAP]) {
    AUTO(buf) text = {0};

    if (content_type != NULL)
        TRY(buf_printf(&text, "Content-Type: %s\r\n", content_type));
    TRY(buf_printf(&text, "Accept-Language: %s\r\n", h->lang));
    if (h->support != NULL)
        TRY(buf_printf(&text, "Support-Code: %s\r\n", h->support));
    return wide_from(buf_str(&text), out, TEXT_CAP);
}

static enum rc send_all(struct http *h, struct call *c, const char *content_type, struct span body, bool *final) {
    struct shown s __attribute__((cleanup(shown_free))) = {0};
    wchar_t headers[TEXT_CAP];
    DWORD size = (DWORD)body.len;

    TRY(headers_write(h, content_type, headers));
    TRY(header_send(h, c, headers, size, &s, final));
    enum rc rc = h->server_ca == NULL ? RC_OK : pin_check(h, c, &s);
    if (rc != RC_OK)
        return rc == RC_USAGE ? rc : err_in(RC_NETWORK, "%s", h->server);
    *final = false;
    if (size > 0 && !done(c, WinHttpWriteData(c->request, body.ptr, size, NULL)))
        return step_fail(h, c, final);
    return RC_OK;
}

static enum rc answer_read(struct http *h, struct call *c, struct http_answer *answer, bool *final) {
    if (!done(c, WinHttpReceiveResponse(c->request, NULL)))
        return step_fail(h, c, final);
    for (;;) {
        if (!done(c, WinHttpReadData(c->request, c->block, sizeof c->block, NULL)))
            return step_fail(h, c, final);
        if (c->got == 0)
            break;
        *final = true;
        if (answer->body.len + c->got > HTTP_ANSWER_LIMIT)
            FAIL(RC_NETWORK, "%s: an answer of more than %d bytes", h->server, HTTP_ANSWER_LIMIT);
        TRY(buf_add(&answer->body, c->block, c->got));
    }
    DWORD wait = header_number(c, WINHTTP_QUERY_RETRY_AFTER);
    answer->status = (long)header_number(c, WINHTTP_QUERY_STATUS_CODE);
    answer->retry_after = wait > RETRY_AT_MOST ? RETRY_AT_MOST : (int)wait;
    return RC_OK;
}

enum rc http_init(void) {
    return RC_OK;
}

enum rc http_once(struct http *h, const char *url, const char *content_type, struct span body, long left,
                  struct http_answer *answer, bool *final) {
    struct call c __attribute__((cleanup(call_free))) = {0};
    const wchar_t *verb = content_type == NULL ? L"GET" : L"POST";

    h->calls++;
    h->trouble = HTTP_AWAY;
    *final = true;
    TRY(call_open(&c, h, url, verb, left));
    *final = false;
    TRY(send_all(h, &c, content_type, body, final));
    TRY(answer_read(h, &c, answer, final));
    *final = true;
    h->trouble = HTTP_FINE;
    return RC_OK;
}
