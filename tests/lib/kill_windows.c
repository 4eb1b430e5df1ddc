/* TerminateProcess: no library is told, nothing is written any more. */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <tlhelp32.h>

#include "lib/kill.h"

static DWORD parent(void) {
    PROCESSENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    DWORD found = 0;

    for (BOOL more = Process32First(all, &entry); more; more = Process32Next(all, &entry))
        if (entry.th32ProcessID == GetCurrentProcessId())
            found = entry.th32ParentProcessID;
    (void)CloseHandle(all);
    return found;
}

void kill_all(void) {
    if (strstr(GetCommandLineA(), KILL_HOST_WORD) != NULL)
        (void)TerminateProcess(OpenProcess(PROCESS_TERMINATE, FALSE, parent()), 137);
    (void)TerminateProcess(GetCurrentProcess(), 137);
    abort();
}

void kill_crash(void) {
    RaiseException((DWORD)EXCEPTION_ACCESS_VIOLATION, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

void kill_hang(void) {
    Sleep(INFINITE);
}

void kill_quit(void) {
    exit(3);
}

void exec_other(void) {
    abort();
}
