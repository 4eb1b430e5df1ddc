/* The names of the marks (declared in rules/mark.h). */
#include "rules/mark.h"

#include "rules/names.h"

static const char *const names[MARK_COUNT] = {"tax",       "customs", "social-insurance",
                                              "e-invoice", "bank",    "e-procurement"};

const char *mark_name(int mark) {
    return names[mark];
}

int mark_from(const char *name) {
    return names_find(names, MARK_COUNT, name);
}
