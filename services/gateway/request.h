/*
 * request.h - one HTTP request from its first byte to its answer.
 *
 * libmicrohttpd calls request_open with the raw URI, request_hear with the
 * headers, the body and its end, and request_close when all is sent. Between
 * the end and the answer the connection is suspended.
 */
#ifndef BAODAO_GATEWAY_REQUEST_H
#define BAODAO_GATEWAY_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/instant.h"
#include "common/work/message.h"
#include "services/gateway/admit.h"
#include "services/gateway/pool.h"
#include "services/gateway/routes.h"

#define BODY_MAX (64 * 1024)
#define WAIT_MAX_S 30

struct gateway;

enum request_stage {
    REQUEST_NEW,       /* only the URI is known */
    REQUEST_BODY,      /* headers are good, the body comes */
    REQUEST_WORKING,   /* complete; somebody will call request_answer */
    REQUEST_ANSWERED,  /* the answer is to be queued */
    REQUEST_SENDING,   /* libmicrohttpd has the answer */
};

/* Who asks (session.c). */
struct session {
    char wire[256]; /* "role/office/person" */
    struct actor actor; /* slices of wire */
    int64_t expires_us; /* by the wall clock */
    struct digest hash; /* of the token */
    void (*then)(struct request *r);
};

/* The command that a POST becomes (produce.c). */
struct command {
    struct uuid id;
    char id_text[UUID_TEXT_SIZE];
    char digest[DIGEST_HEX_SIZE];
    char time[INSTANT_TEXT_SIZE];
    struct text value, key, subject;
    bool delivered;
    enum { OUTCOME_NONE, OUTCOME_DONE, OUTCOME_REFUSED } outcome;
    struct err why; /* of a refusal */
    void (*late)(struct request *r);
    void (*keyed)(struct request *r); /* key.c goes on with it */
    int64_t wait_us;  /* how long the client waits for the outcome; 0 not */
    int64_t until_us; /* monotonic */
    int64_t look_us;  /* monotonic: when to look in the log next */
    bool looking;
    struct request *next_waiting;
    struct request *next_sent, **link_sent; /* in gateway->admit */
    int64_t sent_us; /* monotonic: given to Kafka */
};

/* What goes to a client that listens (sse.c). */
struct stream {
    struct request *next;
    struct buf pending;
    bool open, suspended, ending;
    int64_t beat_us; /* monotonic: next heartbeat */
};

struct request {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    struct request *next, **link; /* in gateway->requests */
    enum request_stage stage;
    bool suspended;
    enum admit_class class;
    bool in_hand, waits; /* counted so by admit */
    int64_t held_bytes;  /* as told to admit_hold */
    int64_t began_us;    /* monotonic: when it was here whole */
    struct arena arena;
    struct text uri, path, query;
    const struct http_route *route;
    struct path_value values[PATH_VALUES_MAX];
    size_t value_count;
    struct buf body;
    size_t dropped; /* bytes of a body that is too large */
    struct session session;
    struct pool_ask ask;
    struct command command;
    struct stream stream;
    void *page; /* what an answer is made of, in the arena */
    /* Kafka has what r said, or refused it; NULL: it was a command. */
    void (*sent)(struct request *r, const struct err *err);
    void *deed; /* what an operator said with it, in the arena (operate.c) */
    /* the answer */
    unsigned status;
    const char *type;
    struct buf answer;
    struct MHD_Response *response; /* instead of answer */
    struct {
        const char *name;
        char value[128];
    } headers[4];
    size_t header_count;
};

/* Registers its metrics; once, at start. */
void request_metrics(void);
/* For MHD_OPTION_URI_LOG_CALLBACK: context is the gateway. */
void *request_open(void *context, const char *uri,
                   struct MHD_Connection *connection);
/* For MHD_start_daemon. */
enum MHD_Result request_hear(void *context, struct MHD_Connection *connection,
                             const char *url, const char *method,
                             const char *version, const char *upload,
                             size_t *upload_size, void **own);
/* For MHD_OPTION_NOTIFY_COMPLETED. */
void request_close(void *context, struct MHD_Connection *connection,
                   void **own, enum MHD_RequestTerminationCode code);

/*
 * Ends the work: what stands in r->answer goes out. Exactly once, from within
 * route->start or later. type is a literal.
 */
void request_answer(struct request *r, unsigned status, const char *type);
/* The same with a response of libmicrohttpd's, which is taken. */
void request_respond(struct request *r, unsigned status,
                     struct MHD_Response *response);
void request_add_header(struct request *r, const char *name,
                        const char *format, ...) PRINTF(3, 4);
/* Memory that r holds beside itself: so many bytes more, or less. */
void request_hold(struct request *r, int64_t bytes);
/* A header of the request; empty when there is none. */
struct text request_header(const struct request *r, const char *name);
/* A query parameter, decoded into the arena; false when there is none.
 * ERR_REJECT is not needed: guard has refused what cannot be decoded. */
bool request_parameter(struct request *r, const char *name,
                       struct text *ret_value);
/* A value of the path by its name; empty when there is none. */
struct text request_path_value(const struct request *r, const char *name);

#endif
