/* Who stands at the page's door: every program on this computer may connect to 127.0.0.1, another user's too. When it
   gets crowded, those leave who came first and never showed that they are the page. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define DOOR_ROOM 24  /* strangers who may stand there; a browser has about six connections */
#define DOOR_MOST 128 /* connections at all */

struct ui_door { /* thread-safe */
    pthread_mutex_t lock;
    int count;
    struct {
        intptr_t socket;
        bool known, gone; /* it showed the page's secret; it was hung up, and leaves soon */
    } at[DOOR_MOST];      /* in the order they came */
};

void ui_door_init(struct ui_door *d);
void ui_door_end(struct ui_door *d);
void ui_door_enter(struct ui_door *d, intptr_t socket);
void ui_door_known(struct ui_door *d, intptr_t socket);
void ui_door_leave(struct ui_door *d, intptr_t socket); /* before the socket is closed */
