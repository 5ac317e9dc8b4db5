"""Speaks STOMP with stomp.py over its WebSocket transport, and prints what it saw as JSON.

    stomp_client.py <host> <port> <reader's token> <writer's token> <user's token>
"""

import json
import sys
import threading

import stomp
from stomp.adapter.ws import WSStompConnection

EVENTS = 20


class Heard(stomp.ConnectionListener):
    def __init__(self):
        self.messages, self.receipts, self.errors = [], {}, []
        self.changed = threading.Condition()

    def on_message(self, frame):
        self.note(lambda: self.messages.append(frame))

    def on_receipt(self, frame):
        self.note(lambda: self.receipts.__setitem__(frame.headers["receipt-id"], frame.headers))

    def on_error(self, frame):
        self.note(lambda: self.errors.append(frame.headers["code"]))

    def note(self, change):
        with self.changed:
            change()
            self.changed.notify_all()

    def wait(self, is_enough):
        with self.changed:
            if not self.changed.wait_for(is_enough, timeout=30):
                raise TimeoutError(str((len(self.messages), self.receipts, self.errors)))


def connect(host, port, token):
    connection = WSStompConnection([(host, int(port))], ws_path="/stomp", heartbeats=(2000, 2000))
    heard = Heard()
    connection.set_listener("heard", heard)
    connection.connect("anyone", token, wait=True)
    return connection, heard


def main(host, port, reader_token, writer_token, user_token):
    reader, read = connect(host, port, reader_token)
    writer, wrote = connect(host, port, writer_token)
    user, used = connect(host, port, user_token)

    reader.subscribe("/streams/orders", id="py", ack="client-individual", headers={"receipt": "subscribed"})
    read.wait(lambda: "subscribed" in read.receipts)
    for n in range(EVENTS):
        event = {"event_type": "order.created", "event_id": f"python:{n}\\", "data": {"total": n}}
        writer.send("/streams/orders", json.dumps(event), headers={"receipt": f"sent:{n}"})
    wrote.wait(lambda: len(wrote.receipts) == EVENTS)
    read.wait(lambda: len(read.messages) == EVENTS)
    for message in read.messages:
        reader.ack(message.headers["ack"])

    user.subscribe("/rooms/lobby", id="room", ack="client", headers={"receipt": "joined"})
    used.wait(lambda: "joined" in used.receipts)
    transaction = user.begin()
    for n in range(2):
        user.send("/rooms/lobby", json.dumps({"id": n, "text": "hello"}), transaction=transaction)
    user.commit(transaction)
    used.wait(lambda: len(used.messages) == 2)
    user.nack(used.messages[1].headers["ack"])
    used.wait(lambda: len(used.messages) == 4)
    user.send("/nowhere", "{}")
    used.wait(lambda: used.errors)

    place = lambda headers: {name: headers[name] for name in ("stream", "partition", "offset")}
    seen = {
        "sent": [place(wrote.receipts[f"sent:{n}"]) for n in range(EVENTS)],
        "read": [place(message.headers) for message in read.messages],
        "room": [[m.headers["sequence"], m.headers.get("redelivered", "false")] for m in used.messages],
        "errors": used.errors,
    }
    reader.disconnect()
    writer.disconnect()
    print(json.dumps(seen))


main(*sys.argv[1:])
