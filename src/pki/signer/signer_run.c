/* The helper process from its fork to the end of its channel (declared in pki/signer/signer_wire.h). */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pki/key/key.h"
#include "pki/signer/signer_cage.h"
#include "pki/signer/signer_wire.h"

/* It outlives neither its parent nor its channels. Signals of the terminal and of the service manager are the server's
   business: it still needs signatures while it finishes. */
static bool settle(const struct signer_ends *ends, int parent) {
    sigset_t none;
    bool alive = signer_cage_harden(parent);
    prctl(PR_SET_NAME, "capbud-signer");
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signer_cage_keep(ends->channel, ends->journal);
    return alive;
}

/* With the key open there is nothing more to open, unless a driver does. */
static enum rc begin(const struct signer_config *cfg, volatile int *refused, struct signer_helper **h) {
    TRY(signer_helper_open(cfg, h));
    return signer_cage_lock(key_on_token(cfg->key_ref) ? CAGE_TOKEN : CAGE_FILE, refused);
}

_Noreturn void signer_helper_run(const struct signer_ends *ends, const struct signer_config *cfg, int parent,
                                 volatile int *refused) {
    struct signer_helper *h = NULL;
    bool lost = false;
    AUTO(buf) ready = {0};
    if (!settle(ends, parent))
        _exit(1);
    enum rc rc = begin(cfg, refused, &h);
    if (signer_packet_add(&ready, rc, false, rc == RC_OK ? (struct span){0} : span_str(err_text())) == RC_OK &&
        signer_packet_tell(ends->channel, &ready) == RC_OK && rc == RC_OK)
        lost = !signer_packet_serve(h, ends->channel, ends->journal);
    if (lost)
        _exit(SIGNER_LOST); /* without a farewell to a driver that may wait for a device that is away */
    signer_helper_free(h);
    _exit(rc == RC_OK ? 0 : 1);
}
