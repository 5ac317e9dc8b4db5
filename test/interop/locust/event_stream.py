"""Services that publish events, one and many at a time, and dashboards that read them from streams line by line."""

import gzip
import json
import random
import time
import uuid

from locust import HttpUser, between, constant_pacing, task

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]


class Service(HttpUser):
    abstract = True

    def authenticate(self, client_id, client_secret, scope):
        response = self.client.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": client_secret,
                "scope": scope,
            },
        )
        self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}


class Producer(Service):
    weight = 2
    wait_time = constant_pacing(0.3)

    def on_start(self):
        self.authenticate("loadforge-producer-client", "super-secret-producer-key", "events.write")

    def event(self, event_type="order.created"):
        order_id = str(uuid.uuid4())
        return {
            "event_type": event_type,
            "event_id": str(uuid.uuid4()),
            "source": "locust-load-test",
            "timestamp": int(time.time() * 1000),
            "partition_key": order_id,
            "data": {
                "order_id": order_id,
                "customer_id": random.randint(1, 10000),
                "total": round(random.uniform(10, 500), 2),
                "currency": "USD",
                "items": [{"sku": f"SKU-{random.randint(1, 999)}", "quantity": random.randint(1, 5)}],
            },
        }

    @task(5)
    def publish(self):
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4()), "X-Region": random.choice(REGIONS)}
        with self.client.post("/v1/events/publish", json=self.event(), headers=headers, catch_response=True) as response:
            if response.status_code != 202:
                response.failure(f"not accepted: {response.status_code} {response.text}")
            elif not {"event_id", "stream", "partition", "offset"} <= response.json().keys():
                response.failure(f"not a receipt: {response.text}")

    @task(2)
    def publish_batch(self):
        batch = {"stream": "orders", "compression": "none", "events": [self.event("order.updated") for _ in range(25)]}
        with self.client.post("/v1/events/batch", json=batch, headers=self.headers, catch_response=True) as response:
            if response.status_code != 202 or response.json()["accepted_count"] != 25:
                response.failure(f"not all accepted: {response.status_code} {response.text}")

    @task(1)
    def publish_packed(self):
        batch = {"stream": "telemetry", "compression": "gzip", "events": [self.event("telemetry.reading") for _ in range(10)]}
        headers = {**self.headers, "Content-Type": "application/json", "Content-Encoding": "gzip"}
        body = gzip.compress(json.dumps(batch).encode())
        with self.client.post("/v1/events/batch", data=body, headers=headers, catch_response=True) as response:
            if response.status_code != 202 or response.json()["accepted_count"] != 10:
                response.failure(f"not all accepted: {response.status_code} {response.text}")

    @task(1)
    def say_that_it_is_packed(self):
        batch = {"stream": "orders", "compression": "gzip", "events": [self.event()]}
        with self.client.post("/v1/events/batch", json=batch, headers=self.headers, catch_response=True) as response:
            if response.status_code != 202:
                response.failure(f"not accepted: {response.status_code} {response.text}")


class Consumer(Service):
    abstract = True
    wait_time = between(0.1, 0.5)

    def on_start(self):
        self.authenticate("loadforge-consumer-client", "super-secret-consumer-key", "streams.read")

    def read(self, path, events, seconds, params=None, headers=None, **options):
        """Reads so many events, or for so long. @returns their (id, data)"""
        found = []
        deadline = time.time() + seconds
        fields = {}
        with self.client.get(
            path,
            params=params,
            headers={**self.headers, "Accept": "text/event-stream", **(headers or {})},
            stream=True,
            timeout=30,
            name=path,
            catch_response=True,
        ) as response:
            if response.status_code != 200:
                response.failure(f"no stream: {response.status_code} {response.text}")
                return found
            for line in response.iter_lines(**options):
                line = line.decode("utf-8") if isinstance(line, bytes) else line
                if ":" in line and not line.startswith(":"):
                    name, value = line.split(":", 1)
                    fields[name] = value.strip()
                elif not line and "data" in fields:
                    found.append((fields.get("id"), json.loads(fields["data"])))
                    fields = {}
                if len(found) >= events or time.time() > deadline:
                    break
            if not found:
                response.failure("no event came")
            response.close()
        return found


class Dashboard(Consumer):
    weight = 2

    def on_start(self):
        super().on_start()
        self.cursor = None
        self.offsets = {}

    @task(3)
    def follow_orders(self):
        """Goes on behind the last event it has seen, and misses none."""
        headers = {"Last-Event-ID": self.cursor} if self.cursor else {}
        for cursor, event in self.read("/v1/streams/orders", 20, 4, headers=headers):
            expected = self.offsets.get(event["partition"], event["offset"] - 1) + 1
            if event["offset"] != expected:
                self.environment.events.request.fire(
                    request_type="GAP",
                    name="orders",
                    response_time=0,
                    response_length=0,
                    exception=ValueError(f"expected offset {expected}, got {event}"),
                    context={},
                )
            self.offsets[event["partition"]] = event["offset"]
            self.cursor = cursor

    @task(1)
    def notifications(self):
        params = {"channels": "inventory,pricing", "format": "sse"}
        self.read("/v1/streams/notifications", 10, 4, params=params, chunk_size=1)


class GroupMember(Consumer):
    weight = 1

    @task
    def share(self):
        params = {"consumer_group": "order-processors", "region": random.choice(REGIONS)}
        self.read("/v1/streams/orders", 5, 10, params=params, decode_unicode=True)
