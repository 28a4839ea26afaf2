"""A project of PostHog's: its key, limits, faults and what was asked of it."""

import threading
import time
from collections import deque


class Refusal(Exception):
    """An answer that is no answer: status, PostHog's error body, headers."""

    def __init__(self, status, kind, code, detail, headers=None):
        super().__init__(detail)
        self.status = status
        self.body = {"type": kind, "code": code, "detail": detail, "attr": None}
        self.headers = headers or {}


# What PostHog says with each status.
WORDS = {
    400: ("validation_error", "illegal_hogql", "Syntax error"),
    402: ("quota_error", "payment_required", "You have exceeded your API query quota."),
    429: ("throttled_error", "throttled", "Request was throttled. Expected available in 1 second."),
    500: ("server_error", "error", "A server error occurred."),
    503: ("server_error", "error", "Queries are a little too busy right now."),
    504: ("server_error", "error", "Query has hit the max execution time before completing."),
    512: ("server_error", "error", "Estimated query execution time is too long."),
    513: ("server_error", "clickhouse_memory_limit_exceeded", "This query ran out of memory."),
}


def refusal(status, headers=None):
    return Refusal(status, *WORDS[status], headers=headers)


class Project:
    """What one test has to itself."""

    def __init__(self, number, timezone="Asia/Yekaterinburg"):
        self.number = number
        self.timezone = timezone
        self.table = f"events_{number}"
        self.key = f"phx_{number}_secret"
        self.limits = {"minute": 240, "hour": 2400, "concurrent": 3}
        self.faults = []
        self.standing = {}
        self.requests = []
        self.cache = {}
        self.pending = {}
        self.lock = threading.Lock()
        self.asked = deque()
        self.running = 0
        self.most_at_once = 0

    def settings(self, changed):
        """Changes limits, the faults that come next and those that stay."""
        with self.lock:
            self.limits.update(changed.get("limits", {}))
            self.faults.extend(changed.get("faults", []))
            self.standing = changed.get("standing", self.standing)

    def next_fault(self):
        with self.lock:
            return self.faults.pop(0) if self.faults else {}

    def enter(self):
        """Counts a request against the limits; PostHog counts refused ones too."""
        now = time.monotonic()
        with self.lock:
            while self.asked and self.asked[0] < now - 3600:
                self.asked.popleft()
            in_minute = sum(1 for at in self.asked if at >= now - 60)
            if len(self.asked) >= self.limits["hour"] or in_minute >= self.limits["minute"]:
                raise refusal(429, {"Retry-After": "1"})
            self.asked.append(now)
            if self.running >= self.limits["concurrent"]:
                raise refusal(429)
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)

    def leave(self):
        with self.lock:
            self.running -= 1

    def log(self, entry):
        with self.lock:
            self.requests.append(entry)
