"""Tickers that follow prices: subscribe with a snapshot, then read a frame now and then."""

import json
import random
import time
import uuid

from locust import User, between, constant, task
from websocket import WebSocketTimeoutException, create_connection

SYMBOLS = ["NASDAQ:AAPL", "NASDAQ:MSFT", "NASDAQ:GOOG", "NASDAQ:AMZN", "NASDAQ:TSLA", "NASDAQ:NVDA", "NYSE:IBM"]


class QuoteUser(User):
    abstract = True

    def connect(self, **options):
        url = f"{self.host.replace('http', 'ws', 1)}/ws/quotes?clientId={uuid.uuid4()}&format=json"
        started = time.time()
        self.ws = create_connection(url, **options)
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
            name="/ws/quotes",
            response_time=(time.time() - started) * 1000,
            response_length=length,
            exception=exception,
            context={},
        )

    def send(self, op, symbols=None, **rest):
        streams = {"streams": [f"quotes.{symbol}" for symbol in symbols]} if symbols else {}
        self.ws.send(json.dumps({"op": op, **streams, **rest}))
        self.fire("WSS", time.time())

    def receive(self, is_right):
        started = time.time()
        try:
            text = self.ws.recv()
            frame = json.loads(text)
            if not is_right(frame):
                raise ValueError(f"not what was expected: {text}")
            self.fire("WSR", started, len(text))
            return frame
        except Exception as error:
            self.fire("WSR", started, exception=error)
            return None

    def receive_until(self, key, value):
        while True:
            frame = self.receive(lambda frame: "type" in frame or "op" in frame)
            if frame is None or frame.get(key) == value:
                return frame


class Glance(QuoteUser):
    """Two symbols, and a frame each time it looks."""

    weight = 2
    wait_time = between(0.5, 1.5)

    def on_start(self):
        self.connect(timeout=10)
        symbols = random.sample(SYMBOLS, 2)
        self.send("subscribe", symbols, snapshot=True)
        self.receive(lambda frame: frame.get("op") == "subscribed" and len(frame["streams"]) == 2)
        for symbol in symbols:
            self.receive(lambda frame: frame.get("type") == "snapshot" and frame["symbol"] == symbol)

    @task
    def look(self):
        self.receive(lambda frame: frame["type"] == "quote" and frame["bid"] < frame["ask"])


class Wallboard(QuoteUser):
    """All symbols; reads what there is, and sees no quote skipped."""

    wait_time = constant(0)

    def on_start(self):
        self.connect(header=["User-Agent: wallboard/1.0"])
        self.ws.settimeout(5)
        self.sequences = {}
        self.send("subscribe", SYMBOLS, snapshot=True)
        self.receive(lambda frame: frame.get("op") == "subscribed")

    @task
    def read(self):
        for _ in range(50):
            frame = self.receive(self.follows)
            if frame is None:
                return

    def follows(self, frame):
        before = self.sequences.get(frame["symbol"])
        self.sequences[frame["symbol"]] = frame["sequence"]
        return before is None or frame["sequence"] == before + 1


class Restless(QuoteUser):
    """Another symbol with another connection each time, without a snapshot; pings and leaves politely."""

    wait_time = between(0.2, 1)

    def on_stop(self):
        pass

    @task
    def visit(self):
        symbol = random.choice(SYMBOLS)
        self.connect(timeout=5)
        self.send("subscribe", [symbol])
        self.receive(lambda frame: frame.get("op") == "subscribed")
        self.receive(lambda frame: frame.get("type") == "quote" and frame["symbol"] == symbol)
        self.send("ping", ts=time.time() * 1000)
        self.receive_until("op", "pong")
        self.send("unsubscribe", [symbol])
        self.receive_until("op", "unsubscribed")
        self.hang_up()


class ShortOfTime(QuoteUser):
    """Reads for as long as a timeout lets it, and takes the timeout for the end of the news."""

    wait_time = between(0.1, 0.5)

    def on_start(self):
        self.connect()
        self.send("subscribe", ["NYSE:IBM"], snapshot=True)
        self.receive(lambda frame: frame.get("op") == "subscribed")

    @task
    def drain(self):
        self.ws.settimeout(0.02)
        for _ in range(100):
            started = time.time()
            try:
                text = self.ws.recv()
            except WebSocketTimeoutException:
                return
            self.fire("WSR", started, len(text))
