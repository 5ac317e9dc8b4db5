"""Publishers who ask for a token each time, for one event that is always the same."""

from locust import HttpUser, constant, task


class Publisher(HttpUser):
    wait_time = constant(0)

    @task
    def publish(self):
        client = {"client_id": "producer-service", "client_secret": "producer-secret"}
        token = self.client.post("/oauth/token", data={"grant_type": "client_credentials", **client}).json()
        event = {
            "event_type": "order.created",
            "event_id": "00000000-0000-4000-8000-000000000001",
            "source": "shop",
            "timestamp": 1767225600000,
            "data": {"total": 10},
        }
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        self.client.post("/v1/events/publish", json=event, headers=headers)
