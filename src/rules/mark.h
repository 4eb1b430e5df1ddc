/* The systems that must learn of a new certificate (domain.md): a subscriber ticks those that were told. */
#pragma once

enum mark { /* the store keeps them as bits: only ever append */
            MARK_TAX,
            MARK_CUSTOMS,
            MARK_SOCIAL_INSURANCE,
            MARK_E_INVOICE,
            MARK_BANK,
            MARK_E_PROCUREMENT,
            MARK_COUNT
};

const char *mark_name(int mark); /* "tax" "customs" "social-insurance" "e-invoice" "bank" "e-procurement" */
int mark_from(const char *name); /* -1: none of them */
