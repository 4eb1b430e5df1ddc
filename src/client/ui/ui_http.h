/* The page's door: http on 127.0.0.1 for one browser tab of the person who started the program, and for nobody else. */
#pragma once

#include "client/ui/ui_state.h"

#define UI_URL 96

struct ui_http;

/* Listens on a free port of 127.0.0.1 and serves until ui_http_free. `url` gets the address with the one-time token.
   RC_IO. */
MUST enum rc ui_http_start(struct ui_state *state, struct ui_http **out, char url[UI_URL]);
void ui_http_free(struct ui_http *h);
OWN(ui_http)
