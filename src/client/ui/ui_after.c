/* What the page does once a renewal is done, all of it best effort: the receipt, and telling the server of the marks.
 */
#include "client/ui/ui_after.h"

#include <string.h>

#include "client/flow/marks.h"
#include "client/ui/ui_done.h"
#include "client/ui/ui_view.h"

#define LOST_AT_ONCE 5000 /* of http.c's 8 s: such a call may take 3, so that the page does not hang */

static struct http quick(const struct ui_run *r) {
    struct http h = r->http;
    h.lost_ms = LOST_AT_ONCE;
    return h;
}

/* From this machine, else, when only its secret is here, from the server, which signs under the CA that it named over
   the pinned connection. */
static enum rc receipt_find(struct ui_run *r, const char *serial) {
    const struct api_check *check;
    struct span der;
    AUTO(buf) document = {0};
    AUTO_PTR(ca) ca = NULL;
    char secret[SECRET_TEXT];
    struct http h = quick(r);

    if (!ui_done_subject(r, &der, &check) || check == NULL)
        FAIL(RC_NOT_FOUND, "nothing is done");
    TRY(ca_open(buf_span(&check->client.issuer), &ca));
    if (receipts_get(serial, ca, &r->receipt) == RC_OK)
        return RC_OK;
    receipts_secret(serial, secret);
    if (secret[0] == '\0')
        FAIL(RC_NOT_FOUND, "the renewal was another computer's");
    TRY(api_receipt(&h, der, secret, &document));
    TRY(receipt_read(buf_span(&document), ca, &r->receipt));
    receipts_keep(&r->receipt);
    return RC_OK;
}

static void tell_marks(struct ui_run *r, const char *serial) {
    struct marks marks = marks_get(serial);
    const struct api_check *check;
    struct span der;
    char secret[SECRET_TEXT];
    struct http h = quick(r);

    receipts_secret(serial, secret);
    if (marks.told || !ui_done_subject(r, &der, &check) || secret[0] == '\0' ||
        api_marks(&h, der, secret, marks.bits) != RC_OK)
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
