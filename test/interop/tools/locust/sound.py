"""Shoppers and publishers who log in once, pause as they like and never send the same twice."""

import itertools
import random
import time
import uuid

from locust import HttpUser, between, task

numbers = itertools.count(1)


class Shopper(HttpUser):
    weight = 2
    wait_time = between(0.1, 0.5)

    def on_start(self):
        credentials = {"email": f"loadtest+{next(numbers)}@example.com", "password": "TestPassword123!"}
        token = self.client.post("/api/v1/auth/login", json=credentials).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    @task(3)
    def look(self):
        self.client.get(f"/api/v1/products/{random.randint(1, 1000)}", name="/api/v1/products/[id]")

    @task(1)
    def profile(self):
        self.client.get("/api/v1/users/me")


class Publisher(HttpUser):
    weight = 1
    wait_time = between(0.1, 0.5)

    def on_start(self):
        client = {"client_id": "producer-service", "client_secret": "producer-secret"}
        token = self.client.post("/oauth/token", data={"grant_type": "client_credentials", **client}).json()
        self.client.headers["Authorization"] = f"Bearer {token['access_token']}"

    @task
    def publish(self):
        event = {
            "event_type": "order.created",
            "event_id": str(uuid.uuid4()),
            "source": "shop",
            "timestamp": int(time.time() * 1000),
            "data": {"total": random.uniform(10, 500)},
        }
        self.client.post("/v1/events/publish", json=event)
