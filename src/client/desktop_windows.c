/* The desktop of Windows. */
#include <stdio.h>
#include <winsock2.h> /* before windows.h */

#include <windows.h>

#include <objbase.h>
#include <shellapi.h>

#include "base/os.h"
#include "base/wide.h"
#include "client/desktop.h"

static enum rc folder_of(const char *variable, char out[PATH_CAP]) {
    const char *folder = os_env(variable);

    if (folder == NULL || folder[0] == '\0')
        FAIL(RC_NOT_FOUND, "%s does not say where capbu's folder lies", variable);
    return fs_join(out, folder, "capbu");
}

enum rc desktop_state(char out[PATH_CAP]) {
    return folder_of("LOCALAPPDATA", out);
}

enum rc desktop_config(char out[PATH_CAP]) {
    return folder_of("APPDATA", out);
}

enum rc desktop_program(char out[PATH_CAP]) {
    wchar_t wide[PATH_CAP];
    DWORD len = GetModuleFileNameW(NULL, wide, PATH_CAP);

    if (len == 0 || len >= PATH_CAP)
        FAIL(RC_NOT_FOUND, "nothing says where the program itself lies");
    TRY(wide_to(wide, out, PATH_CAP));
    out[(size_t)(fs_base_name(out) - out)] = '\0';
    return RC_OK;
}

enum rc desktop_machine(char out[PATH_CAP]) {
    return folder_of("ProgramData", out);
}

enum rc desktop_browse(const char *path) {
    wchar_t given[PATH_CAP], whole[PATH_CAP];

    TRY(wide_from(path, given, PATH_CAP));
    DWORD len = GetFullPathNameW(given, PATH_CAP, whole, NULL);
    if (len == 0 || len >= PATH_CAP)
        FAIL(RC_LIMIT, "path too long: %.60s...", path);
    HRESULT com = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    INT_PTR done = (INT_PTR)ShellExecuteW(NULL, L"open", whole, NULL, NULL, SW_SHOWNORMAL);
    if (SUCCEEDED(com))
        CoUninitialize();
    if (done <= 32) /* as documented */
        FAIL(RC_NOT_FOUND, "Windows could not open the browser (%d)", (int)done);
    return RC_OK;
}

/* Nobody else is at this console: it was made for us. */
bool desktop_started(void) {
    DWORD processes[2];

    return GetConsoleProcessList(processes, 2) == 1;
}

/* GetVersion tells old programs old versions; ntdll tells the truth. */
static OSVERSIONINFOW version(void) {
    OSVERSIONINFOW v = {.dwOSVersionInfoSize = sizeof v};
    LONG(WINAPI * tell)(OSVERSIONINFOW *) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");

    if (tell != NULL)
        (void)tell(&v);
    return v;
}

struct desktop_system desktop_system(void) {
    struct desktop_system s = {.name = "Windows"};
    OSVERSIONINFOW v = version();
    SYSTEM_INFO machine;

    GetNativeSystemInfo(&machine);
    (void)snprintf(s.release, sizeof s.release, "%lu.%lu.%lu", v.dwMajorVersion, v.dwMinorVersion, v.dwBuildNumber);
    (void)snprintf(s.machine, sizeof s.machine, "%s",
                   machine.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_AMD64   ? "x86_64"
                   : machine.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_INTEL ? "x86"
                   : machine.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_ARM64 ? "arm64"
                                                                                    : "?");
    return s;
}

void desktop_hang_up(intptr_t socket) {
    (void)shutdown((SOCKET)socket, SD_BOTH);
}

/* Winsock has no MSG_DONTWAIT. */
bool desktop_hung_up(intptr_t socket) {
    fd_set readable = {.fd_count = 1, .fd_array = {(SOCKET)socket}};
    struct timeval now = {0};
    char next;
    return select(0, &readable, NULL, NULL, &now) == 1 && recv((SOCKET)socket, &next, 1, MSG_PEEK) == 0;
}
