"""People in chat rooms, over raw WebSockets: send a frame, read a frame, and take it for the answer."""

import json
import random
import time
import uuid

from locust import User, between, events, task
from websocket import create_connection


class ChatUser(User):
    abstract = True

    def on_start(self):
        self.sender_id = f"user-{random.randint(1, 1_000_000)}"
        self.ws = None
        self.connect()
        self.subscribe()

    def on_stop(self):
        if self.ws:
            self.ws.close()

    def hang_up(self):
        """Within a task: close() waits for the answer, and swallows it when Locust wants to stop the user meanwhile."""
        self.ws.send_close()
        self.ws.shutdown()

    def fire(self, kind, started, length=0, exception=None):
        events.request.fire(
            request_type=kind,
            name="/ws/chat",
            response_time=(time.time() - started) * 1000,
            response_length=length,
            exception=exception,
            context={},
        )

    def url(self):
        return self.host.replace("http", "ws", 1) + "/ws/chat"

    def open(self, url, **options):
        started = time.time()
        try:
            self.ws = create_connection(url, **options)
            self.fire("WSC", started)
        except Exception as error:
            self.fire("WSC", started, exception=error)
            raise

    def send(self, frame):
        text = json.dumps(frame)
        self.ws.send(text)
        self.fire("WSS", time.time(), len(text))

    def receive(self, *expected):
        """The next frame, whatever it is; a failure when it is of another type than these."""
        started = time.time()
        try:
            text = self.ws.recv()
            frame = json.loads(text)
            if frame.get("type") not in expected:
                raise ValueError(f"expected {expected}, got {text}")
            self.fire("WSR", started, len(text))
            return frame
        except Exception as error:
            self.fire("WSR", started, exception=error)
            return {}

    def subscribe(self):
        self.send({"action": "subscribe", "channel": self.channel, "userId": self.sender_id})
        self.receive("subscription_confirmed")

    def message(self):
        return {
            "id": str(uuid.uuid4()),
            "senderId": self.sender_id,
            "text": random.choice(["hello", "how are you?", "Grüße aus Köln ☕", "x" * 500]),
            "sentAt": int(time.time() * 1000),
        }


class Regular(ChatUser):
    """Has a room to itself, and shows its token in a header."""

    weight = 2
    wait_time = between(0.2, 1)

    def connect(self):
        self.channel = f"room:{uuid.uuid4()}"
        self.open(self.url(), header=[f"Authorization: Bearer demo-jwt-token-{self.sender_id}"], timeout=10)

    @task(5)
    def publish(self):
        message = self.message()
        self.send({"action": "publish", "channel": self.channel, "message": message})
        ack = self.receive("message_ack")
        if ack and ack["id"] != message["id"]:
            self.fire("WSR", time.time(), exception=ValueError(f"the ack of another message: {ack}"))

    @task(1)
    def keep_alive(self):
        self.ws.ping()
        self.send({"action": "ping"})
        self.receive("pong")

    @task(1)
    def look_back(self):
        self.send({"action": "history", "channel": self.channel, "after": 0})
        self.receive("history")


class InACrowd(ChatUser):
    """Is in a room with others, and takes what others say before its ack for an answer as good as any."""

    weight = 2
    wait_time = between(0.2, 1)
    channel = "room:general"

    def connect(self):
        self.open(f"{self.url()}?token=demo-jwt-token-{self.sender_id}")

    @task
    def publish(self):
        self.send({"action": "publish", "channel": self.channel, "message": self.message()})
        self.receive("message_ack", "message_delivered")


class Careful(ChatUser):
    """Is in the same room, and reads on until its own ack."""

    weight = 2
    wait_time = between(0.2, 1)
    channel = "room:general"

    def connect(self):
        self.open(f"{self.url()}?token=demo-jwt-token-{self.sender_id}")
        self.ws.settimeout(20)

    @task
    def publish(self):
        message = self.message()
        message["sentAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.send({"action": "publish", "channel": self.channel, "message": message})
        while True:
            frame = self.receive("message_ack", "message_delivered")
            if not frame or frame.get("id") == message["id"]:
                return


class Visitor(ChatUser):
    """Comes, says one thing, and goes, again and again."""

    weight = 1
    wait_time = between(0.5, 1.5)

    def on_start(self):
        self.ws = None

    @task
    def drop_in(self):
        self.sender_id = f"guest-{random.randint(1, 1_000_000)}"
        self.channel = f"room:{self.sender_id}"
        self.open(f"{self.url()}?token=demo-jwt-token-{self.sender_id}", timeout=5)
        self.subscribe()
        self.send({"action": "publish", "channel": self.channel, "message": self.message()})
        self.receive("message_ack")
        self.send({"action": "unsubscribe", "channel": self.channel})
        self.receive("unsubscription_confirmed")
        self.hang_up()
