/* What the tests of the signer share: what is signed, its processes as the system sees them, what they tell. */
#include "unit/pki/signer/signer_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/run.h"

struct buf signer_tbs, signer_endless;
static struct buf message; /* the kur that asks for it … */
static struct span kur;    /* … and its core */
char signer_key[PATH_CAP];

int signer_world_setup(void **state) {
    (void)state;
    pki_world_open(&world);
    struct profile_input in = pki_world_input(&world);
    MUST_OK(profile_tbs(&in, &signer_tbs));
    in.not_after = NEW_CA_TO + 1;
    MUST_OK(profile_tbs(&in, &signer_endless));
    kur = pki_world_kur(&world, buf_span(&world.sub_der), NULL, &message);
    pki_world_path(&world, "new.key", signer_key);
    return 0;
}

int signer_world_teardown(void **state) {
    (void)state;
    buf_free(&signer_tbs);
    buf_free(&signer_endless);
    buf_free(&message);
    pki_world_free(&world);
    return 0;
}

/* What the parent tells is gathered in a file: it is another process. */
static char events_path[PATH_CAP];

static void gather(const struct signer_event *e) {
    char line[ERR_TEXT + 64];
    int fd = open(events_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int len = snprintf(line, sizeof line, "%s: %s\n", e->name, e->text);
    if (fd < 0 || write(fd, line, (size_t)len) != len)
        _exit(9);
    close(fd);
}

struct signer_config signer_world_config(int helpers) {
    static int count;
    snprintf(events_path, sizeof events_path, "%.900s/events%d", world.dir, ++count);
    return (struct signer_config){.key_ref = signer_key,
                                  .ca_der = buf_span(&world.new_der),
                                  .old_ca_der = buf_span(&world.old_der),
                                  .tell = gather,
                                  .helpers = helpers,
                                  .terms = pki_world_terms()};
}

struct signer_request signer_world_request(void) {
    return (struct signer_request){.old_cert = buf_span(&world.sub_der), .kur = kur, .tbs = buf_span(&signer_tbs)};
}

void signer_world_holds(const struct signer *s, const struct buf *signature) {
    AUTO(buf) der = {0};
    struct cert c;
    MUST_OK(profile_join(buf_span(&signer_tbs), signer_alg(s), buf_span(signature), &der));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(world.new_ca, &c, false));
}

int signer_world_children(pid_t parent, pid_t out[16]) {
    int count = 0;
    char path[64], text[512];
    DIR *proc = opendir("/proc");
    for (struct dirent *e = readdir(proc); e != NULL; e = readdir(proc)) {
        snprintf(path, sizeof path, "/proc/%.20s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        size_t len = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);
        text[len] = '\0';
        if (f != NULL)
            fclose(f);
        const char *end = strrchr(text, ')'); /* "pid (name) state ppid" */
        if (end != NULL && end[2] != 'Z' && strtol(end + 4, NULL, 10) == parent && count < 16)
            out[count++] = (pid_t)strtol(e->d_name, NULL, 10);
    }
    closedir(proc);
    return count;
}

int signer_world_helpers(pid_t out[16]) {
    pid_t parent[16];
    assert_int_equal(signer_world_children(getpid(), parent), 1);
    return signer_world_children(parent[0], out);
}

void signer_world_full(struct signer *s, int helpers, int64_t restarts) {
    struct signer_health h;
    do {
        usleep(2000);
        signer_look(s, &h);
    } while (h.alive < helpers || h.restarts < restarts);
}

int signer_world_told(const char *what) {
    AUTO(buf) all = {0};
    int n = 0;
    if (fs_exists(events_path))
        MUST_OK(fs_read(events_path, 1 << 20, &all));
    for (const char *at = buf_str(&all); (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

void signer_world_wait(const char *what) {
    while (signer_world_told(what) == 0)
        usleep(2000);
}

struct signer *signer_shared;

bool signer_world_signs(void) {
    struct signer_request req = signer_world_request();
    for (int i = 0; i < 25; i++) {
        AUTO(buf) signature = {0};
        req.tbs = buf_span(i % 5 == 4 ? &signer_endless : &signer_tbs);
        enum rc rc = signer_sign(signer_shared, &req, &signature);
        if (i % 5 == 4 ? rc != RC_REFUSED : rc != RC_OK || signature.len != 256)
            return false;
    }
    return true;
}

bool signer_world_token(struct softhsm *hsm, const char *module, char uri[2 * PATH_CAP], char pin_path[PATH_CAP]) {
    char der_path[PATH_CAP];
    if (softhsm_dir(hsm) != RC_OK || !fs_exists(softhsm_path()))
        return false;
    pki_world_path(&world, "new.der", der_path);
    pki_world_path(&world, "pin", pin_path);
    MUST_OK(fs_write(pin_path, span_str(SIGNER_PIN "\n"), 0600));
    MUST_RUN("softhsm2-util", "--init-token", "--free", "--label", "ca", "--so-pin", SOFTHSM_SO_PIN, "--pin",
             SIGNER_PIN);
    MUST_RUN("openssl", "pkey", "-in", signer_key, "-outform", "PEM", "-out", der_path);
    MUST_RUN("softhsm2-util", "--import", der_path, "--token", "ca", "--label", "ca-key", "--id", "01", "--pin",
             SIGNER_PIN);
    snprintf(uri, 2 * PATH_CAP, "pkcs11:token=ca;object=ca-key?module-path=%s", module);
    return true;
}

void signer_world_shim(struct softhsm *hsm, struct signer_config *cfg) {
    static char uri[2 * PATH_CAP], pin_path[PATH_CAP];
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (!signer_world_token(hsm, getenv("CAPBU_SHIM"), uri, pin_path)) {
        print_message("SoftHSM is not installed\n");
        skip();
    }
    cfg->key_ref = uri;
    cfg->pin_file = pin_path;
}
