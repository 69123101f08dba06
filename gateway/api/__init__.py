"""The REST contract over HTTP: one router a noun, problem+json for every error."""

from __future__ import annotations

from gateway.api.application import create_api

__all__ = ["create_api"]
