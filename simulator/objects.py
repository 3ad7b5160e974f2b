"""Objects of JSON, as the simulator is asked and answers."""

from typing import Any

JsonObject = dict[str, Any]
"""What is in it, whoever reads it knows and checks."""
