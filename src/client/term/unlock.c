/* One login before the search, by the same guards as the one before the signature. */
#include "client/term/unlock.h"

#include "client/term/terminal.h"
#include "client/token/pin.h"
#include "client/token/tries.h"

static enum exit_status refused(const struct options *o, struct p11_token *t, enum rc rc) {
    CK_RV rv = p11_last_rv();

    if (rc == RC_PIN_WRONG)
        rc = tries_after_wrong(t, tries_of_token(t), rv);
    return cmd_end(o, outcome_of(rc, "", HTTP_FINE, rv));
}

static enum exit_status guard(const struct options *o, struct p11_token *t) {

    tries_recall(t, tries_of_token(t));
    enum rc rc = pin_allowed(t, o->last_try);
    if (rc == RC_OK)
        return EXIT_DONE;
    return cmd_end(o, t->pin_locked ? OUTCOME_PIN_LOCKED : OUTCOME_PIN_LAST);
}

enum exit_status unlock(const struct options *o, struct http *h, struct survey *s, struct secret *pin) {
    struct find_token *t = survey_shut(s);

    if (t == NULL)
        return EXIT_DONE;
    enum exit_status status = guard(o, &t->token);
    if (status != EXIT_DONE)
        return status;
    enum rc rc = t->token.protected_path ? RC_OK : terminal_pin(o, &t->token, pin);
    if (rc == RC_USAGE) /* nobody to ask */
        return EXIT_DONE;
    if (rc != RC_OK)
        return EXIT_WRONG_PIN;
    p11_rv_forget();
    rc = survey_unlock(s, t, span_of(pin->text, pin->len));
    if (rc != RC_OK)
        return refused(o, &t->token, rc);
    tries_forget(tries_of_token(&t->token));
    return cmd_end(o, outcome_of(survey_check(o, h, s), "", h->trouble, CKR_OK));
}
