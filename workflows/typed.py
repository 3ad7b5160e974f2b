"""Signals and updates that operators type in a form that no handler takes: refused, and shown, before one is called.

The Python SDK drops a signal whose input it cannot decode, and fails the workflow's task, again and again, when a
handler does not take what was decoded. A signal that is refused here is in the history like any other, an
update is not; neither leads to a command, so replays stay as they are.
"""

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from contracts import by_hand
from domain.refusals import Refusal
from workflows.intent import IntentWorkflow


class TypedByHand(Interceptor):
    """For workers of intents."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """What is asked before a handler is."""
        return _Forms


class _Forms(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Nothing typed at all is the same as `{}`."""
        why = by_hand.form_refusal(input.signal, input.args)
        if why is not None:
            _instance().refuse_signal(input.signal, why)
            return
        if not input.args and input.signal in by_hand.TYPES:
            input.args = [by_hand.TYPES[input.signal]()]
        await super().handle_signal(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        """Whoever waits for an answer has to say what they want."""
        why = by_hand.form_refusal(input.update, input.args)
        if why is None and not input.args:
            why = "It takes one JSON object, and none came."
        if why is not None:
            raise _instance().refused(Refusal(message=why))
        super().handle_update_validator(input)


def _instance() -> IntentWorkflow[Any, Any, Any, Any, Any]:
    instance: Any = workflow.instance()
    if not isinstance(instance, IntentWorkflow):
        raise TypeError(f"{type(instance).__name__} is no intent")
    return instance
