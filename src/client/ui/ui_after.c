/* What the page does once a renewal is done, all of it best effort: the receipt, and telling the server of the marks.
 */
#include "client/ui/ui_run.h"

#include <string.h>

#include "base/hex.h"
#include "client/flow/marks.h"

#define LOST_AT_ONCE 5000 /* of http.c's 8 s: such a call may take 3, so that the page does not hang */

/* The renewed certificate that is shown: the one just issued, else the one found on a token. */
static bool subject_of(const struct ui_run *r, struct span *der, const struct api_check **check) {
    *check = r->item == NULL ? NULL : &r->item->check;
    if (r->new_cert.len > 0) {
        *der = buf_span(&r->new_cert);
        return true;
    }
    for (size_t k = 0; k < r->survey.count; k++) {
        const struct survey_item *i = &r->survey.items[k];
        const struct find_candidate *is = i->due == DUE_FULL ? i->candidate : i->successor;
        if ((i->due != DUE_DONE && i->due != DUE_FULL) || is == NULL)
            continue;
        *der = buf_span(&is->der);
        *check = &i->check;
        return true;
    }
    return false;
}

bool ui_done_cert(const struct ui_run *r, struct cert *out) {
    const struct api_check *check;
    struct span der;

    return subject_of(r, &der, &check) && cert_parse(der, out) == RC_OK;
}

bool ui_done_serial(const struct ui_run *r, char out[UI_SERIAL]) {
    struct cert c;

    out[0] = '\0';
    if (!ui_done_cert(r, &c))
        return false;
    serial_to_hex(c.facts.serial, c.facts.serial_len, out);
    return true;
}

static struct http quick(const struct ui_run *r) {
    struct http h = r->http;
    h.lost_ms = LOST_AT_ONCE;
    return h;
}

/* From this machine, else from the server, which signs under the CA that it named over the pinned connection. */
static enum rc receipt_find(struct ui_run *r, const char *serial) {
    const struct api_check *check;
    struct span der;
    AUTO(buf) document = {0};
    AUTO_PTR(ca) ca = NULL;
    struct http h = quick(r);

    if (!subject_of(r, &der, &check) || check == NULL)
        FAIL(RC_NOT_FOUND, "nothing is done");
    TRY(ca_open(buf_span(&check->client.issuer), &ca));
    if (receipts_get(serial, ca, &r->receipt) == RC_OK)
        return RC_OK;
    TRY(api_receipt(&h, der, &document));
    TRY(receipt_read(buf_span(&document), ca, &r->receipt));
    receipts_keep(&r->receipt);
    return RC_OK;
}

static void tell_marks(struct ui_run *r, const char *serial) {
    struct marks marks = marks_get(serial);
    const struct api_check *check;
    struct span der;
    struct http h = quick(r);

    if (marks.told || !subject_of(r, &der, &check) || api_marks(&h, der, marks.bits) != RC_OK)
        return; /* the next opening tries again */
    marks.told = true;
    marks_put(serial, marks);
}

void ui_after(struct ui_run *r, bool quiet) {
    char serial[UI_SERIAL];

    if (flow_view(ui_run_screen(r), r->lang).mood != MOOD_DONE || !ui_done_serial(r, serial))
        return;
    if (strcmp(serial, r->after) != 0) { /* once for each renewal */
        memcpy(r->after, serial, sizeof r->after);
        receipt_free(&r->receipt);
        if (receipt_find(r, serial) == RC_OK)
            ui_publish(r);
        tell_marks(r, serial);
        r->marked = false;
    }
    if (r->marked && quiet) {
        r->marked = false;
        tell_marks(r, serial);
    }
}

void ui_mark(struct ui_run *r, const char *item, bool done) {
    char serial[UI_SERIAL];
    int m = mark_from(item);

    if (m < 0 || !ui_done_serial(r, serial))
        return;
    struct marks marks = marks_get(serial);
    marks.bits = done ? marks.bits | 1u << m : marks.bits & ~(1u << m);
    marks.told = false;
    marks_put(serial, marks);
    r->marked = true;
    ui_publish(r);
}
