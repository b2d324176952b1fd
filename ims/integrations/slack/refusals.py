"""What each way of failing means: whether to try again, and what a person should do about it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from ssl import SSLCertVerificationError
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from ims.ports import DeliveryError

_TOO_MANY = 429
_SERVERS_FAULT = 500
_CALLERS_FAULT = range(400, 500)
_CODE = re.compile(r"[a-z0-9_]+")

# Slack's words for "not now"; it says of most that some of the call may have been done all the same.
_PASSING = {
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",  # the workspace is being moved
    "update_failed",
}

_TOKEN = "Slack does not accept the token: put the app's current bot token into IMS_SLACK_TOKEN"  # noqa: S105
_RULES = "The workspace's rules forbid it: ask an administrator of Slack to allow it to the app"
_PERSON = "This person may not be brought into the channel: check their account in Slack"
_NAME = "Slack does not take the channel's name: change IMS_SLACK_CHANNEL_PREFIX"
_GONE = "The message at the head of the channel is gone or can no longer be changed: look at the channel in Slack"
_LONG = "It is too long for Slack: shorten it"

# What to do about Slack's words for "no".
_ADVICE = {
    "access_denied": _RULES,
    "accesslimited": _RULES,
    "account_inactive": _TOKEN,
    "app_access_restricted": _RULES,
    "app_cannot_join_channel": _RULES,
    "cannot_reply_to_message": _GONE,
    "cant_archive_general": "The workspace's general channel cannot be archived",
    "cant_archive_required": "A channel that everybody must be in cannot be archived",
    "cant_invite": _PERSON,
    "cant_update_message": _GONE,
    "channel_is_limited_access": _RULES,
    "channel_not_found": "Slack knows no such channel, or hides it from the app: correct it, or invite the app there",
    "edit_window_closed": _GONE,
    "ekm_access_denied": _RULES,
    "enterprise_is_restricted": _RULES,
    "invalid_auth": _TOKEN,
    "invalid_name": _NAME,
    "invalid_name_maxlength": _NAME,
    "invalid_name_punctuation": _NAME,
    "invalid_name_required": _NAME,
    "invalid_name_specials": _NAME,
    "invitee_cant_see_channel": _PERSON,
    "is_archived": "The channel is archived: bring it back in Slack, or name another one",
    "is_inactive": "The channel is archived: bring it back in Slack, or name another one",
    "message_limit_exceeded": "The workspace's plan takes no more messages: ask an administrator of Slack",
    "message_not_found": _GONE,
    "msg_blocks_too_long": _LONG,
    "msg_too_long": _LONG,
    "no_permission": _RULES,
    "not_allowed_token_type": _TOKEN,
    "not_authed": _TOKEN,
    "not_in_channel": "The app is not in the channel: invite it there (/invite and the app's name)",
    "org_login_required": _RULES,
    "org_user_not_in_team": _PERSON,
    "posting_to_channel_denied": _RULES,
    "restricted_action": _RULES,
    "restricted_action_non_threadable_channel": _RULES,
    "restricted_action_read_only_channel": _RULES,
    "restricted_action_thread_locked": _RULES,
    "restricted_action_thread_only_channel": _RULES,
    "thread_not_found": _GONE,
    "token_expired": _TOKEN,
    "token_revoked": _TOKEN,
    "too_many_pins": "The channel has as many pinned messages as Slack allows",
    "two_factor_setup_required": _RULES,
    "ura_max_channels": _PERSON,
    "user_disabled": _PERSON,
    "user_is_restricted": _PERSON,
    "user_not_found": _PERSON,
    "user_not_visible": _PERSON,
}


class Refused(DeliveryError):
    """Slack said no; ``code`` is its word for it."""

    def __init__(self, reason: str, code: str, *, permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, permanent=permanent, retry_after=retry_after)
        self.code = code


@contextmanager
def told(method: str) -> Iterator[None]:
    """Turn whatever the client raises inside the block into a ``DeliveryError`` with a sentence and no secret."""
    try:
        yield
    except SlackApiError as error:
        raise _refusal(method, error.response) from error
    except URLError as error:
        raise _unreachable(error.reason) from error
    except (OSError, HTTPException) as error:
        raise _unreachable(error) from error
    except SlackClientError as error:
        raise DeliveryError("IMS_SLACK_API_URL is no address of Slack.", permanent=True) from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise rubbish(method) from error


def rubbish(method: str) -> DeliveryError:
    """Return the error for an answer that is none; it may come from something on the way to Slack."""
    return DeliveryError(f"What answered {method} is not Slack, or not well.", permanent=False)


def _unreachable(reason: object) -> DeliveryError:
    if isinstance(reason, SSLCertVerificationError):
        return DeliveryError("The certificate of Slack's address cannot be trusted.", permanent=True)
    return DeliveryError(f"Slack cannot be reached ({type(reason).__name__}).", permanent=False)


def _refusal(method: str, response: SlackResponse) -> DeliveryError:
    answer = response.data if isinstance(response.data, dict) else {}
    code = str(answer.get("error", ""))
    wait = _retry_after(response.headers)
    if response.status_code == _TOO_MANY or code in _PASSING:
        return Refused(f"Slack asks for time ({method}: {code or _TOO_MANY}).", code, permanent=False, retry_after=wait)
    if response.status_code >= _SERVERS_FAULT:
        return DeliveryError(f"Slack answered {response.status_code} to {method}.", permanent=False, retry_after=wait)
    if _CODE.fullmatch(code):
        return Refused(_sentence(method, code, answer), code, permanent=True)
    if response.status_code in _CALLERS_FAULT:
        sentence = f"{method} was answered {response.status_code}: check IMS_SLACK_API_URL and the way there."
        return DeliveryError(sentence, permanent=True)
    return rubbish(method)


def _sentence(method: str, code: str, answer: Mapping[str, object]) -> str:
    if code == "missing_scope":
        needed = answer.get("needed", "that this needs")
        return f"The app may not do this: add the scope {needed} to it in Slack and install it again ({method})."
    return f"{_ADVICE.get(code, 'Slack refused it')} ({method}: {code})."


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=int(said)) if said.isdecimal() else None
