/* Windows: no crash report with a PIN in it, no library from the working folder, UTF-8 in and out, Ctrl-C. */
#include <fcntl.h>
#include <io.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <windows.h>

#include <shellapi.h>

#include "client/process.h"

static atomic_bool stopping;

static char *utf8_new(const wchar_t *word) {
    int size = WideCharToMultiByte(CP_UTF8, 0, word, -1, NULL, 0, NULL, NULL);
    char *text = size > 0 ? malloc((size_t)size) : NULL;

    if (text == NULL || WideCharToMultiByte(CP_UTF8, 0, word, -1, text, size, NULL, NULL) == 0)
        abort();
    return text;
}

/* The words as they were typed; what main was given went through the code page, which has no Vietnamese. They live as
   long as the process. */
static void words_take(int *argc, char ***argv) {
    int count = 0;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    char **taken = words == NULL ? NULL : calloc((size_t)count + 1, sizeof *taken);

    if (taken == NULL)
        abort();
    for (int i = 0; i < count; i++)
        taken[i] = utf8_new(words[i]);
    LocalFree(words);
    *argc = count;
    *argv = taken;
}

void process_begin(int *argc, char ***argv) {
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    (void)SetDllDirectoryW(L"");
    (void)SetConsoleOutputCP(CP_UTF8);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) /* bytes as they are, as everywhere else */
        (void)_setmode(fd, _O_BINARY);
    words_take(argc, argv);
}

/* In a thread of Windows' own. What cannot be refused (the window is closed, the session ends) ends the process when
   this returns, or some seconds later. */
static BOOL WINAPI on_stop(DWORD event) {
    bool again = atomic_exchange(&stopping, true);

    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
        return !again;
    Sleep(INFINITE);
    return TRUE;
}

void process_stop_kept(void) {
    (void)SetConsoleCtrlHandler(on_stop, TRUE);
}

bool process_stopping(void) {
    return atomic_load(&stopping);
}
