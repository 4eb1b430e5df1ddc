/* The page takes the old certificate off the token, when policy and server let it go and the person asks (R5.11). */
#include "client/ui/ui_run.h"

#include <string.h>

static bool may_go(const struct survey_item *i) {
    return i->asked && i->due == DUE_DONE && i->successor != NULL && survey_may_clean(i);
}

/* After a look: is there one that may go, and is the one that was asked for among them? */
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
static void pick(struct ui_run *r) {
    char serial[2 * SERIAL_MAX + 2] = "";

    for (size_t k = 0; k < r->survey.count && r->new_cert.len == 0 && serial[0] == '\0'; k++)
        if (may_go(&r->survey.items[k]))
            survey_serial(&r->survey.items[k], serial);
    if (text_set(r->cleaning, sizeof r->cleaning, serial[0] == '\0' ? r->chosen : serial) != RC_OK)
        r->cleaning[0] = '\0';
}

/* First the wish, then, on the screen that it leads to, the word. */
void ui_clean(struct ui_run *r) {
    if (r->facts.cleaning) {
        r->clean_agreed = r->facts.clean_agreed = true;
        ui_publish(r);
        return;
    }
    pick(r);
    r->clean_agreed = false;
    ui_look(r); /* the new certificate must be seen beside the old one, and the server still let it go */
}

void ui_clean_forget(struct ui_run *r) {
    r->cleaning[0] = '\0';
    r->clean_agreed = r->facts.cleaning = r->facts.clean_agreed = false;
}

/* It is gone: what is shown from here on is the new one. */
void ui_cleaned(struct ui_run *r) {
    if (buf_set(&r->new_cert, buf_span(&r->item->successor->der)) != RC_OK)
        buf_clear(&r->new_cert);
    r->cleaning[0] = '\0';
    r->clean_agreed = r->facts.may_clean = false;
}

unsigned ui_actions(const struct ui_run *r) {
    unsigned all = flow_view(ui_run_screen(r), r->lang).actions;
    return r->facts.may_clean ? all : all & ~(unsigned)ACTION_CLEAN;
}
