"""Speaks HTTP to the daemons: one request, the metrics page, the events."""
import http.client
import json
import threading

from .process import wait


def request(address, method, path, body=None, headers=(), seconds=30):
    """(status, headers with small names, body as bytes). Raises OSError."""
    connection = http.client.HTTPConnection(address, timeout=seconds)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return (answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read())
    except http.client.HTTPException as error:
        raise ConnectionError("%s %s: %r" % (method, path, error)) from error
    finally:
        connection.close()


def talk(address, method, path, token=None, body=None, headers=(),
         seconds=30):
    """As request(); body is JSON (bytes and str go as they are), and so is the
    answer wherever its content type says so, else text."""
    sent = dict(headers)
    if token:
        sent["Authorization"] = "Bearer " + token
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
        if isinstance(body, str):
            body = body.encode()
    status, got, raw = request(address, method, path, body, sent, seconds)
    if "json" in got.get("content-type", ""):
        return status, got, json.loads(raw) if raw else None
    return status, got, raw.decode(errors="replace")


def metrics(address):
    """The metrics page as {'name{label="x"}': number}."""
    page = request(address, "GET", "/metrics", seconds=5)[2].decode()
    rows = (line.rpartition(" ") for line in page.splitlines()
            if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


class Events:
    """Collects a stream of server-sent events into `list` until closed; each
    is {"id":, "event":, "data":} with data as JSON where it is JSON."""

    def __init__(self, address, path="/v1/events", token=None, last_id=None,
                 seconds=30):
        headers = {"Accept": "text/event-stream"}
        if token:
            headers["Authorization"] = "Bearer " + token
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.list = []
        self.connection = http.client.HTTPConnection(address, timeout=seconds)
        self.connection.request("GET", path, headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.socket.settimeout(None)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def wait(self, predicate, seconds=10, what="an event"):
        """The first event for which predicate is true."""
        return wait(lambda: next(filter(predicate, list(self.list)), None),
                    seconds, what)

    def close(self):
        try:
            self.socket.shutdown(2)
        except OSError:
            pass
        self.thread.join(5)
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        event = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\r\n")
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line and event:
                    self._keep(event)
                    event = {}
                elif name == "data" and "data" in event:
                    event["data"] += "\n" + value
                elif name in ("id", "event", "data"):
                    event[name] = value
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def _keep(self, event):
        try:
            event["data"] = json.loads(event.get("data", "null"))
        except ValueError:
            pass
        self.list.append(event)
