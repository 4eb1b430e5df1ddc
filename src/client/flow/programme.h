/* Who stands behind this program: as the server told last, else as it was set up or built in; so that whom to call is
   known also when the server is away. */
#pragma once

#include "client/net/api.h"
#include "client/options.h"

struct programme { /* "" not known */
    char hotline[API_HOTLINE], issuer[API_NAME], branch[API_NAME], title[API_TITLE], letter[API_TITLE];
};

/* What was kept of this server's last answer, then what the options say. Nothing fails. */
void programme_open(const struct options *o, struct programme *out);

/* Takes over what the server says now, and keeps it for the next run where it is new. */
void programme_learn(const struct options *o, const struct api_client *told, struct programme *p);
