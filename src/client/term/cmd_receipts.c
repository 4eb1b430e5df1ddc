/* capbu receipt: shows or saves what the server signed when the renewal was confirmed; asks for it again when this
   machine has none. */
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "client/flow/receipts.h"
#include "client/say.h"
#include "client/term/cmd.h"
#include "client/term/terminal.h"

/* --ca pins who may have signed; without it nobody vouches for a receipt that lies here. RC_USAGE. */
static enum rc pin_open(const struct options *o, struct ca **out) {
    AUTO(buf) der = {0};
    if (o->new_ca == NULL)
        return RC_OK;
    TRY(survey_anchor(o, &der));
    return ca_open(buf_span(&der), out) == RC_OK ? RC_OK : err_in(RC_USAGE, "--ca %s", o->new_ca);
}

static bool is_renewed(const struct survey_item *i) {
    return i->asked && (strcmp(i->check.state, "confirmed") == 0 || i->due == DUE_FULL);
}

/* The file was lost or damaged, and its secret is still here. */
static bool by_secret(struct http *h, const struct survey_item *item, const struct ca *ca, struct receipt *r) {
    char secret[SECRET_TEXT];
    AUTO(buf) document = {0};

    receipts_secret(item->check.new_serial, secret);
    if (secret[0] == '\0' || api_receipt(h, buf_span(&item->candidate->der), secret, &document) != RC_OK ||
        receipt_read(buf_span(&document), ca, r) != RC_OK)
        return false;
    receipts_keep(r);
    return true;
}

/* Certificates are public: the server gives the receipt to whoever has the key, so this takes the PIN. */
static enum exit_status by_key(const struct options *o, struct http *h, const struct survey_item *item,
                               const struct ca *ca, struct receipt *r) {
    const struct enrol_hooks hooks = terminal_hooks(o);
    AUTO(enrol) e = {.item = item, .http = h, .last_try = o->last_try, .hooks = &hooks, .lang = o->lang};

    enum rc rc = enrol_receipt(&e);
    if (rc != RC_OK) {
        terminal_note(&e, "receipt");
        return terminal_outcome(o, &e, rc);
    }
    if (e.keep.receipt.len == 0) {
        say_err(o->lang, SAY_NO_RECEIPT);
        return EXIT_NOT_ELIGIBLE;
    }
    rc = receipt_given(&e.keep, ca, r);
    if (rc != RC_OK)
        return cmd_end(o, outcome_of(rc, "", h->trouble, NULL));
    receipts_keep(r);
    return EXIT_DONE;
}

/* From the server, for a renewed certificate that is plugged in. EXIT_DONE: `r` holds it. */
static enum exit_status fetch(const struct options *o, struct http *h, const struct ca *pin, struct receipt *r) {
    AUTO(survey) s = {0};
    const struct survey_item *item = NULL;
    int done = 0;

    enum exit_status status = cmd_survey(o, h, &s);
    if (status != EXIT_DONE)
        return status;
    for (size_t k = 0; k < s.count; k++)
        if (is_renewed(&s.items[k])) {
            item = &s.items[k];
            done++;
        }
    if (done > 1)
        return cmd_choose(o, &s, SAY_SEVERAL_RECEIPTS, is_renewed);
    if (done == 0) {
        say_err(o->lang, SAY_NO_RECEIPT);
        return EXIT_NOT_ELIGIBLE;
    }
    AUTO_PTR(ca) said = NULL;
    enum rc rc = ca_open(buf_span(&item->check.client.issuer), &said);
    if (rc != RC_OK)
        return cmd_end(o, outcome_of(rc, "", h->trouble, NULL));
    pin = pin != NULL ? pin : said;
    return by_secret(h, item, pin, r) ? EXIT_DONE : by_key(o, h, item, pin, r);
}

static enum exit_status show_json(const struct options *o, const struct receipt *r, bool vouched) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_str(&w, "old_serial", r->old_serial);
    jsonw_str(&w, "new_serial", r->new_serial);
    jsonw_str(&w, "tax_code", r->tax_code);
    jsonw_str(&w, "contract_end", r->contract_end);
    jsonw_str(&w, "new_not_after", r->new_not_after);
    jsonw_str(&w, "channel", r->channel);
    jsonw_text(&w, "consent_at", r->consent_at);
    jsonw_text(&w, "consent_text", r->consent_text);
    jsonw_str(&w, "confirmed_at", r->confirmed_at);
    jsonw_bool(&w, "verified", vouched);
    jsonw_b64(&w, "receipt", buf_span(&r->document));
    jsonw_close(&w, '}');
    return cmd_print_json(o, &w);
}

static enum exit_status show(const struct options *o, const struct receipt *r, bool vouched) {
    char contract[DAY_TEXT], end[DAY_TEXT], confirmed[INSTANT_READ], agreed[INSTANT_READ];

    if (o->out != NULL)
        return cmd_out(o, buf_span(&r->document), "{\"receipt\":\"1\",");
    if (o->json)
        return show_json(o, r, vouched);
    cmd_day(o->lang, r->new_not_after, end);
    cmd_date(o->lang, r->contract_end, contract);
    cmd_time(o->lang, r->confirmed_at, confirmed);
    cmd_time(o->lang, r->consent_at, agreed);
    say_out(o->lang, SAY_RECEIPT, r->old_serial, r->new_serial, r->tax_code, contract, end, confirmed, agreed,
            r->consent_text);
    say_out(o->lang, vouched ? SAY_RECEIPT_HOLDS : SAY_RECEIPT_UNPINNED);
    return EXIT_DONE;
}

/* A machine may have seen many customers: what is kept is not shown for a token that it does not speak of. */
static bool fits_what_is_in(const struct options *o, const struct receipt *r) {
    AUTO(survey) s = {0};
    char serial[2 * SERIAL_MAX + 2];

    if (survey_find(o, &s) != RC_OK)
        return true; /* nothing is plugged in */
    for (size_t k = 0; k < s.count; k++) {
        survey_serial(&s.items[k], serial);
        if (strcmp(serial, r->old_serial) == 0 || strcmp(serial, r->new_serial) == 0)
            return true;
    }
    return s.find.candidate_count == 0;
}

static enum rc kept_under(const struct options *o, const struct ca *pin, struct receipt *r) {
    enum rc rc = RC_NOT_FOUND;

    for (int i = 0; i < o->serial_readings && rc == RC_NOT_FOUND; i++)
        rc = receipts_get(o->serials[i], pin, r);
    return rc;
}

/* The one that is asked for, or the only one. */
static enum rc kept(const struct options *o, const struct ca *pin, struct receipt *r) {
    char serials[RECEIPTS_MAX][48];
    AUTO(receipt) only = {0};

    if (o->serial != NULL)
        return kept_under(o, pin, r);
    if (receipts_list(serials) != 1)
        FAIL(RC_NOT_FOUND, "not one receipt is kept here");
    TRY(receipts_get(serials[0], pin, &only));
    if (!fits_what_is_in(o, &only))
        FAIL(RC_NOT_FOUND, "what is kept here is of another token");
    *r = only;
    only = (struct receipt){0}; /* given away */
    return RC_OK;
}

enum exit_status cmd_receipt(const struct options *o, struct http *h) {
    AUTO(receipt) r = {0};
    AUTO_PTR(ca) pin = NULL;
    bool fetched = false;

    enum rc rc = pin_open(o, &pin);
    if (rc == RC_OK)
        rc = kept(o, pin, &r);
    if (rc == RC_NOT_FOUND) {
        enum exit_status status = fetch(o, h, pin, &r);
        if (status != EXIT_DONE)
            return status;
        fetched = true;
    } else if (rc == RC_CRYPTO && pin != NULL) { /* no server was asked */
        say_err(o->lang, SAY_RECEIPT_OTHER_CA, o->new_ca);
        return EXIT_USAGE;
    } else if (rc != RC_OK) {
        return cmd_fail(o, rc);
    }
    return show(o, &r, fetched || pin != NULL);
}
