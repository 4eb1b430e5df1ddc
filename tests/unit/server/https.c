/* HTTPS calls by libcurl, the server pinned by its own certificate. */
#include "https.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "lib/must.h"
#include "pki/ca/mint.h"

void https_call_free(struct https_call *c) {
    buf_free(&c->head);
    buf_free(&c->body);
}

static size_t take(char *data, size_t size, size_t count, void *out) {
    return buf_add(out, data, size * count) == RC_OK ? size * count : 0;
}

static size_t give(char *out, size_t size, size_t count, void *arg) {
    struct https_call *c = arg;
    size_t len = c->body_len < size * count ? c->body_len : size * count;
    if (c->data.ptr != NULL) {
        memcpy(out, c->data.ptr, len);
        c->data = span_of(c->data.ptr + len, c->data.len - len);
    } else {
        memset(out, 'b', len);
    }
    c->body_len -= len;
    return len;
}

static struct curl_slist *headers_of(const struct https_call *c) {
    char type[64], lang[64];

    snprintf(type, sizeof type, "Content-Type: %s", c->type == NULL ? "application/json" : c->type);
    snprintf(lang, sizeof lang, "Accept-Language: %s", c->lang == NULL ? "en" : c->lang);
    struct curl_slist *headers = curl_slist_append(NULL, type);
    headers = curl_slist_append(headers, lang);
    return curl_slist_append(headers, c->chunked ? "Transfer-Encoding: chunked" : "Expect:");
}

static void set_body(CURL *curl, struct https_call *c) {
    if (c->data.ptr != NULL)
        c->body_len = c->data.len;
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, c);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, c->chunked ? (curl_off_t)-1 : (curl_off_t)c->body_len);
}

void https_run(int port, const char *anchor, struct https_call *c) {
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = headers_of(c);
    char url[512];

    snprintf(url, sizeof url, "https://127.0.0.1:%d%s", port, c->path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, anchor);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &c->body);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &c->head);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (strcmp(c->method, "POST") == 0)
        set_body(curl, c);
    else if (strcmp(c->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, c->method);
    CURLcode code = curl_easy_perform(curl);
    c->why = curl_easy_strerror(code);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &c->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

void https_check(const struct https_call *c) {
    if (c->status == 0)
        fail_msg("%s %s: %s", c->method, c->path, c->why);
    assert_non_null(strstr(buf_str(&c->head), "Content-Length: "));
    assert_non_null(strstr(buf_str(&c->head), "Support-Code: "));
    if (c->status < 400 || strcmp(c->method, "HEAD") == 0 || strcmp(c->path, "/readyz") == 0)
        return;
    assert_non_null(strstr(buf_str(&c->head), "Content-Type: application/problem+json"));
    assert_non_null(strstr(buf_str(&c->body), "\"support_code\":\""));
}

void https_make_tls(const char *path) {
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    AUTO(buf) pem = {0};
    time_t now = time(NULL);

    MUST_OK(key_make_file(path, 0, &k));
    MUST_OK(mint_tls(k, "localhost", now - 60, now + 3600, &der));
    MUST_OK(fs_read(path, 65536, &pem));
    MUST_OK(cert_to_pem(buf_span(&der), &pem));
    MUST_OK(fs_write(path, buf_span(&pem), 0600));
}
