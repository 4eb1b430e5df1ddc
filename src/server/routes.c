/* The addresses of interfaces.md, one row each. */
#include "server/routes.h"

#include "server/ep.h"
#include "server/http/http.h"

#define JSON_BODY (32 * 1024) /* a certificate of 8 KiB in base64 and some words beside it */
#define CMP_BODY  (64 * 1024) /* pki/cmp/cmp_srv.h's CMP_LIMIT */

/* The operation may stand in the path, behind the CA's name too (RFC 9483 6.1, RFC 9811); the message itself says which
   it is, and of which CA. */
#define CMP_AT(path)                                                                                                   \
    { "POST", path, "application/pkixcmp", CMP_BODY, RATE_CALL, WAIT_STORE, ep_cmp }

const struct route routes[] = {
    {"POST", "/api/v1/check", "application/json", JSON_BODY, RATE_CALL, WAIT_STORE, ep_check_post},
    {"GET", "/api/v1/check", NULL, 0, RATE_LOOKUP, WAIT_STORE, ep_check_get},
    {"POST", "/api/v1/begin", "application/json", JSON_BODY, RATE_LOOKUP, WAIT_STORE, ep_begin},
    {"GET", "/api/v1/client", NULL, 0, RATE_CALL, WAIT_STORE, ep_client},
    {"GET", "/api/v1/devices", NULL, 0, RATE_CALL, WAIT_STORE, ep_devices},
    CMP_AT("/.well-known/cmp"),
    CMP_AT("/.well-known/cmp/keyupdate"),
    CMP_AT("/.well-known/cmp/getcacerts"),
    CMP_AT("/.well-known/cmp/getrootupdate"),
    CMP_AT("/.well-known/cmp/p/*"),
    CMP_AT("/.well-known/cmp/p/*/keyupdate"),
    CMP_AT("/.well-known/cmp/p/*/getcacerts"),
    CMP_AT("/.well-known/cmp/p/*/getrootupdate"),
    {"POST", "/api/v1/receipt", "application/json", JSON_BODY, RATE_CALL, WAIT_STORE, ep_receipt},
    {"POST", "/api/v1/marks", "application/json", JSON_BODY, RATE_LOOKUP, WAIT_STORE, ep_marks},
    {"GET", "/healthz", NULL, 0, RATE_FREE, WAIT_NONE, ep_health},
    {"GET", "/readyz", NULL, 0, RATE_CALL, WAIT_LOOK, ep_ready},
    {"GET", "/metrics", NULL, 0, RATE_CALL, WAIT_NONE, ep_metrics},
    {"GET", "/", NULL, 0, RATE_CALL, WAIT_STORE, ep_page},
};
const size_t routes_count = sizeof routes / sizeof routes[0];

_Static_assert(sizeof routes / sizeof routes[0] < METRICS_ROUTES, "metrics.h has too few rows");
_Static_assert(ROUTER_STORE + ROUTER_LOOK < HTTP_THREADS, "threads are left that wait for nobody");
