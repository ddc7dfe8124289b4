"""A small proxy that can cut, silence, swallow and slow the connections
through it, and counts what each of these did."""
import collections
import os
import socket
import struct
import threading
import time

from .process import free_port


class Proxy:
    """Listens on 127.0.0.1:port, or on the unix socket `path`, and forwards
    to target: (host, port), or the path of a unix socket.

        with stage.kafka.proxy() as proxy:
            proxy.silence()     # connected, but nothing arrives
            proxy.heal()        # what was held back arrives now
    """

    CHUNK = 65536

    def __init__(self, target, port=None, path=None):
        self.target, self.path = target, path
        self.port = None if path else port or free_port()
        self.address = str(path or "127.0.0.1:%d" % self.port)
        self.flowing = threading.Event()
        self.flowing.set()
        self.refusing, self.swallowing = False, False
        self.bytes_per_s = None
        self.listener, self.pairs = None, set()
        self.lock = threading.Lock()
        # How often: reset, refused, held, swallowed, slowed, passed.
        self.did = collections.Counter()

    def start(self):
        if self.path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.path))
            os.chmod(self.path, 0o777)
            self.listener.listen(64)
        else:
            self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.reset()
        self.flowing.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def reset(self):
        """Resets (RST) all connections; new ones are welcome."""
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        self.did["reset"] += len(pairs)
        for pair in pairs:
            for end in pair:
                hang_up(end)

    def cut(self):
        """Resets all connections, and new ones at once, until heal()."""
        self.refusing = True
        self.reset()

    def silence(self):
        """Holds back every byte, and that a side has hung up, until heal()."""
        self.flowing.clear()

    def swallow(self):
        """Half open: takes every byte and passes none on, until heal(), which
        resets what is connected, as the kernel does when nobody answers."""
        self.swallowing = True

    def slow(self, bytes_per_s):
        """Lets so many bytes through a second, in each direction."""
        self.bytes_per_s = bytes_per_s

    def heal(self):
        self.refusing, self.bytes_per_s = False, None
        if self.swallowing:
            self.reset()
        self.swallowing = False
        self.flowing.set()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refusing:
                self.did["refused"] += 1
                hang_up(client)
            else:
                threading.Thread(target=self._join, args=(client,),
                                 daemon=True).start()

    def _join(self, client):
        try:
            server = self._connect()
        except OSError:
            hang_up(client)
            return
        pair = (client, server)
        with self.lock:
            self.pairs.add(pair)
        back = threading.Thread(target=self._pump,
                                args=(server, client, pair), daemon=True)
        back.start()
        self._pump(client, server, pair)
        back.join()
        with self.lock:
            self.pairs.discard(pair)
        client.close()
        server.close()

    def _connect(self):
        if isinstance(self.target, tuple):
            return socket.create_connection(self.target, 10)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.target)
        return server

    def _pump(self, source, sink, pair):
        try:
            source.settimeout(None)
            while True:
                self.flowing.wait()
                rate = self.bytes_per_s
                data = source.recv(max(1, min(self.CHUNK, rate // 20))
                                   if rate else self.CHUNK)
                self.did["held"] += not self.flowing.is_set()
                self.flowing.wait()
                if not data:
                    break
                if self.swallowing:
                    self.did["swallowed"] += 1
                    continue
                sink.sendall(data)
                self.did["passed"] += 1
                if rate:
                    self.did["slowed"] += 1
                    time.sleep(len(data) / rate)
            with self.lock:     # one that is being reset must not end well
                if pair in self.pairs:
                    sink.shutdown(socket.SHUT_WR)
        except OSError:
            hang_up(source)
            hang_up(sink)


def hang_up(end):
    """Closes with a reset. Shutting down the reading half first says nothing
    to the other side, but wakes the thread that would keep the socket open."""
    try:
        if end.family == socket.AF_INET:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RD)
        else:
            end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
