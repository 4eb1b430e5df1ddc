/* Configures the helpers that hold the CA key, logs what happens to them, and runs them as a service of their own. */
#include "server/signing.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pki/signer/signer_service.h"
#include "service/site/signer_conf.h"

static void tell_log(const struct signer_event *e) {
    log_line(e->grave ? LOG_ERROR : LOG_WARN, e->name, "text", e->text, NULL);
}

struct signer_config signing_config(const struct site *s) {
    struct signer_config cfg = signer_conf(s);
    cfg.tell = tell_log;
    return cfg;
}

static struct site site; /* of the service, which has no other */

static void tell_ready(void) {
    printf("ready %s\n", site.conf.signer_socket);
    fflush(stdout);
    log_line(LOG_INFO, "ready", "address", site.conf.signer_socket, "dir", site.conf.dir, NULL);
}

static enum rc peer_of(const struct conf *c, uid_t *out) {
    *out = geteuid();
    if (c->signer_peer[0] == '\0')
        return RC_OK;
    const struct passwd *user = getpwnam(c->signer_peer);
    if (user == NULL)
        FAIL(RC_INPUT, "signer_peer: there is no user \"%s\"", c->signer_peer);
    *out = user->pw_uid;
    return RC_OK;
}

static enum rc serve(const char *dir) {
    uid_t peer;

    TRY(site_open(dir, &site));
    if (site.conf.signer_socket[0] == '\0')
        FAIL(RC_INPUT, "%s/" CONF_NAME ": signer_socket is not set: it names the socket to serve", site.conf.dir);
    TRY(peer_of(&site.conf, &peer));
    TRY(conf_kept(&site.conf));
    const struct signer_config cfg = signing_config(&site);
    const struct signer_service service = {&cfg, site.conf.signer_socket, peer, tell_ready};
    TRY(signer_service_run(&service));
    log_line(LOG_INFO, "stopped", NULL);
    return RC_OK;
}

enum rc signing_serve(const char *dir) {
    enum rc rc = serve(dir);
    site_free(&site);
    return rc;
}
