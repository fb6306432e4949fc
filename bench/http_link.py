"""HTTP/1.1 as the benchmarks speak it: one kept connection, answers with a Content-Length, nothing parsed that is not needed."""
import re, socket, sys

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def request(method, target, body=b""):
    return b"%s %s HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s" % (method, target, len(body), body)


class Link:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def fileno(self):
        return self.socket.fileno()

    def send(self, data):
        self.socket.sendall(data)

    def arrive(self):
        """Receives once; the answer as (status, body) if it is complete, else None."""
        part = self.socket.recv(1 << 18)
        if not part:
            sys.exit("the server closed the connection")
        self.received += part
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return None
        length = LENGTH.search(self.received, 0, head)
        if length is None:
            sys.exit(f"an answer without a length: {self.received[:200]}")
        end = head + 4 + int(length[1])
        if len(self.received) < end:
            return None
        answer = int(self.received[9:12]), self.received[head + 4:end]
        self.received = self.received[end:]
        return answer

    def call(self, method, target, body=b""):
        self.send(request(method, target, body))
        while (answer := self.arrive()) is None:
            pass
        return answer
