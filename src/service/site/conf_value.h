/* One value of a configuration file: from its text into its field, by its key. */
#pragma once

#include "service/site/conf_reader.h"

/* RC_INPUT with a text that says what would be right; `base` is the struct that key->offset counts from. */
MUST enum rc conf_value_set(const struct conf_key *key, const char *value, void *base);
