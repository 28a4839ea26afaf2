"""PostHog's Query API in front of a real ClickHouse engine, for tests.

    python server.py            prints `listening on PORT`, and stops when its standard input ends

Like PostHog:   POST /api/projects/ID/query/     GET /api/projects/ID/query/QUERY_ID/
For tests:      POST /admin/projects             a new project, {"id", "key"}; body {"timezone"}
                POST /admin/projects/ID/events   rows of a batch export, one JSON object a line
                POST /admin/projects/ID/sql      any SQL; `{table}` is the project's table
                POST /admin/projects/ID/settings {"limits", "faults", "standing"}
                GET  /admin/projects/ID          what was asked so far

A fault is for one query, in order: {"status", "headers", "body"}; {"close": true} after half of the
answer; {"hang": seconds}; {"async": polls} answers 202 first, {"async_error": text} too; {"stale": true}
answers from the cache whatever was asked; {"replace": {key: value}} changes the answer.
Standing faults are for all: {"too_long": {"rows", "status"}} refuses what goes through more rows;
{"cap": rows} returns fewer rows than asked for and does not say so; {"slow": seconds}.
"""

import gzip
import json
import os
import shutil
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engine import MAX_ROWS, Engine, QueryError
from project import Project, Refusal, refusal

ENGINE = Engine()
PROJECTS = {}
LOCK = threading.Lock()


class Dropped(Exception):
    """The connection is closed in the middle of the answer."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.respond("POST")

    def do_GET(self):
        self.respond("GET")

    def log_message(self, *_):
        pass

    def respond(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        path = self.path.strip("/").split("/")
        try:
            if path[0] == "admin":
                self.send(200, self.administer(path[1:], body))
            else:
                self.send(*self.api(method, path, body))
        except Refusal as refused:
            self.send(refused.status, refused.body, refused.headers)
        except Dropped:
            self.send(200, {"results": [["half"] * 6] * 100}, cut=True)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception as error:  # what the test did wrong, it should see
            self.send(418, {"detail": f"{type(error).__name__}: {error}"})

    def send(self, status, body, headers=None, cut=False):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    # Administration

    def administer(self, path, body):
        if path == ["projects"]:
            with LOCK:
                project = Project(len(PROJECTS) + 1, **json.loads(body or b"{}"))
                PROJECTS[str(project.number)] = project
            ENGINE.create(project.table)
            return {"id": str(project.number), "key": project.key}
        project = PROJECTS[path[1]]
        match path[2:]:
            case ["events"]:
                ENGINE.load(project.table, body)
            case ["sql"]:
                ENGINE.execute(body.decode().replace("{table}", project.table))
            case ["settings"]:
                project.settings(json.loads(body))
            case []:
                return {"requests": project.requests, "most_at_once": project.most_at_once}
        return {}

    # The API

    def api(self, method, path, body):
        if path[:2] != ["api", "projects"] or len(path) < 4 or path[3] != "query":
            raise Refusal(404, "invalid_request", "not_found", "Endpoint not found.")
        project = self.authorize(path[2])
        project.enter()
        entry = {"method": method, "status": 500, "at": time.time()}
        try:
            if method == "GET":
                status, answer, *headers = self.poll(project, path[4])
            else:
                status, answer, *headers = self.query(project, json.loads(body), entry)
            entry["status"] = status
            return status, answer, *headers
        except Refusal as refused:
            entry["status"] = refused.status
            raise
        finally:
            project.log(entry)
            project.leave()

    def authorize(self, number):
        scheme, _, key = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or not key:
            raise Refusal(401, "authentication_error", "not_authenticated",
                          "Authentication credentials were not provided.")
        without_scope = key.removesuffix("_without_scope")
        owner = next((p for p in PROJECTS.values() if p.key == without_scope), None)
        if owner is None:
            raise Refusal(401, "authentication_error", "authentication_failed",
                          "Personal API key found in request Authorization header is invalid.")
        if key != owner.key:
            raise Refusal(403, "authentication_error", "permission_denied",
                          "API key missing required scope 'query:read'")
        if number not in PROJECTS:
            raise Refusal(404, "invalid_request", "not_found", "Project not found.")
        if owner.number != int(number):
            raise Refusal(403, "authentication_error", "permission_denied",
                          "You don't have access to the project.")
        return owner

    def poll(self, project, query_id):
        pending = project.pending[query_id]
        pending["polls"] -= 1
        if pending["polls"] > 0:
            return 202, {"query_status": {"id": query_id, "complete": False}}
        if "error" in pending:
            return 400, {"query_status": {"id": query_id, "complete": True, "error": True,
                                          "error_message": pending["error"]}}
        return 200, {"query_status": {"id": query_id, "complete": True, "error": False,
                                      "results": pending["answer"]}}

    def query(self, project, body, entry):
        query = body["query"]
        hogql, values = query["query"], query.get("values") or {}
        entry.update(query=hogql, values=values)
        fault = project.next_fault()
        time.sleep(fault.get("hang", 0) + project.standing.get("slow", 0))
        if "status" in fault:
            if "body" in fault:
                return fault["status"], fault["body"]
            raise refusal(fault["status"], fault.get("headers"))
        too_long = project.standing.get("too_long")
        if too_long and ENGINE.matching(project.table, project.timezone, hogql, values) > too_long["rows"]:
            raise refusal(too_long["status"])
        cached = json.dumps([hogql, values], sort_keys=True)
        if cached in project.cache and (fault.get("stale") or body.get("refresh") != "force_blocking"):
            return 200, {**project.cache[cached], "is_cached": True}
        try:
            answer = ENGINE.query(project.table, project.timezone, hogql, values,
                                  project.standing.get("cap", MAX_ROWS))
        except QueryError as error:
            raise Refusal(400, "validation_error", "illegal_hogql", str(error)) from error
        entry["rows"] = len(answer["results"])
        if "LIMIT" in hogql:
            del answer["limit"]  # with an explicit LIMIT PostHog tells neither limit nor hasMore
        else:
            answer["hasMore"] = len(answer["results"]) == answer["limit"]
        answer.update(is_cached=False, error=None)
        project.cache[cached] = answer
        answer = {**answer, **fault.get("replace", {})}
        if fault.get("close"):
            raise Dropped
        if "async" in fault or "async_error" in fault:
            query_id = uuid.uuid4().hex
            pending = {"polls": fault.get("async", 1), "answer": answer}
            if "async_error" in fault:
                pending["error"] = fault["async_error"]
            project.pending[query_id] = pending
            return 202, {"query_status": {"id": query_id, "complete": False}}
        return 200, answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server(("127.0.0.1", 0), Handler)
    print(f"listening on {server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    shutil.rmtree(ENGINE.folder, ignore_errors=True)
    os._exit(0)  # the engine's own threads have nothing to finish


main()
