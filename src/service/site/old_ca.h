/* Is the old CA the one whose certificates are on record? With a wrong one nobody is eligible, or the wrong people. */
#pragma once

#include "service/site/conf.h"

/* RC_INPUT: a real installation, and old_ca is not the campaign's, or did not sign most of the certificates looked at
   (some foreign ones may always be on record). A drill takes any. The store must be open. */
MUST enum rc old_ca_check(const struct site *s);
