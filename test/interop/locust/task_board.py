"""Project managers who keep a board of tasks: list, filter, create, move along and tidy up."""

import random

from locust import FastHttpUser, between, tag, task

PROJECTS = [2001, 2002, 2003]
ASSIGNEES = [301, 302, 303]
STATUSES = ["open", "in_progress", "done"]
PRIORITIES = ["low", "medium", "high"]


class ProjectManager(FastHttpUser):
    wait_time = between(0.1, 0.6)
    connection_timeout = 30.0
    network_timeout = 30.0

    def on_start(self):
        self.headers = {}
        self.task_ids = []
        user = f"loadtest+{random.randint(1, 500)}@example.com"
        with self.client.post(
            "/auth/login", json={"email": user, "password": "TestPassword123!"}, catch_response=True
        ) as response:
            if response.status_code == 200:
                self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
            else:
                response.failure(f"login failed: {response.text}")

    def on_stop(self):
        for task_id in self.task_ids:
            self.client.delete(f"/tasks/{task_id}", headers=self.headers, name="/tasks/[id]")

    @tag("read")
    @task(6)
    def board(self):
        project_id, status = random.choice(PROJECTS), random.choice(STATUSES)
        with self.client.get(
            f"/tasks?project_id={project_id}&status={status}&limit=25",
            headers=self.headers,
            name="/tasks",
            catch_response=True,
        ) as response:
            items = response.json()["items"]
            if any(item["project_id"] != project_id or item["status"] != status for item in items):
                response.failure("the filter let something else through")

    @tag("read")
    @task(3)
    def workload(self):
        query = f"assignee_id={random.choice(ASSIGNEES)}&priority={random.choice(PRIORITIES)}&page=1"
        self.client.get(f"/tasks?{query}", headers=self.headers, name="/tasks")

    @tag("write")
    @task(4)
    def create(self):
        new_task = {
            "title": f"Load test task {random.randint(1, 99999)}",
            "description": "Created by a load test",
            "project_id": random.choice(PROJECTS),
            "assignee_id": random.choice(ASSIGNEES),
            "priority": random.choice(PRIORITIES),
            "status": "open",
        }
        with self.client.post("/tasks", json=new_task, headers=self.headers, catch_response=True) as response:
            if response.status_code != 201:
                response.failure(f"expected 201, got {response.status_code}")
                return
            created = response.json()
            if created["title"] != new_task["title"]:
                response.failure("another title came back")
            self.task_ids.append(created["id"])

    @tag("write")
    @task(3)
    def move_along(self):
        if not self.task_ids:
            return
        task_id = random.choice(self.task_ids)
        status = random.choice(["in_progress", "done"])
        with self.client.patch(
            f"/tasks/{task_id}",
            json={"status": status},
            headers=self.headers,
            name="/tasks/[id]",
            catch_response=True,
        ) as response:
            if response.status_code != 200 or response.json()["status"] != status:
                response.failure(f"not changed: {response.status_code}")
                return
        with self.client.get(
            f"/tasks/{task_id}", headers=self.headers, name="/tasks/[id]", catch_response=True
        ) as response:
            if response.json()["status"] != status:
                response.failure("the change is lost")

    @tag("write")
    @task(2)
    def delete(self):
        if not self.task_ids:
            return
        task_id = self.task_ids.pop()
        with self.client.delete(
            f"/tasks/{task_id}", headers=self.headers, name="/tasks/[id]", catch_response=True
        ) as response:
            if response.status_code not in (200, 204):
                response.failure(f"not deleted: {response.status_code}")
        with self.client.get(
            f"/tasks/{task_id}", headers=self.headers, name="/tasks/[id]", catch_response=True
        ) as response:
            if response.status_code == 404:
                response.success()
            else:
                response.failure("a deleted task is still there")

    @tag("read")
    @task(1)
    def health(self):
        self.client.get("/healthz")
