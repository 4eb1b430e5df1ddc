/* The renewed certificate that the page shows, with its checklist. */
#pragma once

#include "client/ui/ui_run.h"

/* All of them false: none. `check`: what the server said of it, NULL when it was not asked. */
bool ui_done_subject(const struct ui_run *r, struct span *der, const struct api_check **check);
bool ui_done_cert(const struct ui_run *r, struct cert *out);
bool ui_done_serial(const struct ui_run *r, char out[UI_SERIAL]);
