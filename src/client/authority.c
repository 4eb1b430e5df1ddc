/* Looks at a host and a port before anybody is asked by them. */
#include "client/authority.h"

#include <string.h>

#define PORT_MOST 65535u

static bool named(uint8_t c) {
    static const char of[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return c >= 0x80 || (c != 0 && strchr(of, c) != NULL);
}

static size_t host_len(struct span s) {
    size_t n = 0;

    if (s.len > 0 && s.ptr[0] == '[') {
        const uint8_t *end = memchr(s.ptr, ']', s.len);
        for (n = 1; n < s.len && s.ptr[n] != 0 && strchr("0123456789abcdefABCDEF:.", s.ptr[n]) != NULL;)
            n++;
        return end == s.ptr + n && n > 1 ? n + 1 : 0;
    }
    while (n < s.len && named(s.ptr[n]))
        n++;
    return n;
}

static bool port_fits(struct span s) {
    unsigned port = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || port > PORT_MOST)
            return false;
        port = port * 10 + (s.ptr[i] - '0');
    }
    return port >= 1 && port <= PORT_MOST;
}

bool authority_fits(struct span s) {
    size_t host = host_len(s);

    if (host == 0 || host == s.len)
        return host > 0;
    return s.ptr[host] == ':' && port_fits(span_of(s.ptr + host + 1, s.len - host - 1));
}
