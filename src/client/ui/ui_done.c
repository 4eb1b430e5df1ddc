/* Which renewed certificate the page shows: the one just issued, else the one found on a token. */
#include "client/ui/ui_done.h"

#include "base/hex.h"

bool ui_done_subject(const struct ui_run *r, struct span *der, const struct api_check **check) {
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

    return ui_done_subject(r, &der, &check) && cert_parse(der, out) == RC_OK;
}

bool ui_done_serial(const struct ui_run *r, char out[UI_SERIAL]) {
    struct cert c;

    out[0] = '\0';
    if (!ui_done_cert(r, &c))
        return false;
    serial_to_hex(c.facts.serial, c.facts.serial_len, out);
    return true;
}
