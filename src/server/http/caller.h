/* Who is at the other end: an address as text, and as what limits count by. */
#pragma once

#include <netinet/in.h>

#include "server/http/exchange.h"

/* An IPv4 address inside an IPv6 one (a listener for both gives those) is that IPv4 address. */
void caller_of(const struct sockaddr_storage *addr, struct peer *out);

/* The /24 of an IPv4 address, the /48 of an IPv6 one. */
void caller_block(const struct peer *p, uint8_t out[PEER_LEN]);

#define CALLER_BLOCK_TEXT 48
/* 203.0.113.0/24, 2001:db8:7::/48 */
void caller_block_text(const struct peer *p, char out[CALLER_BLOCK_TEXT]);
