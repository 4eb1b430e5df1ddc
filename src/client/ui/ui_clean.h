/* The removal of the old certificate as the page knows it (R5.11): wished, agreed to, done. */
#pragma once

#include "client/ui/ui_run.h"

/* The person wants an old certificate gone; ui_clean_look tells whether that can be. */
void ui_clean_wish(struct ui_run *r);
/* And, asked again, still does. */
void ui_clean_agree(struct ui_run *r);
void ui_clean_forget(struct ui_run *r);

/* After a look: is there one that may go, and is the one that was asked for among them? */
void ui_clean_look(struct ui_run *r);

/* It is gone: what is shown from here on is the new one. */
void ui_clean_done(struct ui_run *r);
