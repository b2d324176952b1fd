"""What customers read."""

from typing import ClassVar

from pydantic import Field

from ims.model.message.kind import Message


class CustomerPost(Message):
    """A customer update in the customer's own Slack channel."""

    kind: ClassVar[str] = "customer_post"
    incident_key: str
    customer: str
    channel: str
    subject: str
    text: str

    @property
    def recipient(self) -> str:
        return self.channel


class CustomerMail(Message):
    """A customer update by e-mail, the customer's manager on CC.

    ``thread`` is the same for all updates of an incident to a customer, ``number`` counts them from 1.
    It is addressed to all, but goes to ``only`` some where the others have it already.
    """

    kind: ClassVar[str] = "customer_mail"
    incident_key: str
    customer: str
    to: list[str]
    cc: list[str]
    subject: str
    text: str
    thread: str = ""
    thread_subject: str = ""
    number: int = 1
    only: list[str] = Field(default_factory=list)

    @property
    def recipient(self) -> str:
        if self.only:
            return ", ".join(self.only)
        copied = f" (CC {', '.join(self.cc)})" if self.cc else ""
        return ", ".join(self.to) + copied
