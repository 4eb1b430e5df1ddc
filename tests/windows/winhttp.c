/* A WinHTTP that plays what Wine's does not: certificates that are not believed, and a proxy that wants a login. No
 * byte goes anywhere. WINHTTP_PLAY=trust:0x…  the certificate has these flaws (WINHTTP_CALLBACK_STATUS_FLAG_…).
 *   WINHTTP_PLAY=login:NAME:PASSWORD   a proxy that lets nobody else through, and behind it a server that nobody knows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <winhttp.h>

static struct play {
    WINHTTP_STATUS_CALLBACK tell;
    DWORD_PTR context;
    char given[256]; /* the login */
} play;

static const char *played(void) {
    const char *text = getenv("WINHTTP_PLAY");

    return text == NULL ? "" : text;
}

static BOOL step(DWORD status, void *info, DWORD len) {
    play.tell((HINTERNET)&play, play.context, status, info, len);
    return TRUE;
}

static BOOL fails(DWORD error) {
    WINHTTP_ASYNC_RESULT result = {API_SEND_REQUEST, error};

    return step(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, &result, sizeof result);
}

static BOOL distrusts(DWORD flaws) {
    step(WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, &flaws, sizeof flaws);
    return fails(ERROR_WINHTTP_SECURE_FAILURE);
}

HINTERNET WINAPI WinHttpOpen(const wchar_t *agent, DWORD access, const wchar_t *proxy, const wchar_t *past,
                             DWORD flags) {
    (void)agent, (void)access, (void)proxy, (void)past, (void)flags;
    return (HINTERNET)&play;
}

HINTERNET WINAPI WinHttpConnect(HINTERNET h, const wchar_t *host, INTERNET_PORT port, DWORD reserved) {
    (void)host, (void)port, (void)reserved;
    return h;
}

HINTERNET WINAPI WinHttpOpenRequest(HINTERNET h, const wchar_t *verb, const wchar_t *path, const wchar_t *version,
                                    const wchar_t *from, const wchar_t **types, DWORD flags) {
    (void)verb, (void)path, (void)version, (void)from, (void)types, (void)flags;
    play.given[0] = 0;
    return h;
}

WINBOOL WINAPI WinHttpSetOption(HINTERNET h, DWORD option, void *value, DWORD size) {
    (void)h, (void)size;
    if (option == WINHTTP_OPTION_CONTEXT_VALUE)
        play.context = *(DWORD_PTR *)value;
    return TRUE;
}

WINHTTP_STATUS_CALLBACK WINAPI WinHttpSetStatusCallback(HINTERNET h, WINHTTP_STATUS_CALLBACK tell, DWORD of,
                                                        DWORD_PTR reserved) {
    (void)h, (void)of, (void)reserved;
    play.tell = tell;
    return NULL;
}

WINBOOL WINAPI WinHttpSetTimeouts(HINTERNET h, int resolve, int connect, int sending, int receiving) {
    (void)h, (void)resolve, (void)connect, (void)sending, (void)receiving;
    return TRUE;
}

WINBOOL WINAPI WinHttpCrackUrl(const wchar_t *url, DWORD len, DWORD flags, URL_COMPONENTSW *u) {
    static wchar_t host[] = L"played", path[] = L"/";

    (void)url, (void)len, (void)flags;
    u->nScheme = INTERNET_SCHEME_HTTPS;
    u->lpszHostName = host;
    u->dwHostNameLength = 6;
    u->lpszUrlPath = path;
    return TRUE;
}

WINBOOL WINAPI WinHttpSendRequest(HINTERNET h, const wchar_t *headers, DWORD headers_len, void *body, DWORD len,
                                  DWORD total, DWORD_PTR context) {
    const char *text = played();

    (void)h, (void)headers, (void)headers_len, (void)body, (void)len, (void)total, (void)context;
    if (strncmp(text, "trust:", 6) == 0)
        return distrusts(strtoul(text + 6, NULL, 16));
    if (strcmp(text + 6, play.given) == 0)
        return distrusts(WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA);
    return step(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, NULL, 0);
}

WINBOOL WINAPI WinHttpReceiveResponse(HINTERNET h, void *reserved) {
    (void)h, (void)reserved;
    return step(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, NULL, 0);
}

WINBOOL WINAPI WinHttpQueryHeaders(HINTERNET h, DWORD which, const wchar_t *name, void *value, DWORD *size,
                                   DWORD *index) {
    (void)h, (void)which, (void)name, (void)size, (void)index;
    *(DWORD *)value = HTTP_STATUS_PROXY_AUTH_REQ;
    return TRUE;
}

WINBOOL WINAPI WinHttpQueryOption(HINTERNET h, DWORD option, void *value, DWORD *size) {
    (void)h, (void)option, (void)value, (void)size;
    return FALSE; /* who answered is a proxy and has no certificate */
}

WINBOOL WINAPI WinHttpQueryAuthSchemes(HINTERNET h, DWORD *offered, DWORD *first, DWORD *target) {
    (void)h;
    *offered = *first = WINHTTP_AUTH_SCHEME_BASIC;
    *target = WINHTTP_AUTH_TARGET_PROXY;
    return TRUE;
}

WINBOOL WINAPI WinHttpSetCredentials(HINTERNET h, DWORD target, DWORD scheme, const wchar_t *user,
                                     const wchar_t *password, void *reserved) {
    (void)h, (void)target, (void)scheme, (void)reserved;
    (void)snprintf(play.given, sizeof play.given, "%ls:%ls", user, password);
    return TRUE;
}

WINBOOL WINAPI WinHttpWriteData(HINTERNET h, const void *body, DWORD len, DWORD *written) {
    (void)h, (void)body, (void)len, (void)written;
    return fails(ERROR_WINHTTP_INTERNAL_ERROR); /* nobody gets as far */
}

WINBOOL WINAPI WinHttpReadData(HINTERNET h, void *body, DWORD len, DWORD *got) {
    return WinHttpWriteData(h, body, len, got);
}

WINBOOL WINAPI WinHttpCloseHandle(HINTERNET h) {
    if (play.tell != NULL)
        play.tell(h, play.context, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, NULL, 0);
    return TRUE;
}
