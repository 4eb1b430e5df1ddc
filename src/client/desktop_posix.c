/* The desktop as freedesktop.org has it. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "client/desktop.h"

#define BROWSE_MS 1500 /* for xdg-open to say that it cannot */

extern char **environ;

/* The XDG specification: a relative path in its variable is invalid. */
static enum rc folder_of(const char *variable, const char *below_home, char out[PATH_CAP]) {
    const char *folder = os_env(variable), *home = os_env("HOME");
    if (folder != NULL && folder[0] == '/')
        return fs_join(out, folder, "capbu");
    if (home == NULL || home[0] != '/')
        FAIL(RC_NOT_FOUND, "neither %s nor HOME says where capbu's folder lies", variable);
    return fs_join(out, home, below_home);
}

enum rc desktop_state(char out[PATH_CAP]) {
    return folder_of("XDG_STATE_HOME", ".local/state/capbu", out);
}

enum rc desktop_config(char out[PATH_CAP]) {
    return folder_of("XDG_CONFIG_HOME", ".config/capbu", out);
}

enum rc desktop_program(char out[PATH_CAP]) {
    ssize_t len = readlink("/proc/self/exe", out, PATH_CAP - 1);

    if (len <= 0 || len >= PATH_CAP - 1)
        FAIL(RC_NOT_FOUND, "nothing says where the program itself lies");
    out[len] = '\0';
    out[(size_t)(fs_base_name(out) - out)] = '\0';
    return RC_OK;
}

enum rc desktop_machine(char out[PATH_CAP]) {
    return text_set(out, PATH_CAP, "/etc/capbu");
}

/* True: the child still runs when time is up. */
static bool outlasts(pid_t child, int *status) {
    for (int64_t until = os_clock_ms() + BROWSE_MS; os_clock_ms() < until; os_pause_ms(20))
        if (waitpid(child, status, WNOHANG) == child)
            return false;
    return true;
}

enum rc desktop_browse(const char *path) {
    const char *const args[] = {"xdg-open", path, NULL};
    posix_spawn_file_actions_t quiet;
    pid_t child;
    int status = 0;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(&child, args[0], &quiet, NULL, (char *const *)(uintptr_t)args, environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (failed != 0)
        FAIL(RC_NOT_FOUND, "xdg-open: %s", strerror(failed));
    if (outlasts(child, &status))
        return RC_OK; /* where no desktop is running it is the browser itself */
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        FAIL(RC_IO, "xdg-open could not open the browser");
    return RC_OK;
}

static bool is_set(const char *name) {
    const char *value = os_env(name);
    return value != NULL && value[0] != '\0';
}

bool desktop_started(void) {
    return !isatty(STDIN_FILENO) && (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"));
}

struct desktop_system desktop_system(void) {
    struct desktop_system s;
    struct utsname u = {0};

    (void)uname(&u);
    (void)snprintf(s.name, sizeof s.name, "%.31s", u.sysname);
    (void)snprintf(s.release, sizeof s.release, "%.79s", u.release);
    (void)snprintf(s.machine, sizeof s.machine, "%.31s", u.machine);
    return s;
}

void desktop_hang_up(intptr_t socket) {
    (void)shutdown((int)socket, SHUT_RDWR);
}

bool desktop_hung_up(intptr_t socket) {
    char next;
    return recv((int)socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
