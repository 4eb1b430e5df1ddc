/* Draws the bar. */
#include "cli/progress_bar.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/tell.h"

#define WIDTH 40

void progress_bar(void *arg, int64_t done, int64_t total) {
    static int shown = -1;
    int percent = total > 0 ? (int)(done * 100 / total) : 100;

    if (!isatty(STDERR_FILENO) || percent == shown)
        return;
    shown = percent;
    fprintf(stderr, "\r%s [", tell_word(*(const enum tell *)arg));
    for (int i = 0; i < WIDTH; i++)
        fputc(i < percent * WIDTH / 100 ? '#' : ' ', stderr);
    fprintf(stderr, "] %3d %%%s", percent, percent == 100 ? "\n" : "");
    fflush(stderr);
}
