"""Analysts and a scheduler who order reports, wait for them and download them."""

import random
import time

from locust import HttpUser, SequentialTaskSet, between, events, task

ACCOUNTS = [
    ("qa.user1@example.com", "TestPass123!"),
    ("qa.user2@example.com", "TestPass123!"),
    ("loadtest.manager@example.com", "SecurePass456!"),
    ("testuser@example.com", "testpassword123"),
]
REPORT_TYPES = ["sales", "orders", "products", "inventory", "user_activity"]
POLL_SECONDS = 0.5
MOST_POLLS = 60


@events.test_start.add_listener
def on_test_start(environment, **kwargs):
    print(f"reports are ordered from {environment.host}")


class ReportingUser(HttpUser):
    abstract = True

    def order_report(self, report):
        with self.client.post("/api/reports", json=report, catch_response=True) as response:
            if response.status_code != 202:
                response.failure(f"expected 202, got {response.status_code}: {response.text}")
                return None
            body = response.json()
            if body["status"] != "queued" or not body["status_url"]:
                response.failure(f"not queued: {body}")
            return body["job_id"]

    def wait_for_report(self, job_id):
        for _ in range(MOST_POLLS):
            with self.client.get(f"/api/reports/{job_id}", name="/api/reports/[job_id]", catch_response=True) as response:
                if response.status_code != 200:
                    response.failure(f"poll failed: {response.status_code}")
                    return None
                body = response.json()
                if body["status"] == "failed":
                    response.failure(f"the report failed: {body.get('error')}")
                    return None
                if body["status"] not in ("queued", "running", "completed"):
                    response.failure(f"unknown status {body['status']}")
                    return None
                if not 0 <= body["progress"] <= 100:
                    response.failure(f"progress {body['progress']}")
                response.success()
                if body["status"] == "completed":
                    return body["download_url"]
            time.sleep(POLL_SECONDS)
        return None

    def download(self, url, job_id):
        with self.client.get(url, name="/api/reports/[job_id]/download", catch_response=True) as response:
            if response.status_code != 200 or not response.content:
                response.failure(f"no report for {job_id}: {response.status_code}")


class Analyst(ReportingUser):
    weight = 3
    wait_time = between(0.5, 1.5)

    @task
    class OrderWaitDownload(SequentialTaskSet):
        def on_start(self):
            email, password = random.choice(ACCOUNTS)
            response = self.client.post("/api/auth/login", json={"email": email, "password": password})
            self.client.headers["Authorization"] = "Bearer " + response.json()["access_token"]
            self.url = None

        @task
        def order(self):
            self.job_id = self.user.order_report(
                {
                    "type": random.choice(REPORT_TYPES),
                    "format": random.choice(["csv", "json"]),
                    "date_from": "2026-01-01",
                    "date_to": "2026-01-31",
                    "filters": {"region": "eu"},
                }
            )

        @task
        def poll(self):
            self.url = self.user.wait_for_report(self.job_id) if self.job_id else None

        @task
        def fetch(self):
            if self.url:
                self.user.download(self.url, self.job_id)

        @task
        def look_around(self):
            self.client.get("/api/user/profile")
            if random.random() < 0.2:
                self.interrupt()


class Scheduler(ReportingUser):
    weight = 1
    wait_time = between(1, 2)

    def on_start(self):
        self.client.headers.update({"Authorization": "Bearer reporting-load-test-token"})

    @task(4)
    def nightly_report(self):
        job_id = self.order_report({"report_type": random.choice(REPORT_TYPES), "parameters": {"days": 30}})
        url = self.wait_for_report(job_id) if job_id else None
        if url:
            self.download(f"/api/reports/{job_id}/download", job_id)

    @task(1)
    def change_of_mind(self):
        job_id = self.order_report({"report_type": "sales"})
        if job_id:
            self.client.delete(f"/api/reports/{job_id}", name="/api/reports/[job_id]")
