"""Shoppers who log in, look around and buy, beside a service that publishes what happens in the shop."""

import random
import time
import uuid

from locust import HttpUser, between, constant_pacing, tag, task

CATEGORIES = ["electronics", "books", "home", "fitness"]
SEARCH_TERMS = ["chair", "table", "lamp", "phone", "book"]
SORTS = ["popularity", "price", "-price", "rating", "newest"]


class Shopper(HttpUser):
    weight = 4
    wait_time = between(0.2, 1)

    def on_start(self):
        self.token = None
        self.product_ids = []
        self.email = f"loadtest+{random.randint(1, 100000)}@example.com"
        self.login()

    def login(self):
        with self.client.post(
            "/api/v1/auth/login",
            json={"email": self.email, "password": "TestPassword123!"},
            catch_response=True,
        ) as response:
            if response.status_code != 200:
                response.failure(f"login failed: {response.status_code}")
                return
            body = response.json()
            if body["user"]["email"] != self.email:
                response.failure("logged in as somebody else")
                return
            self.token = body["access_token"]
            self.client.headers.update({"Authorization": f"Bearer {self.token}"})

    @tag("browse")
    @task(8)
    def list_products(self):
        params = {
            "page": random.randint(1, 5),
            "limit": 20,
            "sort": random.choice(SORTS),
            "category": random.choice(CATEGORIES),
        }
        with self.client.get(
            "/api/v1/products", params=params, name="/api/v1/products", catch_response=True
        ) as response:
            body = response.json()
            if "items" not in body or body["limit"] != 20:
                response.failure("not a page of products")
            elif any(item["category"] != params["category"] for item in body["items"]):
                response.failure("a product of another category")
            else:
                self.product_ids = [item["id"] for item in body["items"]] or self.product_ids

    @tag("browse")
    @task(5)
    def product_detail(self):
        product_id = random.choice(self.product_ids) if self.product_ids else random.randint(1, 1000)
        with self.client.get(
            f"/api/v1/products/{product_id}", name="/api/v1/products/[id]", catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"got status {response.status_code}")
            elif response.json()["id"] != product_id:
                response.failure("another product came back")
            elif response.elapsed.total_seconds() > 5:
                response.failure("too slow")

    @tag("search")
    @task(3)
    def search(self):
        self.client.get(f"/api/v1/products/search?q={random.choice(SEARCH_TERMS)}", name="/api/v1/products/search")

    @tag("search")
    @task(2)
    def price_range(self):
        low = random.randint(1, 100)
        with self.client.get(
            f"/api/v1/products?min_price={low}&max_price={low + 200}", name="/api/v1/products", catch_response=True
        ) as response:
            if any(not low <= item["price"] <= low + 200 for item in response.json()["items"]):
                response.failure("a price out of the range")

    @tag("browse")
    @task(1)
    def categories(self):
        with self.client.get("/api/v1/categories", catch_response=True) as response:
            slugs = [category["slug"] for category in response.json()["items"]]
            if not set(CATEGORIES) <= set(slugs):
                response.failure(f"categories are missing: {slugs}")

    @tag("buy")
    @task(3)
    def place_order(self):
        order = {
            "product_id": random.randint(1, 1000),
            "quantity": random.randint(1, 3),
            "shipping_address": {"street": "12 Load Lane", "city": "Testville", "zip": "12345"},
        }
        with self.client.post("/api/v1/orders", json=order, catch_response=True) as response:
            if response.status_code not in (200, 201):
                response.failure(f"order failed: {response.status_code} {response.text}")
                return
            order_id = response.json()["id"]
        with self.client.get(f"/api/v1/orders/{order_id}", name="/api/v1/orders/[id]", catch_response=True) as response:
            if response.json().get("id") != order_id:
                response.failure("the order is not there")

    @tag("buy")
    @task(1)
    def place_big_order(self):
        items = [{"product_id": random.randint(1, 1000), "quantity": 1} for _ in range(3)]
        self.client.post("/api/v1/orders", json={"items": items, "shipping_address": "12 Load Lane, Testville"})

    @tag("account")
    @task(2)
    def my_orders(self):
        self.client.get("/api/v1/orders?status=pending&limit=10", name="/api/v1/orders")
        self.client.get("/api/v1/user/orders")

    @tag("account")
    @task(1)
    def profile(self):
        with self.client.get("/api/v1/users/me", catch_response=True) as response:
            if response.status_code == 401:
                response.failure("the token is not accepted")
            elif response.json()["email"] != self.email:
                response.failure("somebody else's profile")

    @tag("account")
    @task(1)
    def old_order(self):
        self.client.get(f"/api/v1/orders/{random.randint(5001, 5100)}", name="/api/v1/orders/[id]")

    @tag("unhappy")
    @task(1)
    def missing_product(self):
        with self.client.get("/api/v1/products/99999999", name="/api/v1/products/[id]", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
            else:
                response.failure("expected 404")


class OrderEvents(HttpUser):
    weight = 1
    wait_time = constant_pacing(0.5)

    def on_start(self):
        self.headers = {}
        self.renew_token()

    @task(1)
    def renew_token(self):
        response = self.client.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": "producer-service",
                "client_secret": "producer-secret",
            },
            headers=self.headers,
        )
        self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}

    def event(self):
        order_id = random.randint(1, 1000)
        return {
            "event_type": random.choice(["order.created", "order.updated"]),
            "event_id": str(uuid.uuid4()),
            "source": "locust",
            "timestamp": int(time.time() * 1000),
            "partition_key": f"order-{order_id}",
            "data": {"order_id": order_id, "status": "pending", "total": round(random.uniform(5, 500), 2)},
        }

    @task(3)
    def publish(self):
        with self.client.post(
            "/v1/events/publish", json=self.event(), headers=self.headers, catch_response=True
        ) as response:
            if response.status_code != 202:
                response.failure(f"not accepted: {response.status_code} {response.text}")

    @task(1)
    def publish_batch(self):
        batch = {"stream": "orders", "compression": "none", "events": [self.event() for _ in range(20)]}
        with self.client.post("/v1/events/batch", json=batch, headers=self.headers, catch_response=True) as response:
            if response.status_code != 202 or response.json()["accepted_count"] != 20:
                response.failure(f"not all accepted: {response.status_code} {response.text}")
