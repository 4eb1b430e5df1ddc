/* The word that somebody meant who mistyped it. */
#pragma once

/* Zero-initialise but for `typed`; offer it every word there is. */
struct near {
    const char *typed;
    const char *word; /* the nearest so far; NULL: none is near */
    int far;          /* its distance */
};

/* Near is a word of which at most two letters were left out, added, changed or swapped with the next, and less than
   half of those typed. Of two that are as near the first one stays. */
void near_offer(struct near *n, const char *word);
