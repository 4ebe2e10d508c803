"""Binding this process to a policy, as far as the system can.

A child binds itself before it imports anything native, and nobody can loosen it
afterwards. How each system does it is in its own module.
"""

import sys

from hanlin.processes.policy import Gap, Policy, SandboxReport

if sys.platform == "linux":
    from hanlin.processes.linux_sandbox import apply as _apply
else:

    def _apply(policy: Policy) -> SandboxReport:
        del policy  # nothing enforces it here yet
        return SandboxReport(filesystem=False, network=False, syscalls=False, gap=Gap.SYSTEM)


def apply(policy: Policy) -> SandboxReport:
    """Bind this process to ``policy`` for the rest of its life and say what holds.

    Must be called while there is one thread, and before numpy or llama_cpp are
    imported. Never raises for what the system lacks: the report says it.
    """
    return _apply(policy)
