"""Users who look at one product, again and again."""

from locust import HttpUser, constant, task


class Shopper(HttpUser):
    wait_time = constant(0)

    @task
    def look(self):
        self.client.get("/api/v1/products/1")
