/* The endpoints: a handler for each row of the route table, a file for each subject. */
#pragma once

#include "base/jsonw.h"
#include "server/http/exchange.h"

enum rc ep_check_post(struct request *q, struct response *r); /* ep_check.c */
enum rc ep_check_get(struct request *q, struct response *r);
enum rc ep_begin(struct request *q, struct response *r);  /* ep_begin.c */
enum rc ep_client(struct request *q, struct response *r); /* ep_client.c */
enum rc ep_devices(struct request *q, struct response *r);
enum rc ep_cmp(struct request *q, struct response *r);    /* ep_cmp.c */
enum rc ep_health(struct request *q, struct response *r); /* ep_health.c */
enum rc ep_ready(struct request *q, struct response *r);
enum rc ep_metrics(struct request *q, struct response *r); /* ep_metrics.c */
enum rc ep_receipt(struct request *q, struct response *r); /* ep_receipt.c */
enum rc ep_marks(struct request *q, struct response *r);
enum rc ep_page(struct request *q, struct response *r); /* ep_page.c */

/* The members about the program itself that check and begin carry too (ep_client.c). */
void ep_client_put(struct jsonw *w, struct app *app, int64_t now);
