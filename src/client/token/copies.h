/* Surplus copies of one certificate on a token, as an earlier run may have left where a driver hid what was written. */
#pragma once

#include "p11/object.h"

/* Leaves one object of that certificate, the one with `key_id` if there is one. Only what is proven to be an object of
   its own goes: a driver may show one under two handles. A convenience: what fails stays. */
void copies_remove(const struct p11_session *s, struct span der, struct span key_id);
