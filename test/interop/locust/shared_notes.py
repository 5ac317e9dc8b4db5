"""Writers of documents: join and read one, type and read one, come back and resume."""

import json
import random
import time
import uuid

from locust import User, between, task
from websocket import create_connection

WORDS = ["alpha ", "beta ", "gamma ", "delta ", "naïve ", "\n"]


class Writer(User):
    abstract = True

    def connect(self):
        session = f"collab-session-{uuid.uuid4()}"
        url = f"{self.host.replace('http', 'ws', 1)}/ws/collaboration?session={session}"
        started = time.time()
        self.ws = create_connection(url, timeout=10)
        self.fire("WSC", started)

    def on_stop(self):
        self.ws.close()

    def hang_up(self):
        """Within a task: close() waits for the answer, and swallows it when Locust wants to stop the user meanwhile."""
        self.ws.send_close()
        self.ws.shutdown()

    def fire(self, kind, started, length=0, exception=None):
        self.environment.events.request.fire(
            request_type=kind,
            name="/ws/collaboration",
            response_time=(time.time() - started) * 1000,
            response_length=length,
            exception=exception,
            context={},
        )

    def ask(self, frame, expected):
        """Sends a frame, and takes the next for its answer."""
        self.ws.send(json.dumps(frame))
        self.fire("WSS", time.time())
        return self.receive(expected)

    def receive(self, expected):
        started = time.time()
        try:
            text = self.ws.recv()
            frame = json.loads(text)
            if frame["type"] != expected:
                raise ValueError(f"expected {expected}, got {text}")
            self.fire("WSR", started, len(text))
            return frame
        except Exception as error:
            self.fire("WSR", started, exception=error)
            return {}

    def join(self, document_id):
        self.document_id = document_id
        presence = {"cursor": 0, "color": "#ff8800", "name": "Locust"}
        return self.ask(
            {"action": "join_document", "documentId": document_id, "presence": presence}, "document_joined"
        )

    def apply(self, operation):
        return self.ask(
            {
                "action": "apply_operation",
                "documentId": self.document_id,
                "operation": operation,
                "clientTimestamp": int(time.time() * 1000),
            },
            "operation_applied",
        )


class Alone(Writer):
    """Keeps a copy of its own document, and holds every answer against it."""

    weight = 2
    wait_time = between(0.1, 0.5)

    def on_start(self):
        self.connect()
        joined = self.join(f"doc-{uuid.uuid4()}")
        self.sequence = joined.get("sequence", 0)
        self.length = 0

    def check(self, applied):
        self.sequence += 1
        if applied and applied["sequence"] != self.sequence:
            self.fire("WSR", time.time(), exception=ValueError(f"expected {self.sequence}, got {applied}"))

    @task(4)
    def type(self):
        word = random.choice(WORDS)
        self.check(self.apply({"type": "insert_text", "position": random.randint(0, self.length), "text": word}))
        self.length += len(word)

    @task(1)
    def cut(self):
        if self.length > 10:
            self.check(self.apply({"type": "delete_text", "position": self.length - 5, "length": 3}))
            self.length -= 3

    @task(1)
    def reconnect(self):
        self.hang_up()
        self.connect()
        behind = random.randint(0, self.sequence)
        resumed = self.ask(
            {"action": "resume_session", "documentId": self.document_id, "lastSequence": behind}, "session_resumed"
        )
        for sequence in range(behind + 1, behind + 1 + resumed.get("replayed", 0)):
            frame = self.receive("operation_applied")
            if frame and frame["sequence"] != sequence:
                self.fire("WSR", time.time(), exception=ValueError(f"expected {sequence}, got {frame}"))


class Together(Writer):
    """Types into a document in which others type as well, at places that may not be there."""

    weight = 3
    wait_time = between(0.2, 1)

    def on_start(self):
        self.connect()
        self.join(f"meeting-notes-{random.randint(1, 2)}")

    @task(3)
    def type(self):
        self.apply({"type": "insert_text", "position": random.randint(0, 200), "text": random.choice(WORDS)})

    @task(1)
    def cut(self):
        self.apply({"type": "delete_text", "position": random.randint(0, 200), "length": random.randint(1, 5)})


class Passerby(Writer):
    """Joins, types a word and leaves, with a new connection each time."""

    weight = 1
    wait_time = between(0.5, 1)

    def on_stop(self):
        pass

    @task
    def pass_by(self):
        self.connect()
        self.join(f"visit-{uuid.uuid4()}")
        self.apply({"type": "insert_text", "position": 0, "text": random.choice(WORDS)})
        self.hang_up()
