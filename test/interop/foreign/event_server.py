"""Streams with sse-starlette, as services of language models do. Prints its port once it listens."""

import asyncio
import json
import socket

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

visits = []


async def events(request):
    """Serves two streams, each of which it ends, and then no more."""
    visits.append(request.headers.get("last-event-id"))

    async def stream():
        yield ServerSentEvent(comment="welcome")
        yield ServerSentEvent(data="plain\ntext", retry=20)
        yield ServerSentEvent(data="{\"a\": 1}", event="reset", id=str(len(visits)))

    if len(visits) > 2:
        return Response(status_code=204)
    return EventSourceResponse(stream(), sep="\r\n")


async def answers(request):
    prompt = (await request.json())["prompt"]

    async def stream():
        for word in prompt.split():
            await asyncio.sleep(0.01)
            yield {"data": json.dumps({"delta": word})}
        yield {"data": "[DONE]"}

    return EventSourceResponse(stream(), sep="\r")


async def visitors(request):
    return Response(json.dumps(visits), media_type="application/json")


app = Starlette(routes=[
    Route("/events", events),
    Route("/answers", answers, methods=["POST"]),
    Route("/visits", visitors),
])
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen()
print(json.dumps({"sse-starlette": listening.getsockname()[1]}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])
