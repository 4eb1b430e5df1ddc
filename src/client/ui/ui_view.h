/* A run as the page gets it. */
#pragma once

#include "client/ui/ui_run.h"

/* Shows the present state. One that cannot be told is no reason to stop: the next one will be. */
void ui_publish(struct ui_run *r);
