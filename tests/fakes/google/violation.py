"""What the contract does not allow."""


class Violation(Exception):
    """A request or an answer that the contract does not allow."""

    def __init__(self, message: str, status: int = 400, reason: str = "badRequest") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class Refused(Violation):
    """A request that the contract allows, and that Google refuses as things stand."""
