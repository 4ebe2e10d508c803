"""An answer as it streams to its reader: the engine beside llama.cpp's llama-server.

Both have the same file, threads, kernels and prompt, and choose greedily; they take
turns. What is timed is the reader's: from the first piece of text to the last. The model
and the server are made where they are missing (the server takes about 10 minutes once):

    .venv/bin/python packaging/benchmarks/streamed.py --threads 1
"""

import argparse
import http.client
import json
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import engine as model_maker
import peers
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Delta, Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import answer, load
from hanlin.services.bench import spread
from hanlin.templates.client import TemplateClient

TOKENS = 256
CONTEXT = 1024
_PROMPT = "a " * 20
_START_SECONDS = 120.0


def main() -> int:
    """Print both speeds and their ratio, pair by pair; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--source", type=Path, help="vendor/llama.cpp of the unpacked sdist")
    arguments = parser.parse_args()
    model = arguments.model or model_maker.PLACE / "random-0.6b-q4_k_m.gguf"
    if not model.exists():
        model_maker.make_model(model)
    program = model_maker.PLACE / "llama-server"
    if not program.exists():
        peers.build_server(model_maker.PLACE, arguments.source)
    ours: list[float] = []
    theirs: list[float] = []
    engine = EngineClient(TemplateClient())
    try:
        for _event in load(engine, model, LoadOptions(CONTEXT, threads=arguments.threads)):
            pass
        with _server(program, model, arguments.threads) as port:
            _ask_engine(engine), _ask_server(port)  # warm
            for _ in range(arguments.rounds):
                ours.append(_ask_engine(engine))
                theirs.append(_ask_server(port))
    finally:
        engine.close()
    ratio = spread([a / b for a, b in zip(ours, theirs, strict=True)])
    print(f"{time.strftime('%Y-%m-%d %H:%M')} {platform.platform()}, {arguments.threads} threads")
    print(f"engine {spread(ours).median:.1f}, llama-server {spread(theirs).median:.1f} tokens/s")
    print(f"ratio {ratio.median:.3f} ({ratio.low:.3f} to {ratio.high:.3f}, {len(ours)} pairs)")
    return 0


def _ask_engine(engine: EngineClient) -> float:
    """Return tokens a second from the first piece of text to the last."""
    options = GenerationOptions(Sampling(temperature=0), max_tokens=TOKENS, guess_ahead=False)
    arrived: list[float] = []
    tokens = 0
    for event in answer(engine, [Turn(Role.USER, _PROMPT)], options):
        if isinstance(event, Delta):
            arrived.append(time.monotonic())
        if isinstance(event, Finished):
            tokens = event.timings.decode_tokens
    if tokens < TOKENS // 2:
        raise SystemExit(f"the model ended its answer after {tokens} tokens: take another")
    return (tokens - 1) / (arrived[-1] - arrived[0])


def _ask_server(port: int) -> float:
    """Return tokens a second from the first piece of text to the last."""
    body = {
        "messages": [{"role": "user", "content": _PROMPT}],
        "stream": True,
        "temperature": 0,
        "max_tokens": TOKENS,
        "ignore_eos": True,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    words = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), words)
    response = connection.getresponse()
    arrived: list[float] = []
    tokens = 0
    while line := response.readline():
        if not line.startswith(b"data: {"):
            continue
        told = json.loads(line[len(b"data: ") :])
        if told["choices"] and told["choices"][0]["delta"].get("content"):
            arrived.append(time.monotonic())
        tokens = told.get("timings", {}).get("predicted_n", tokens)
    connection.close()
    return (tokens - 1) / (arrived[-1] - arrived[0])


@contextmanager
def _server(program: Path, model: Path, threads: int) -> Iterator[int]:
    """Start llama-server on a free port; end it.

    Where its AMX kernels end it with an illegal instruction, it goes without them, as the
    engine's worker does.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *(str(program), "-m", str(model), "-t", str(threads), "-c", str(CONTEXT)),
        *("--port", str(port), "--parallel", "1"),
    ]
    log = model_maker.PLACE / "llama-server.log"
    for words in ((), ("--no-repack",)):
        with log.open("wb") as file:
            process = subprocess.Popen([*command, *words], stdout=file, stderr=file)
        try:
            _wait_until_healthy(process, port)
            if process.poll() is None:
                yield port
                return
        finally:
            process.terminate()
            ended = process.wait()
        if ended != -signal.SIGILL:
            break
    raise SystemExit(f"llama-server did not start: see {log}")


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when the server has read its model, or is gone."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()


if __name__ == "__main__":
    sys.exit(main())
