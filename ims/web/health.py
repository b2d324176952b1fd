"""Is the process alive, and can it do its work?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from ims.bootstrap import portal
from ims.store import schema


async def alive(_request: Request) -> JSONResponse:
    """Answer that the process runs."""
    return JSONResponse({"status": "alive"})


async def ready(_request: Request) -> JSONResponse:
    """Answer 200 when the database answers and has the schema of this version, else 503 with the reason."""
    try:
        revision = await run_in_threadpool(schema.current_revision, portal().database)
    except Exception as error:
        return JSONResponse({"status": "not ready", "reason": type(error).__name__}, status_code=503)
    if revision != schema.newest_revision():
        return JSONResponse({"status": "not ready", "reason": f"schema is {revision}"}, status_code=503)
    return JSONResponse({"status": "ready", "schema": revision})
