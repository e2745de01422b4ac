"""The built web pages: ``/`` (demo bank page), ``/app`` (full-page chat), ``/widget/…``,
``/console`` (staff console).

Only these files are compressed; replies that carry secrets never are.
"""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.errors import PageNotFound, PagesNotBuilt


class BuiltFiles(StaticFiles):
    """Static files of a folder which may be built later than the server starts.

    Raises:
        PagesNotBuilt: the folder isn't there yet.
    """

    def __init__(self, directory: Path, cache_control: str) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._folder = directory
        self._cache_control = cache_control

    async def check_config(self) -> None:
        """Starlette's own check, made with every first request until the folder is there."""
        if not self._folder.is_dir():
            raise PagesNotBuilt()

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, with the folder's caching rule."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = self._cache_control
        return response


def _page(path: Path) -> Response:
    if not path.is_file():
        missing = PagesNotBuilt()
        return PlainTextResponse(missing.text, status_code=missing.status)
    return FileResponse(path, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def install_pages(app: FastAPI, web_dir: Path, demo: bool) -> None:
    """Serve what is in ``web_dir``; ``demo``: also the demo bank page at ``/``."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def demo_page() -> Response:
        if not demo:
            raise PageNotFound()
        return _page(web_dir / "index.html")

    @router.api_route("/app", methods=["GET", "HEAD"])
    async def chat_page() -> Response:
        return _page(web_dir / "app.html")

    @router.api_route("/console", methods=["GET", "HEAD"])
    @router.api_route("/console/{room:path}", methods=["GET", "HEAD"])
    async def console_page() -> Response:
        return _page(web_dir / "console" / "index.html")

    # Names of these files carry a digest of what is in them.
    built = BuiltFiles(web_dir / "console" / "assets", "public, max-age=31536000, immutable")
    app.mount("/console/assets", GZipMiddleware(built), name="console")
    app.include_router(router)
    app.mount("/widget", GZipMiddleware(BuiltFiles(web_dir / "widget", "no-cache")), name="widget")
