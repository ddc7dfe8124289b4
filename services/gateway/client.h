/*
 * client.h - connections, each with a moment by which it must have moved on.
 *
 * libmicrohttpd's own timeout begins anew with every byte; a client that
 * sends one now and then would keep its place for ever.
 */
#ifndef BAODAO_GATEWAY_CLIENT_H
#define BAODAO_GATEWAY_CLIENT_H

#include <microhttpd.h>
#include <stdint.h>

struct gateway;

/* What a connection is about. */
enum client_phase {
    CLIENT_IDLE,      /* between requests: IDLE_S */
    CLIENT_RECEIVING, /* headers and body: RECEIVE_S */
    CLIENT_SENDING,   /* an answer: IDLE_S and RECEIVE_S together */
    CLIENT_FREE,      /* our turn, or a stream: no end */
};

/* Registers the metrics; once, at start. */
void client_start(void);
/* For MHD_OPTION_NOTIFY_CONNECTION: context is the gateway. */
void client_notify(void *context, struct MHD_Connection *connection,
                   void **socket_context,
                   enum MHD_ConnectionNotificationCode code);
void client_enter(struct gateway *g, struct MHD_Connection *connection,
                  enum client_phase phase);
/* Hangs up on who is late; called once a turn. */
void client_turn(struct gateway *g);

#endif
