import logging
import socket

import pytest
from starlette.websockets import WebSocketDisconnected

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


@pytest.mark.skipif(not sockets._OPEN_FILES.is_dir(), reason="only Linux lists a process's sockets in /proc")
def test_who_called_before_is_answered_at_once_too() -> None:
    with socket.socket() as listening, socket.socket() as caller:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        caller.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            assert not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            sockets.send_at_once()
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_tab_that_was_closed_while_its_page_was_sent_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    sockets.say_nothing_of_closed_tabs()
    for error in (WebSocketDisconnected("closed already"), RuntimeError("a mistake")):
        try:
            raise error
        except RuntimeError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [RuntimeError]
