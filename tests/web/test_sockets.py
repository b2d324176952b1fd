import socket

import pytest

from ims.web import sockets


@pytest.mark.skipif(not sockets._OPEN_FILES.is_dir(), reason="only Linux lists a process's sockets in /proc")
def test_answers_on_a_listening_socket_are_sent_at_once() -> None:
    with socket.socket() as listening, socket.socket() as caller:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert sockets.send_at_once() >= 1
        caller.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not caller.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
