/* The page takes the old certificate off the token, when policy and server let it go and the person asks (R5.11). */
#include "client/ui/ui_clean.h"

#include <string.h>

static bool may_go(const struct survey_item *i) {
    return i->asked && i->due == DUE_DONE && i->successor != NULL && survey_may_clean(i);
}

void ui_clean_look(struct ui_run *r) {
    char serial[2 * SERIAL_MAX + 2];

    for (size_t k = 0; k < r->survey.count; k++) {
        const struct survey_item *i = &r->survey.items[k];
        if (!may_go(i))
            continue;
        r->facts.may_clean = true;
        survey_serial(i, serial);
        if (strcmp(serial, r->cleaning) != 0)
            continue;
        ui_choose(r, i);
        r->facts.cleaning = true;
        r->facts.clean_agreed = r->clean_agreed;
    }
}

/* The one whose renewal is shown; else the first that may go. */
void ui_clean_wish(struct ui_run *r) {
    char serial[2 * SERIAL_MAX + 2] = "";

    for (size_t k = 0; k < r->survey.count && r->new_cert.len == 0 && serial[0] == '\0'; k++)
        if (may_go(&r->survey.items[k]))
            survey_serial(&r->survey.items[k], serial);
    if (text_set(r->cleaning, sizeof r->cleaning, serial[0] == '\0' ? r->chosen : serial) != RC_OK)
        r->cleaning[0] = '\0';
    r->clean_agreed = false;
}

void ui_clean_agree(struct ui_run *r) {
    r->clean_agreed = r->facts.clean_agreed = true;
}

void ui_clean_forget(struct ui_run *r) {
    r->cleaning[0] = '\0';
    r->clean_agreed = r->facts.cleaning = r->facts.clean_agreed = false;
}

void ui_clean_done(struct ui_run *r) {
    if (buf_set(&r->new_cert, buf_span(&r->item->successor->der)) != RC_OK)
        buf_clear(&r->new_cert);
    r->cleaning[0] = '\0';
    r->clean_agreed = r->facts.may_clean = false;
}
