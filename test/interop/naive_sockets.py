"""Users who send one frame, or none, and read one with a timeout of ten seconds, and count what went wrong.

    naive_sockets.py <ws url> <endpoint> <token> <users> <seconds>

Prints a JSON object with the number of frames read and the failures.
"""

import json
import random
import sys
import threading
import time

import websocket

READ_WITHIN_SECONDS = 10

# What a user says first, and then by turns; None is to say nothing and wait.
SCRIPTS = {
    "chat": (
        lambda n: {"action": "subscribe", "channel": "room:lobby", "userId": f"user-{n}"},
        [
            lambda n: {"action": "publish", "channel": "room:lobby", "message": {"id": f"m-{n}-{time.time()}", "text": "hi"}},
            lambda n: {"action": "ping"},
            lambda n: {"action": "history", "channel": "room:lobby"},
        ],
    ),
    "notifications": (
        lambda n: {"type": "subscribe", "topics": [f"account.{n}.orders", f"account.{n}.billing"]},
        [lambda n: None, lambda n: {"type": "ping"}],
    ),
    "silent-notifications": (
        lambda n: {"type": "subscribe", "topics": [f"account.{n}.notifications"]},
        [lambda n: None],
    ),
    "quotes": (
        lambda n: {"op": "subscribe", "streams": ["quotes.NASDAQ:AAPL", "quotes.NYSE:IBM"]},
        [lambda n: None, lambda n: {"op": "ping"}],
    ),
    "collaboration": (
        lambda n: {"action": "join_document", "documentId": "doc-1"},
        [
            lambda n: {
                "action": "apply_operation",
                "documentId": "doc-1",
                "operation": {"type": "insert_text", "position": 0, "text": "x"},
            },
            lambda n: {"action": "update_presence", "documentId": "doc-1", "presence": {"cursor": n}},
            lambda n: {"action": "ping"},
        ],
    ),
}
PATHS = {
    "chat": "/ws/chat?token=demo-jwt-token-{n}",
    "notifications": "/v1/realtime/notifications?token={token}",
    "silent-notifications": "/v1/realtime/notifications?token={token}",
    "quotes": "/ws/quotes?clientId=c-{n}&format=json",
    "collaboration": "/ws/collaboration?session=collab-session-{n}",
}

frames = []
failures = []


def live(url, endpoint, token, n, ends_at):
    first, others = SCRIPTS[endpoint]
    try:
        socket = websocket.create_connection(
            url + PATHS[endpoint].format(n=n, token=token), timeout=READ_WITHIN_SECONDS
        )
        frame = first(n)
        turn = 0
        while True:
            if frame is not None:
                socket.send(json.dumps(frame))
            answer = json.loads(socket.recv())
            if answer.get("type") == "error":
                raise ValueError(f"{frame} was answered with {answer}")
            frames.append(endpoint)
            # The first wait for something unasked begins right after the subscription.
            if turn > 0:
                time.sleep(random.uniform(1, 10))
            if time.time() > ends_at:
                break
            frame = others[turn % len(others)](n)
            turn += 1
        socket.close()
    except Exception as error:
        failures.append(f"user {n} of {endpoint}: {type(error).__name__}: {error}")


def main():
    url, endpoint, token, users, seconds = sys.argv[1:]
    ends_at = time.time() + float(seconds)
    threads = [
        threading.Thread(target=live, args=(url, endpoint, token, n, ends_at)) for n in range(int(users))
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    print(json.dumps({"frames": len(frames), "failures": failures}))


main()
