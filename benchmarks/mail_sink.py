"""A cheap SMTP server in a process of its own: takes every message and forgets it.

Both sides of the benchmark of mail hand their messages to it. `python -m benchmarks.mail_sink` says its port.
"""

import socket
import threading

REPLIES = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"


def serve(line: socket.socket) -> None:
    """One line, until the client goes."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(b"220 sink\r\n")
    with line, line.makefile("rb") as said:
        for command in said:
            verb = command[:4].upper().strip()
            line.sendall(REPLIES.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                return
            if verb == b"DATA" and not swallow(line):
                return


def swallow(line: socket.socket) -> bool:
    """Takes a message and accepts it; False where the client went in its middle."""
    tail = b""
    while not tail.endswith(END):
        chunk = line.recv(1 << 18)
        if not chunk:
            return False
        tail = (tail + chunk)[-len(END) :] if len(chunk) < len(END) else chunk[-len(END) :]
    line.sendall(b"250 ok\r\n")
    return True


def main() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)  # noqa: T201 - how it says where it is
    while True:
        line, _peer = server.accept()
        threading.Thread(target=serve, args=(line,), daemon=True).start()


if __name__ == "__main__":
    main()
