/* Windows: environment, clock, wiping, locked memory. */
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>

#include <stdatomic.h>
#include <windows.h>

#include "base/os.h"
#include "base/wide.h"

#define NAME_CAP  64
#define VALUE_CAP 32768 /* the system's own limit */

/* Every variable that was asked for, as it was then: the texts must live on. */
struct known {
    struct known *next;
    char name[NAME_CAP];
    char value[];
};
static struct known *known;
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *learn(const char *name) {
    static char value[VALUE_CAP];
    static wchar_t wide[VALUE_CAP];
    wchar_t wide_name[NAME_CAP];

    if (wide_from(name, wide_name, NAME_CAP) != RC_OK)
        return NULL;
    DWORD len = GetEnvironmentVariableW(wide_name, wide, VALUE_CAP);
    if (len >= VALUE_CAP || (len == 0 && GetLastError() == ERROR_ENVVAR_NOT_FOUND))
        return NULL;
    wide[len] = 0;
    struct known *k = wide_to(wide, value, VALUE_CAP) == RC_OK ? malloc(sizeof *k + strlen(value) + 1) : NULL;
    if (k == NULL)
        return NULL;
    k->next = known;
    memcpy(k->name, name, strlen(name) + 1);
    memcpy(k->value, value, strlen(value) + 1);
    known = k;
    return k->value;
}

const char *os_env(const char *name) {
    const char *value = NULL;

    pthread_mutex_lock(&known_lock);
    for (const struct known *k = known; k != NULL && value == NULL; k = k->next)
        value = strcmp(k->name, name) == 0 ? k->value : NULL;
    if (value == NULL)
        value = learn(name);
    pthread_mutex_unlock(&known_lock);
    return value;
}

int64_t os_clock_ms(void) {
    return (int64_t)GetTickCount64();
}

void os_pause_ms(int64_t ms) {
    Sleep((DWORD)ms);
}

bool os_writable(int fd, int ms) {
    (void)fd; /* whoever writes a log there reads it too */
    (void)ms;
    return true;
}

void os_cond_init(pthread_cond_t *c) {
    pthread_cond_init(c, NULL);
}

bool os_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms) {
    int64_t left = until_ms - os_clock_ms();
    struct timespec t = {.tv_sec = left / 1000, .tv_nsec = (long)(left % 1000 * 1000000)};

    return left > 0 && pthread_cond_timedwait_relative_np(c, lock, &t) == 0;
}

const void *os_loopback(void) {
    static const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.S_un.S_un_b = {127, 0, 0, 1}};

    return &address;
}

void os_wipe(void *memory, size_t len) {
    SecureZeroMemory(memory, len);
}

size_t os_page_size(void) {
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    return info.dwPageSize;
}

/* Windows 10 and later leave it out of crash reports; before, process_begin has switched those off. */
static void leave_out_of_reports(void *page, size_t size) {
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    HRESULT(WINAPI * leave_out)
    (const void *, DWORD) = (void *)GetProcAddress(kernel, "WerRegisterExcludedMemoryBlock");

    if (leave_out != NULL)
        (void)leave_out(page, (DWORD)size);
}

static atomic_bool locked = true;

bool os_pages_locked(void) {
    return locked;
}

enum rc os_page_new(char **page) {
    size_t size = os_page_size();
    char why[WIDE_ERROR];

    char *text = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (text == NULL) {
        wide_error(GetLastError(), why);
        FAIL(RC_IO, "no memory for a secret: %s", why);
    }
    locked &= VirtualLock(text, size) != 0; /* terminal servers may let nobody: no reason to refuse */
    leave_out_of_reports(text, size);
    *page = text;
    return RC_OK;
}

void os_page_free(char *page) {
    os_wipe(page, os_page_size());
    VirtualFree(page, 0, MEM_RELEASE);
}
