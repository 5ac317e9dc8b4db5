"""Apps that keep a socket open for what concerns their account: subscribe and read one, ping and read one."""

import json
import random
import time

import gevent
import websocket
from locust import HttpUser, User, between, task
from websocket import create_connection

PATH = "/v1/realtime/notifications"
KINDS = ["notifications", "orders", "billing"]
PUSHES = {"notification", "order_update", "invoice_ready"}


class AlertSocket:
    """What all of them share: a socket whose frames are counted."""

    ws = None

    def fire(self, kind, started, length=0, exception=None):
        self.environment.events.request.fire(
            request_type=kind,
            name=PATH,
            response_time=(time.time() - started) * 1000,
            response_length=length,
            exception=exception,
            context={},
        )

    def ws_url(self):
        return self.host.replace("http://", "ws://") + PATH

    def send(self, frame):
        self.ws.send(json.dumps(frame))
        self.fire("WSS", time.time())

    def receive(self, expected):
        started = time.time()
        try:
            text = self.ws.recv()
            frame = json.loads(text)
            if frame["type"] not in expected:
                raise ValueError(f"expected {expected}, got {text}")
            self.fire("WSR", started, len(text))
            return frame
        except Exception as error:
            self.fire("WSR", started, exception=error)
            return None

    def on_stop(self):
        if self.ws:
            self.ws.close()


class App(AlertSocket, HttpUser):
    """Logs in, and follows many topics that others follow as well."""

    weight = 4
    wait_time = between(0.5, 2)

    def on_start(self):
        email = f"loadtest+{random.randint(1, 100000)}@example.com"
        response = self.client.post("/api/v1/auth/login", json={"email": email, "password": "TestPassword123!"})
        token = response.json()["access_token"]
        started = time.time()
        self.ws = create_connection(self.ws_url(), header=[f"Authorization: Bearer {token}"], timeout=10)
        self.fire("WSC", started)
        topics = [f"account.{account}.{kind}" for account in range(1, 8) for kind in KINDS]
        self.send({"type": "subscribe", "topics": topics})
        answer = self.receive({"subscribed"})
        if answer and answer["topics"] != topics:
            self.fire("WSR", started, exception=ValueError(f"other topics: {answer}"))

    @task
    def heartbeat(self):
        ts = int(time.time() * 1000)
        self.send({"type": "ping", "ts": ts})
        pong = self.receive({"pong"})
        if pong and (pong["ts"] != ts or not pong["server_ts"]):
            self.fire("WSR", time.time(), exception=ValueError(f"not the pong of {ts}: {pong}"))


class Listener(AlertSocket, HttpUser):
    """Says nothing after it has subscribed, and waits for what comes."""

    weight = 2
    wait_time = between(0, 0.1)

    def on_start(self):
        form = {
            "grant_type": "client_credentials",
            "client_id": "notification-dashboard",
            "client_secret": "consumer-secret",
        }
        token = self.client.post("/oauth/token", data=form).json()["access_token"]
        started = time.time()
        self.ws = create_connection(f"{self.ws_url()}?token={token}")
        self.fire("WSC", started)
        self.ws.settimeout(30)
        self.send({"type": "subscribe", "topics": [f"account.{random.randint(1, 8)}.notifications"]})
        self.receive({"subscribed"})

    @task
    def wait_for_one(self):
        self.receive(PUSHES)


class Callbacks(AlertSocket, User):
    """Uses the library's other face, which reads in the background and sends pings of the protocol."""

    weight = 1
    wait_time = between(1, 2)

    def on_start(self):
        self.connected_at = time.time()
        self.confirmed = False
        self.ws = websocket.WebSocketApp(
            self.ws_url(),
            header={"Authorization": "Bearer demo-jwt-token-callbacks"},
            on_open=self.on_open,
            on_message=self.on_message,
            on_error=self.on_error,
        )
        self.reader = gevent.spawn(self.ws.run_forever, ping_interval=2, ping_timeout=1)

    def on_stop(self):
        self.ws.close()
        self.reader.join(timeout=5)

    def on_open(self, ws):
        self.fire("WSC", self.connected_at)
        self.send({"type": "subscribe", "topics": ["account.42.orders"]})

    def on_message(self, ws, text):
        self.confirmed = self.confirmed or json.loads(text)["type"] == "subscribed"
        self.fire("WSR", time.time(), len(text))

    def on_error(self, ws, error):
        self.fire("WSR", time.time(), exception=error)

    @task
    def ping(self):
        if self.confirmed:
            self.send({"type": "ping", "ts": time.time()})
