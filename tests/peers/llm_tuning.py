"""The part of the peer that takes training files and follows jobs; a job goes on by one state each time it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.peers import llm_contract as contract

STATES = ("validating_files", "queued", "running", "succeeded")
Refuse = Callable[..., web.Response]


class Tuning:
    """Files and fine-tuning jobs, in memory."""

    def __init__(self, keyless: Callable[[web.Request], web.Response | None], refuse: Refuse) -> None:
        self._keyless = keyless
        self._refuse = refuse
        self.files: dict[str, str] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.fails = False

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Serve the routes."""
        router.add_post("/v1/files", self.upload)
        router.add_delete("/v1/files/{file}", self.remove)
        router.add_post("/v1/fine_tuning/jobs", self.create)
        router.add_get("/v1/fine_tuning/jobs/{job}", self.show)
        router.add_post("/v1/fine_tuning/jobs/{job}/cancel", self.cancel)
        router.add_get("/_files", self.show_files)
        router.add_post("/_fail", self.fail)

    async def upload(self, request: web.Request) -> web.Response:
        """Take a training file; each line is a conversation that ends with the assistant."""
        refusal = self._keyless(request)
        if refusal:
            return refusal
        form = await request.post()
        if set(form) != {"file", "purpose"} or form["purpose"] != "fine-tune":
            return self._refuse(400, "Send a file with the purpose fine-tune.")
        content = form["file"].file.read().decode()  # type: ignore[union-attr]  # the form has a file
        wrong = [found for line in content.splitlines() for found in line_mistakes(line)]
        if wrong or not content:
            return self._refuse(400, f"Invalid file format. {wrong[:3]}")
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        answer = {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 1_790_000_000,
            "filename": "train.jsonl",
            "purpose": "fine-tune",
            "status": "processed",
        }
        return self._checked("OpenAIFile", answer)

    async def remove(self, request: web.Request) -> web.Response:
        """Forget a file."""
        name = request.match_info["file"]
        if self.files.pop(name, None) is None:
            return self._refuse(404, f"No such File object: {name}")
        return self._checked("DeleteFileResponse", {"id": name, "object": "file", "deleted": True})

    async def create(self, request: web.Request) -> web.Response:
        """Start a job with files that are there."""
        refusal = self._keyless(request)
        if refusal:
            return refusal
        body = await request.json()
        wrong = contract.mistakes("CreateFineTuningJobRequest", body)
        if wrong:
            return self._refuse(400, "; ".join(wrong))
        if body["training_file"] not in self.files:
            return self._refuse(400, f"invalid training_file: {body['training_file']}")
        name = f"ftjob-{len(self.jobs) + 1}"
        self.jobs[name] = body | {"id": name, "status": STATES[0]}
        return self._job(name)

    async def show(self, request: web.Request) -> web.Response:
        """Show a job and let it go on."""
        name = request.match_info["job"]
        job = self.jobs.get(name)
        if job is None:
            return self._refuse(404, f"Could not find fine tune: {name}")
        if job["status"] in STATES[:-1]:
            job["status"] = "failed" if self.fails else STATES[STATES.index(job["status"]) + 1]
        return self._job(name)

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel a job."""
        name = request.match_info["job"]
        if name not in self.jobs:
            return self._refuse(404, f"Could not find fine tune: {name}")
        self.jobs[name]["status"] = "cancelled"
        return self._job(name)

    async def show_files(self, request: web.Request) -> web.Response:
        """Show what was uploaded."""
        return web.json_response(self.files)

    async def fail(self, request: web.Request) -> web.Response:
        """Let jobs fail, or not any more."""
        self.fails = await request.json()
        return web.json_response({})

    def _job(self, name: str) -> web.Response:
        job = self.jobs[name]
        done = job["status"] == "succeeded"
        failed = {"code": "invalid_training_file", "message": "The examples contradict each other.", "param": None}
        answer = {
            "id": name,
            "object": "fine_tuning.job",
            "created_at": 1_790_000_000,
            "error": failed if job["status"] == "failed" else None,
            "fine_tuned_model": f"ft:{job['model']}:own:{job.get('suffix') or ''}:{name}" if done else None,
            "finished_at": 1_790_000_900 if done else None,
            "hyperparameters": {"n_epochs": "auto"},
            "model": job["model"],
            "organization_id": "org-1",
            "result_files": [],
            "status": job["status"],
            "trained_tokens": 4_321 if done else None,
            "training_file": job["training_file"],
            "validation_file": job.get("validation_file"),
            "seed": 1,
        }
        return self._checked("FineTuningJob", answer)

    def _checked(self, name: str, answer: dict[str, Any]) -> web.Response:
        wrong = contract.mistakes(name, answer)
        return self._refuse(500, f"The peer itself is wrong: {wrong}") if wrong else web.json_response(answer)


def line_mistakes(line: str) -> list[str]:
    """Name what is wrong in a line of a training file."""
    example = json.loads(line)
    roles = [message["role"] for message in example["messages"]]
    wrong = contract.mistakes("CreateChatCompletionRequest", {"model": "any", **example})
    return wrong + ([] if roles == ["system", "user", "assistant"] else [f"the roles are {roles}"])
