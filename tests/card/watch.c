/* watch MODULE: says "event" whenever a token comes or goes, and "ended" once the wait was ended, at a line on stdin.
 */
#include "p11/watch.h"

#include <stdio.h>

#include "base/os.h"

static void tell(void *arg) {
    (void)arg;
    puts("event");
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct p11_module module = {0};
    struct p11_watch *w = NULL;

    if (argc != 2 || p11_module_open(&module, argv[1]) != RC_OK || p11_watch_new(&module, tell, NULL, &w) != RC_OK) {
        fprintf(stderr, "%s\n", err_text());
        return 1;
    }
    puts("waiting");
    fflush(stdout);
    (void)getchar();
    int64_t from = os_clock_ms();
    p11_module_free(&module);
    p11_watch_free(w);
    printf("ended after %lld ms\n", (long long)(os_clock_ms() - from));
    return 0;
}
