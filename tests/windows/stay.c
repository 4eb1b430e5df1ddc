/* A process that stays while others come and go: for its sake Wine keeps its services running, and takes the
   authorities of Linux into its registry once, not for each program that asks for TLS. Ends with its input. */
#include <stdio.h>
#include <windows.h>

#include <wincrypt.h>

int main(void) {
    HCERTSTORE roots = CertOpenSystemStoreW(0, L"ROOT");

    /* Wine's crypt32 imports only when this semaphore is not there yet; whoever finds it, takes what the registry has.
     */
    if (roots == NULL || CreateSemaphoreW(NULL, 1, 1, L"crypt32_root_semaphore") == NULL)
        return 1;
    puts("ready");
    fflush(stdout);
    (void)getchar();
    return 0;
}
