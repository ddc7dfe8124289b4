/* files.h - the board's static files, OpenAPI, the messages' schemas. */
#ifndef BAODAO_GATEWAY_FILES_H
#define BAODAO_GATEWAY_FILES_H

struct request;

/* For the routes: "/", "/board/{file}", "/v1/openapi.json",
 * "/v1/messages/{file}". */
void files_start(struct request *r);

#endif
