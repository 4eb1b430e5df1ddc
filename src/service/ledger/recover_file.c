/* Reads what may have the missing certificates, one at a time (declared in service/ledger/recover_file.h). */
#include "service/ledger/recover_file.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "service/csv/utf16.h"
#include "service/ledger/export_read.h"
#include "service/nameless.h"

#define FILE_LIMIT (64 * 1024 * 1024) /* of certificates; an export is streamed */
#define BEGIN      "-----BEGIN CERTIFICATE-----"
#define END        "-----END CERTIFICATE-----"

void recover_counts_add(struct recover_counts *to, const struct recover_counts *more) {
    to->read += more->read;
    to->taken += more->taken;
    to->completed += more->completed;
    to->blocked += more->blocked;
    to->entered += more->entered;
    to->held += more->held;
    to->others += more->others;
    to->no_record += more->no_record;
    to->unusable += more->unusable;
}

struct work {
    struct site *site;
    const struct recover_by *by;
    int64_t now;
    struct recover_counts *counts;
};

static enum rc bring(const struct work *w, struct span der, const struct recover_source *from) {
    struct recover_counts *c = w->counts;
    enum recovered what = RECOVERED_NOT;
    enum rc rc = recover_certificate(w->site, der, from, w->now, &what);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    c->taken += what == RECOVERED_TAKEN;
    c->completed += what == RECOVERED_COMPLETED;
    c->blocked += what == RECOVERED_BLOCKED;
    c->entered += what == RECOVERED_ENTERED;
    c->held += what == RECOVERED_HELD;
    c->no_record += rc == RC_NOT_FOUND;
    c->others += rc == RC_OK && what == RECOVERED_NOT;
    return RC_OK;
}

/* A cell that is empty or odd is a time that is not known: the certificate is what counts. */
static int64_t time_of(struct span cell) {
    char text[INSTANT_TEXT];
    int64_t at = INSTANT_NONE;
    if (text_set_span(text, sizeof text, cell) != RC_OK || instant_parse(text, &at) != RC_OK)
        return INSTANT_NONE;
    return at;
}

static enum rc bring_row(void *arg, const struct csv *c) {
    const struct work *w = arg;
    AUTO(buf) der = {0};
    char holder[sizeof((struct issued_row *)0)->holder] = "", channel[16] = "";
    char old_serial[2 * SERIAL_MAX + 2] = "", tax_code[20] = "";
    struct recover_source from = {.name = "export",
                                  .actor = w->by->actor,
                                  .late = w->by->late,
                                  .channel = CHANNEL_SELF,
                                  .holder = holder,
                                  .old_serial = old_serial,
                                  .tax_code = tax_code,
                                  .responder = w->by->responder};
    w->counts->read++;
    if (c == NULL || c->fields != EXPORT_COLUMNS || b64_from(c->field[EXPORT_CERTIFICATE], &der) != RC_OK) {
        w->counts->unusable++;
        return RC_OK;
    }
    if (text_set_span(old_serial, sizeof old_serial, c->field[EXPORT_OLD_SERIAL]) != RC_OK ||
        text_set_span(tax_code, sizeof tax_code, c->field[EXPORT_TAX_CODE]) != RC_OK)
        old_serial[0] = '\0';
    from.reserved_at = time_of(c->field[EXPORT_RESERVED]);
    from.issued_at = time_of(c->field[EXPORT_ISSUED]);
    from.confirmed_at = time_of(c->field[EXPORT_CONFIRMED]);
    if (text_set_span(channel, sizeof channel, c->field[EXPORT_CHANNEL]) == RC_OK)
        (void)channel_from(channel, &from.channel);
    if (text_set_span(holder, sizeof holder, c->field[EXPORT_HOLDER]) != RC_OK)
        holder[0] = '\0';
    return bring(w, buf_span(&der), &from);
}

static enum rc bring_one(const struct work *w, struct span text) {
    const struct recover_source from = {
        .name = "certificate", .actor = w->by->actor, .late = w->by->late, RECOVER_UNKNOWN};
    AUTO(buf) der = {0};
    w->counts->read++;
    enum rc rc = cert_from_pem_or_der(text, &der);
    if (rc == RC_OK)
        return bring(w, buf_span(&der), &from);
    w->counts->unusable++;
    return RC_OK;
}

static enum rc bring_certificates(const struct work *w, const char *path, struct span all) {
    const uint8_t *end = all.ptr + all.len, *at = memmem(all.ptr, all.len, BEGIN, strlen(BEGIN));
    struct cert cert;
    if (at == NULL && cert_parse(all, &cert) != RC_OK)
        FAIL(RC_INPUT, "%s is no export of capbuctl and no certificate: name an export, or certificates as PEM or DER",
             path);
    if (at == NULL)
        return bring_one(w, all);
    while (at != NULL) {
        const uint8_t *last = memmem(at, (size_t)(end - at), END, strlen(END));
        const uint8_t *next = last == NULL ? end : last + strlen(END);
        TRY(bring_one(w, span_of(at, (size_t)(next - at))));
        at = memmem(next, (size_t)(end - next), BEGIN, strlen(BEGIN));
    }
    return RC_OK;
}

/* What a spreadsheet has saved anew is one still: whatever parts its fields, and a line sep=; or a BOM before them. */
static bool is_export(FILE *in) {
    AUTO(csv) c = {0};
    bool more = false;
    csv_open(&c, in);
    bool is = csv_next(&c, &more) == RC_OK && more && c.fields > 1 &&
              span_eq_str(c.field[EXPORT_OLD_SERIAL], "old_serial") &&
              span_eq_str(c.field[EXPORT_NEW_SERIAL], "new_serial");
    rewind(in);
    return is;
}

static void untapped(void *arg, struct span read) {
    (void)arg;
    (void)read;
}

/* What a spreadsheet calls Unicode text. */
static enum rc make_utf8(const struct site *s, const char *path, FILE **in) {
    AUTO_FILE utf8 = NULL;
    if (!utf16_begins(fileno(*in)))
        return RC_OK;
    TRY(nameless_open(s->conf.dir, &utf8));
    enum rc rc = utf16_to_utf8(*in, untapped, NULL, utf8);
    if (rc != RC_OK)
        return err_in(rc, "%s", path);
    rewind(utf8);
    FILE *before = *in;
    *in = utf8;
    utf8 = before; /* to be closed */
    return RC_OK;
}

enum rc recover_file(struct site *s, const char *path, const struct recover_by *by, int64_t now,
                     struct recover_counts *counts) {
    struct work w = {s, by, now, counts};
    AUTO(buf) all = {0};
    int fd = -1;
    TRY(fs_open(path, &fd));
    AUTO_FILE in = fdopen(fd, "r");
    if (in == NULL)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    TRY(make_utf8(s, path, &in));
    if (is_export(in))
        return export_each(in, bring_row, &w);
    TRY(fs_read(path, FILE_LIMIT, &all));
    return bring_certificates(&w, path, buf_span(&all));
}
