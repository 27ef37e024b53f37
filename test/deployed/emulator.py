"""
Starts ministack with one defect put right: of a function's error it tells no name, only Runtime.HandlerError. On AWS a
state machine knows the error by its own name, and the workflow's Retry asks for it.
"""

import inspect
import sys

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import lambda_svc


def replaced(text: str, old: str, new: str) -> str:
    """Another version of ministack must be looked at again."""
    if old not in text:
        raise SystemExit(f"ministack has changed: there is no '{old}'")
    return text.replace(old, new)


lambda_runtime._NODEJS_WORKER_SCRIPT = replaced(
    lambda_runtime._NODEJS_WORKER_SCRIPT,
    "error: String(err.message || err), trace:",
    "error: String(err.message || err), errorType: err.name, trace:",
)
exec(
    replaced(
        inspect.getsource(lambda_svc._execute_function_warm),
        'error_type = "Runtime.HandlerError"',
        'error_type = result.get("errorType") or "Runtime.HandlerError"',
    ),
    vars(lambda_svc),
)

sys.exit(main())
