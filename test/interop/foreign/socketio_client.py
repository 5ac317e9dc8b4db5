"""Speaks Socket.IO with python-socketio over polling, an upgrade and WebSocket, and prints what it saw as JSON.

    socketio_client.py <url> <reader's token> <writer's token> <user's token>
"""

import json
import sys
import threading

import socketio

EVENTS = 10


class Heard:
    def __init__(self, client, namespace, names):
        self.events = []
        self.changed = threading.Condition()
        for name in names:
            client.on(name, self.note(name), namespace=namespace)

    def note(self, name):
        def heard(content, offset=None):
            with self.changed:
                self.events.append((name, content, offset))
                self.changed.notify_all()

        return heard

    def wait(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.events) >= count, timeout=30):
                raise TimeoutError(str(self.events))


def connect(url, namespace, token, transports, names=()):
    client = socketio.Client()
    heard = Heard(client, namespace, names)
    client.connect(url, transports=transports, namespaces=[namespace], auth={"token": token}, wait_timeout=30)
    return client, heard


def refused(url, transports):
    client = socketio.Client()
    codes = []
    client.on("connect_error", lambda error: codes.append(error["data"]["code"]), namespace="/chat")
    try:
        client.connect(url, transports=transports, namespaces=["/chat"], auth={"token": "wrong"}, wait_timeout=30)
    except socketio.exceptions.ConnectionError:
        pass
    client.disconnect()
    return codes[0]


def session(url, transports, tokens):
    reader, read = connect(url, "/streams", tokens[0], transports, ["event"])
    writer, _ = connect(url, "/streams", tokens[1], transports)
    user, said = connect(url, "/chat", tokens[2], transports, ["message_delivered"])
    other, _ = connect(url, "/chat", tokens[2], transports)
    room = "-".join(["room", *transports])

    started = reader.call("subscribe", {"stream": "orders"}, namespace="/streams")
    published = []
    for n in range(EVENTS):
        event = {"event_type": "order.created", "event_id": f"{room}:{n}", "data": {"total": n}}
        published.append(writer.call("publish", event, namespace="/streams")["offset"])
    read.wait(EVENTS)

    user.call("subscribe", {"channel": room}, namespace="/chat")
    sequences = [
        other.call("publish", {"channel": room, "message": {"id": n, "text": "é\u2028"}}, namespace="/chat")["sequence"]
        for n in range(EVENTS)
    ]
    said.wait(EVENTS)
    seen = {
        "transport": user.transport(),
        "started": started["type"],
        "published": published,
        "read": [content["offset"] for _, content, _ in read.events],
        "sent": sequences,
        "said": [content["sequence"] for _, content, _ in said.events],
        "places": [place for _, _, place in said.events] == [f"{room}@{n}" for n in sequences],
        "error": user.call("shout", {}, namespace="/chat")["code"],
        "refused": refused(url, transports),
    }
    for client in (reader, writer, user, other):
        client.disconnect()
    return seen


def main(url, *tokens):
    print(json.dumps([session(url, transports, tokens) for transports in (["polling"], ["polling", "websocket"], ["websocket"])]))


main(*sys.argv[1:])
