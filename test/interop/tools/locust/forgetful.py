"""Analysts who order reports and never look at them, on a connection each time and with a path that does not exist."""

from locust import HttpUser, constant, task


class Analyst(HttpUser):
    wait_time = constant(0.1)

    def on_start(self):
        self.client.headers.update({"Authorization": "Bearer reporting-load-test-token", "Connection": "close"})

    @task
    def order(self):
        self.client.post("/api/v1/reports", json={"type": "sales", "format": "csv"})

    @task
    def overview(self):
        self.client.get("/api/v1/report-overview")
