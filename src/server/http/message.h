/* One HTTP/1.1 request out of bytes, however they are cut. */
#pragma once

#include "server/http/exchange.h"

enum message_step {
    MESSAGE_MORE, /* all bytes are taken, and more are needed */
    MESSAGE_HEAD, /* the headers are in: whoever lets the body come sets body_limit of the request; then feed on */
    MESSAGE_DONE, /* the body is in; what was not taken belongs to the next request */
    MESSAGE_BAD   /* no HTTP, too large or of two meanings (head_bad, head_large): nothing can follow */
};

struct message;

struct message *message_new(void); /* NULL: out of memory */
void message_free(struct message *m);
OWN(message)

enum message_step message_feed(struct message *m, struct span in, size_t *taken);

/* Filled in from MESSAGE_HEAD on; at MESSAGE_BAD what there is of it, never NULL. Lives as long as the message. */
struct request *message_request(struct message *m);

bool message_keeps(const struct message *m);       /* its connection may carry another one */
bool message_expects(const struct message *m);     /* there is a body that the caller sends only when told to */
uint64_t message_refused(const struct message *m); /* bytes of a body that nobody wants */
const char *message_reason(int status);            /* "Not Found" */
