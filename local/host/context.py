"""What a function sees of its invocation: `azure.functions.Context` and its parts."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func
from azure.functions._abc import RetryContext, RpcException, TraceContext

#: Shared by all invocations, as in the worker: a function's own threads may set `invocation_id`.
THREAD_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class Failure(RpcException):
    """The exception of the attempt before."""

    _source: str = ""
    _stack_trace: str = ""
    _message: str = ""

    @property
    def source(self) -> str:
        """Where it came from."""
        return self._source

    @property
    def stack_trace(self) -> str:
        """Its traceback as text."""
        return self._stack_trace

    @property
    def message(self) -> str:
        """Its type and text."""
        return self._message


@dataclass(frozen=True, slots=True)
class Retry(RetryContext):
    """Which retry this is: 0 for the first attempt."""

    _retry_count: int = 0
    _max_retry_count: int = 0
    _exception: Failure = field(default_factory=Failure)

    @property
    def retry_count(self) -> int:
        """How many attempts there were before this one."""
        return self._retry_count

    @property
    def max_retry_count(self) -> int:
        """How many retries the policy allows; -1 = any number."""
        return self._max_retry_count

    @property
    def exception(self) -> RpcException:
        """What the attempt before raised."""
        return self._exception


@dataclass(frozen=True, slots=True)
class Trace(TraceContext):
    """A W3C trace context of the invocation's own."""

    _trace_parent: str = field(
        default_factory=lambda: f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    )

    @property
    def trace_state(self) -> str:
        """Always empty."""
        return ""

    @property
    def trace_parent(self) -> str:
        """The `traceparent` value."""
        return self._trace_parent

    @property
    def attributes(self) -> dict[str, str]:
        """Always empty."""
        return {}


@dataclass(frozen=True, slots=True)
class InvocationContext(func.Context):
    """The `context` parameter."""

    _invocation_id: str
    _function_name: str
    _function_directory: str
    _retry: Retry
    _trace: Trace = field(default_factory=Trace)

    @property
    def invocation_id(self) -> str:
        """The invocation's id; each attempt has its own."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """Where a function's own threads may set `invocation_id`."""
        return THREAD_LOCAL

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._function_name

    @property
    def function_directory(self) -> str:
        """The folder of the function's source."""
        return self._function_directory

    @property
    def trace_context(self) -> TraceContext:
        """The trace context."""
        return self._trace

    @property
    def retry_context(self) -> RetryContext:
        """Which retry this is."""
        return self._retry
