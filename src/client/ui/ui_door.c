/* A list under a lock. */
#include "client/ui/ui_door.h"

#include <string.h>

#include "client/desktop.h"

void ui_door_init(struct ui_door *d) {
    d->count = 0;
    pthread_mutex_init(&d->lock, NULL);
}

void ui_door_end(struct ui_door *d) {
    pthread_mutex_destroy(&d->lock);
}

/* The lock is held. */
static void make_room(struct ui_door *d) {
    int strangers = 0, first = -1;

    for (int i = 0; i < d->count; i++) {
        bool stands = !d->at[i].known && !d->at[i].gone;
        first = stands && first < 0 ? i : first;
        strangers += stands;
    }
    if (strangers <= DOOR_ROOM)
        return;
    desktop_hang_up(d->at[first].socket);
    d->at[first].gone = true;
}

void ui_door_enter(struct ui_door *d, intptr_t socket) {
    pthread_mutex_lock(&d->lock);
    if (d->count < DOOR_MOST) {
        memset(&d->at[d->count], 0, sizeof d->at[0]);
        d->at[d->count++].socket = socket;
        make_room(d);
    }
    pthread_mutex_unlock(&d->lock);
}

void ui_door_known(struct ui_door *d, intptr_t socket) {
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < d->count; i++)
        d->at[i].known = d->at[i].known || d->at[i].socket == socket;
    pthread_mutex_unlock(&d->lock);
}

void ui_door_leave(struct ui_door *d, intptr_t socket) {
    int kept = 0;

    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < d->count; i++)
        if (d->at[i].socket != socket)
            d->at[kept++] = d->at[i];
    d->count = kept;
    pthread_mutex_unlock(&d->lock);
}
