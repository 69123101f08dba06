/* Loaded before vpcd, which listens on every address: whatever is bound to any IPv4 address is bound to loopback. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    struct sockaddr_in moved;

    if (address->sa_family != AF_INET || length < sizeof moved)
        return real(fd, address, length);
    moved = *(const struct sockaddr_in *)address;
    if (moved.sin_addr.s_addr == htonl(INADDR_ANY))
        moved.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return real(fd, (const struct sockaddr *)&moved, sizeof moved);
}
