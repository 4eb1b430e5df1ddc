/* Addresses as limits see them: one subscriber line owns a whole IPv6 /64, one customer of a network often a /48. */
#include "server/http/caller.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define V4_BLOCK 3 /* bytes: /24 */
#define V6_LINE  8 /* /64 */
#define V6_BLOCK 6 /* /48 */
#define V6_MARK  6 /* in the last byte, which no IPv4 address has */

static void v4_put(const void *addr, struct peer *out) {
    memcpy(out->limited_by, addr, 4);
    (void)inet_ntop(AF_INET, addr, out->text, sizeof out->text);
}

void caller_of(const struct sockaddr_storage *addr, struct peer *out) {
    *out = (struct peer){0};
    if (addr->ss_family == AF_INET) {
        v4_put(&((const struct sockaddr_in *)addr)->sin_addr, out);
    } else if (addr->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)addr)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(v6)) {
            v4_put(&v6->s6_addr[12], out);
            return;
        }
        memcpy(out->limited_by, v6, V6_LINE);
        out->limited_by[PEER_LEN - 1] = V6_MARK;
        (void)inet_ntop(AF_INET6, v6, out->text, sizeof out->text);
    }
}

static size_t block_len(const struct peer *p) {
    return p->limited_by[PEER_LEN - 1] == V6_MARK ? V6_BLOCK : V4_BLOCK;
}

void caller_block(const struct peer *p, uint8_t out[PEER_LEN]) {
    memset(out, 0, PEER_LEN);
    memcpy(out, p->limited_by, block_len(p));
    out[PEER_LEN - 1] = p->limited_by[PEER_LEN - 1];
}

void caller_block_text(const struct peer *p, char out[CALLER_BLOCK_TEXT]) {
    uint8_t masked[PEER_LEN] = {0};
    char address[INET6_ADDRSTRLEN] = "";
    size_t len = block_len(p);

    memcpy(masked, p->limited_by, len);
    (void)inet_ntop(len == V6_BLOCK ? AF_INET6 : AF_INET, masked, address, sizeof address);
    (void)snprintf(out, CALLER_BLOCK_TEXT, "%s/%zu", address, 8 * len);
}
