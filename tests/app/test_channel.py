"""The channel over real pipes: what goes in comes out, and nothing else gets through."""

import os
import random
import threading
from collections.abc import Iterator

import pytest

from hanlin.processes.channel import (
    Channel,
    ChannelClosedError,
    ProtocolError,
    Received,
    encode,
)


class Pair:
    """A channel, and the raw ends its peer would hold."""

    def __init__(self, **caps: int) -> None:
        self.from_channel, writer = os.pipe()
        reader, self.to_channel = os.pipe()
        self.channel = Channel(reader, writer, **caps)

    def feed(self, data: bytes, *, end: bool = True) -> None:
        """Let the peer say ``data``, at most what a pipe holds, and hang up."""
        os.write(self.to_channel, data)
        if end:
            self.hang_up()

    def hang_up(self) -> None:
        os.close(self.to_channel)
        self.to_channel = -1

    def close(self) -> None:
        self.channel.close()
        for descriptor in (self.from_channel, self.to_channel):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


@pytest.fixture
def small() -> Iterator[Pair]:
    pair = Pair(max_line=100, max_payload=10)
    yield pair
    pair.close()


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ({}, b""),
        ({"event": "delta", "text": "你好,世界 🙂"}, b""),
        ({"text": "half of a pair: \ud83d"}, b""),
        ({"text": "line\nfeed\r\u2028\u0000"}, b""),
        ({"nested": {"list": [1, 2.5, None, True, "x"]}}, b""),
        ({"event": "picture"}, b"\n\x00\xff" * 1000),
        ({"event": "picture"}, b"{}\n"),
    ],
)
def test_what_goes_in_comes_out(pair: Pair, message: dict[str, object], payload: bytes) -> None:
    pair.feed(encode(message, payload) + encode({"next": 1}))
    assert pair.channel.receive() == Received(message, payload)
    assert pair.channel.receive() == Received({"next": 1}, b"")
    assert pair.channel.receive() is None


def test_send_writes_one_line_and_the_bytes(pair: Pair) -> None:
    pair.channel.send({"event": "picture", "id": 7}, b"\x00\n")
    assert os.read(pair.from_channel, 100) == b'{"event":"picture","id":7,"bytes":2}\n\x00\n'


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"\n",
        b"[1]\n",
        b'"text"\n',
        b"{} {}\n",
        b'{"a": NaN}\n',
        b'{"a": Infinity}\n',
        b'{"a": "\xff"}\n',
        b"[" * 50_000 + b"\n",
        b'{"a":' + b"1" * 5000 + b"}\n",
        b'{"bytes": -1}\n',
        b'{"bytes": true}\n',
        b'{"bytes": "5"}\n',
        b'{"bytes": 1.0}\n',
        b'{"bytes": 268435457}\n',
        b"\x00" * 64 + b"\n",
        b"<!DOCTYPE html>\n",
    ],
)
def test_what_is_no_message_is_a_typed_error(pair: Pair, line: bytes) -> None:
    pair.feed(line)
    with pytest.raises(ProtocolError):
        pair.channel.receive()


def test_random_bytes_end_or_are_refused_but_never_anything_else() -> None:
    source = random.Random(7)
    refused = 0
    for _ in range(300):
        pair = Pair(max_line=200, max_payload=50)
        good = encode({"event": "x", "text": "y" * source.randrange(20)}, b"z" * 5)
        data = bytearray(good * 3)
        for _ in range(source.randrange(1, 6)):
            data[source.randrange(len(data))] = source.randrange(256)
        pair.feed(bytes(data[: source.randrange(len(data) + 1)]))
        try:
            while pair.channel.receive() is not None:
                pass
        except ProtocolError:
            refused += 1
        pair.close()
    assert 50 < refused < 300


@pytest.mark.parametrize("cut", range(len(encode({"event": "picture"}, b"12345"))))
def test_an_end_anywhere_is_an_end(pair: Pair, cut: int) -> None:
    pair.feed(encode({"event": "picture"}, b"12345")[:cut])
    assert pair.channel.receive() is None


def test_a_line_over_the_cap_is_refused_before_it_is_read_whole(small: Pair) -> None:
    small.feed(b'{"text":"' + b"x" * 1000, end=False)
    with pytest.raises(ProtocolError, match="100"):
        small.channel.receive()


def test_a_payload_over_the_cap_is_refused_before_it_comes(small: Pair) -> None:
    small.feed(b'{"bytes":11}\n', end=False)
    with pytest.raises(ProtocolError, match="11"):
        small.channel.receive()


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ({"text": "x" * 200}, b""),
        ({}, b"12345678901"),
        ({"bytes": 3}, b""),
        ({"value": float("nan")}, b""),
    ],
)
def test_what_the_peer_would_refuse_is_not_sent(
    small: Pair, message: dict[str, object], payload: bytes
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        small.channel.send(message, payload)
    os.set_blocking(small.from_channel, False)
    with pytest.raises(BlockingIOError):
        os.read(small.from_channel, 1)


def test_sending_to_nobody_is_a_typed_error(pair: Pair) -> None:
    os.close(pair.from_channel)
    pair.from_channel = -1
    with pytest.raises(ChannelClosedError):
        pair.channel.send({"event": "x"})


def test_a_closed_channel_says_so(pair: Pair) -> None:
    pair.channel.close()
    with pytest.raises(ChannelClosedError):
        pair.channel.send({"event": "x"})
    with pytest.raises(ChannelClosedError):
        pair.channel.receive()


def test_many_threads_send_whole_messages() -> None:
    """A pipe takes big writes in pieces; two senders' pieces must not mix."""
    reader, writer = os.pipe()
    unused, other = os.pipe()
    sender, receiver = Channel(unused, writer), Channel(reader, other)
    payload = bytes(range(256)) * 800

    def send(number: int) -> None:
        for count in range(20):
            sender.send({"thread": number, "count": count}, payload)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    seen: dict[object, list[object]] = {}
    for _ in range(100):
        received = receiver.receive()
        assert received is not None
        assert received.payload == payload
        seen.setdefault(received.message["thread"], []).append(received.message["count"])
    for thread in threads:
        thread.join()
    assert seen == {number: list(range(20)) for number in range(5)}
    sender.close()
    receiver.close()
