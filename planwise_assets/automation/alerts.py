"""Telling people about a failed run: a web hook, a command, or both.

Belongs here: what is said and how it leaves this machine. Does not: noticing (sensors.py).
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import dagster as dg

from planwise_assets.partitions import year_of_run

_PATIENCE_SECONDS = 20


class AlertError(RuntimeError):
    """Somebody could not be told; the message names the target and what it answered."""


@dataclass(frozen=True)
class Alert:
    """One failed run.

    Attributes:
        text: All of it in two sentences; chat systems show the field of this name.
        study: The study.
        year: The simulation year, as text; "?" for a run without one.
        run_id: Dagster's id of the run.
        reason: The first failure, in words.
        address: The run's page in the UI.
    """

    text: str
    study: str
    year: str
    run_id: str
    reason: str
    address: str

    @classmethod
    def of(cls, study: str, run: dg.DagsterRun, reason: str, ui_address: str) -> Alert:
        """The alert of a run.

        Args:
            study: Name of the study.
            run: The run that failed.
            reason: Why, in words for a person.
            ui_address: Where the web server is, e.g. `http://127.0.0.1:3000`.
        """
        year = year_of_run(run.tags) or "?"
        address = f"{ui_address.rstrip('/')}/runs/{run.run_id}"
        text = f"PlanWise, study {study}: {year} failed. {reason.strip()} {address}"
        return cls(text, study, year, run.run_id, reason.strip(), address)


@dataclass(frozen=True)
class AlertTargets:
    """Whom to tell.

    Attributes:
        webhook: Gets the alert as JSON by POST (`PLANWISE_ALERT_WEBHOOK`).
        command: Gets `text` on standard input (`PLANWISE_ALERT_COMMAND`), split as a shell would, run without one.
        ui_address: Where people open the UI (`PLANWISE_UI_URL`).
    """

    webhook: str = ""
    command: str = ""
    ui_address: str = "http://127.0.0.1:3000"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> AlertTargets:
        """The targets that this process's environment names.

        Raises:
            AlertError: The web hook is not an http(s) address, or the command's quotes do not match.
        """
        webhook = environment.get("PLANWISE_ALERT_WEBHOOK", "")
        if webhook and not webhook.startswith(("http://", "https://")):
            raise AlertError("PLANWISE_ALERT_WEBHOOK must be an address that begins with https:// or http://.")
        command = environment.get("PLANWISE_ALERT_COMMAND", "")
        try:
            shlex.split(command)
        except ValueError as error:
            raise AlertError(f"PLANWISE_ALERT_COMMAND cannot be split into words: {error}.") from None
        return cls(webhook, command, environment.get("PLANWISE_UI_URL") or cls.ui_address)

    def __bool__(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self.webhook or self.command)

    def send(self, alert: Alert) -> None:
        """Tells everybody, even when one of them cannot be reached.

        Raises:
            AlertError: At least one target did not take it. The addresses are not repeated: they hold secrets.
        """
        problems = [
            problem
            for problem in (
                self._post(alert) if self.webhook else None,
                self._run(alert) if self.command else None,
            )
            if problem
        ]
        if problems:
            raise AlertError(" ".join(problems))

    def _post(self, alert: Alert) -> str | None:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            self.webhook, json.dumps(asdict(alert)).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS):  # noqa: S310
                return None
        except OSError as error:
            return f"PLANWISE_ALERT_WEBHOOK did not take the alert: {error}."

    def _run(self, alert: Alert) -> str | None:
        words = shlex.split(self.command)
        try:
            done = subprocess.run(
                words, input=alert.text + "\n", text=True, capture_output=True, timeout=_PATIENCE_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"PLANWISE_ALERT_COMMAND ({words[0]}) did not run: {error}."
        if done.returncode:
            return f"PLANWISE_ALERT_COMMAND ({words[0]}) ended with {done.returncode}: {done.stderr.strip()[:200]}"
        return None
