/* Fuzzes the JSON bodies of check and begin (server, base): any bytes are refused or give texts within their bounds. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "server/body.h"

/* A text that was read ends within its array. */
static void ends(const char *text, size_t cap) {
    if (memchr(text, '\0', cap) == NULL)
        abort();
}

static void check_certificate(const struct buf *certificate) {
    if (certificate->len == 0 || certificate->len > CERT_BODY_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(check_body) check = {0};
    AUTO(begin_body) begin = {0};

    if (check_body_parse(span_of(data, size), &check) == RC_OK)
        check_certificate(&check.certificate);
    if (begin_body_parse(span_of(data, size), &begin) != RC_OK)
        return 0;
    check_certificate(&begin.certificate);
    ends(begin.consent_text, sizeof begin.consent_text);
    ends(begin.client_version, sizeof begin.client_version);
    ends(begin.device_model, sizeof begin.device_model);
    ends(begin.channel, sizeof begin.channel);
    ends(begin.assist, sizeof begin.assist);
    ends(begin.ticket, sizeof begin.ticket);
    return 0;
}
