"""The adapter: wakes people through Grafana OnCall, knows who is on call, finds who answered."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from ims.clock import Clock
from ims.integrations.oncall.calls import Missing, OnCallApi, Refused
from ims.integrations.oncall.payloads import alert_of_page, alert_of_stand_down, escalation_of, mark_of, note_of
from ims.integrations.oncall.readings import (
    AlertGroup,
    Deed,
    Integration,
    Note,
    Schedule,
    Shift,
    User,
    deeds_of,
    incident_of,
    is_marked,
    merged,
    named,
    paged,
    says,
)
from ims.integrations.oncall.settings import OnCallSettings
from ims.model.message import Page, StandDown
from ims.ports import DeliveryError, OnCallShift, PageAnswer, Receipt

SYSTEM = "oncall"
_DIRECT = "direct_paging"
_ACKNOWLEDGED, _RESOLVED = "acknowledged", "resolved"
_GROUPED_WITHIN = timedelta(minutes=2)
# A group is looked for among those of a month, so that a poll stays cheap in an OnCall of many years.
_LOOK_BACK = timedelta(days=30)
# OnCall cuts shifts where the asked days end; a week more on both sides shows where nearly all of them really do.
_MARGIN = timedelta(days=7)


class OnCall:
    """Pages, stands down, tells shifts and answers.

    A page of an incident is an alert for the integration: OnCall groups it by incident, so it may come twice, and wakes
    whoever its escalation chain says. A ``named`` one is an escalation to this very person, which we find again by its
    mark.
    """

    def __init__(self, settings: OnCallSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._api = OnCallApi(settings, clock)
        self._found_id = settings.integration_id
        self._emails: dict[str, str] = {}
        self._alerted: dict[str, datetime] = {}
        self._own_id = ""

    def page(self, page: Page, key: str) -> Receipt:
        if page.named:
            return self._page_person(page, key)
        self._api.alert(alert_of_page(page))
        self._alerted[page.called] = self._clock()
        return Receipt(SYSTEM, f"OnCall took the page for {page.incident_key}; its escalation chain says who wakes.")

    def stand_down(self, message: StandDown, key: str) -> Receipt:
        """Resolve the incident's groups where it is over, else acknowledge them, so that OnCall wakes nobody else."""
        if message.over:
            # The alert's own way, also where no group is seen yet: OnCall makes them some time after a page.
            self._api.alert(alert_of_stand_down(message))
        groups = [group for group in self._groups() if paged(group, message.called)]
        if not groups:
            return self._nothing_paged(message)
        deed, enough = ("resolve", {_RESOLVED}) if message.over else ("acknowledge", {_ACKNOWLEDGED, _RESOLVED})
        for group in groups:
            if message.over or group.state not in enough:  # who took it there needs no word of ours beside it
                self._note(group, message)
                self._settle(group, deed, enough)
        settled = ", ".join(group.id for group in groups)
        proof = f"OnCall wakes nobody for {message.incident_key} any more; {deed}d there: {settled}."
        return Receipt(SYSTEM, proof, groups[0].id, groups[0].url)

    def shifts(self, starts_at: datetime, ends_at: datetime) -> Sequence[OnCallShift]:
        """Return the shifts that touch a span of time, by their start.

        Nothing, where ``IMS_ONCALL_SCHEDULE`` names no schedule: then the portal's own rota counts. OnCall refuses to
        tell of more than 350 days at once.
        """
        if not self._settings.schedule:
            return []
        first, last = (starts_at - _MARGIN).date(), (ends_at + _MARGIN).date() + timedelta(days=1)
        path = f"/schedules/{self._schedule().id}/final_shifts"
        cut = self._api.each(path, Shift, start_date=first.isoformat(), end_date=last.isoformat())
        return [shift for shift in merged(cut) if shift.starts_at < ends_at and shift.ends_at > starts_at]

    def answers(self, incidents: Sequence[str]) -> Sequence[PageAnswer]:
        """Return what people did about pages, oldest first; what the portal itself did there is no answer."""
        if not incidents:
            return []
        groups = [(incident_of(group.payload), group) for group in self._groups()]
        found = [
            PageAnswer(incident, deed.answer, deed.at, self._email(deed), group.url)
            for incident, group in groups
            if incident in incidents
            for deed in deeds_of(group)
            if deed.user_id != self._ourselves()
        ]
        return sorted(found, key=lambda answer: answer.at)

    def ping(self) -> str:
        """Look up who the key belongs to, the integration, and who is on call; change nothing.

        Raises:
            DeliveryError: OnCall cannot be used as it is configured.
        """
        user = self._api.get("/users/current/", User)
        integration = self._api.get(f"/integrations/{self._integration_id()}/", Integration)
        return f"OnCall knows the portal as {user.username}; pages go to “{integration.name}”; {self._on_call_now()}."

    def _page_person(self, page: Page, key: str) -> Receipt:
        mark = mark_of(page.called, key)
        group = next((each for each in self._direct_groups() if is_marked(each, mark)), None)
        if group:
            proof = f"OnCall had paged {page.person_name} already, so nothing was sent again."
            return Receipt(SYSTEM, proof, group.id, group.url)
        group = self._api.create("/escalation/", escalation_of(page, key, self._user_id(page)), AlertGroup)
        return Receipt(
            SYSTEM, f"OnCall pages {page.person_name} by their rules for what is important.", group.id, group.url
        )

    def _ourselves(self) -> str:
        self._own_id = self._own_id or self._api.get("/users/current/", User).id
        return self._own_id

    def _user_id(self, page: Page) -> str:
        """Return a person's id. OnCall's own look-up minds capitals, so all users are looked at where it fails."""
        wanted = page.person_email.casefold()
        for query in ({"email": page.person_email}, {}):
            for user in self._api.each("/users/", User, **query):
                if (user.email or "").casefold() == wanted:
                    return user.id
        raise DeliveryError(
            f"OnCall knows nobody with the e-mail {page.person_email}; page them yourself.", permanent=True
        )

    def _email(self, deed: Deed) -> str:
        """Return the e-mail of who did something; empty where OnCall does not say it any more."""
        if deed.user_id not in self._emails:
            try:
                self._emails[deed.user_id] = self._api.get(f"/users/{deed.user_id}/", User).email or ""
            except Missing:
                return ""
        return self._emails[deed.user_id]

    def _groups(self) -> Iterator[AlertGroup]:
        yield from self._recent(self._integration_id())
        yield from self._direct_groups()

    def _direct_groups(self) -> Iterator[AlertGroup]:
        """Return the pages to one person; OnCall opens an integration for them, one for each team, with the first."""
        direct = [each.id for each in self._api.each("/integrations/", Integration) if each.type == _DIRECT]
        for integration in direct:
            yield from self._recent(integration)

    def _recent(self, integration: str) -> Iterator[AlertGroup]:
        """Return the groups of an integration, the newest first, as OnCall lists them."""
        oldest = self._clock() - _LOOK_BACK
        for group in self._api.each("/alert_groups/", AlertGroup, integration_id=integration):
            if group.created_at < oldest:
                return
            yield group

    def _integration_id(self) -> str:
        if not self._found_id:
            link = self._settings.integration_url
            found = named(list(self._api.each("/integrations/", Integration)), link.get_secret_value() if link else "")
            if not found:
                raise DeliveryError(
                    "OnCall has no integration with the link of IMS_ONCALL_INTEGRATION_URL.", permanent=True
                )
            self._found_id = found.id
        return self._found_id

    def _schedule(self) -> Schedule:
        name = self._settings.schedule
        for schedule in self._api.each("/schedules/", Schedule, name=name):
            if schedule.name == name:
                return schedule
        raise DeliveryError(f"OnCall has no schedule “{name}”; correct IMS_ONCALL_SCHEDULE.", permanent=True)

    def _on_call_now(self) -> str:
        if not self._settings.schedule:
            return "no schedule is named, so the portal's own rota counts"
        users = [self._api.get(f"/users/{each}/", User) for each in self._schedule().on_call_now]
        return f"on call now: {', '.join(user.email or user.username for user in users) or 'nobody'}"

    def _nothing_paged(self, message: StandDown) -> Receipt:
        """Say that OnCall knows of no page, unless it may only need a moment to make a group of the last one."""
        alerted_at = self._alerted.get(message.called)
        if not message.over and alerted_at and self._clock() - alerted_at < _GROUPED_WITHIN:
            raise DeliveryError(
                f"OnCall shows no alert group for {message.incident_key} yet, so it cannot be acknowledged.",
                permanent=False,
            )
        return Receipt(SYSTEM, f"OnCall was told; it knew of no page for {message.incident_key}.")

    def _settle(self, group: AlertGroup, deed: str, enough: Collection[str]) -> None:
        """Acknowledge or resolve a group; whoever did it a moment earlier is welcome."""
        if group.state in enough:
            return
        try:
            self._api.act(f"/alert_groups/{group.id}/{deed}")
        except Refused:
            if self._api.get(f"/alert_groups/{group.id}/", AlertGroup).state not in enough:
                raise

    def _note(self, group: AlertGroup, message: StandDown) -> None:
        """Leave the reason with a group, once."""
        note = note_of(message, group.id)
        present = self._api.each("/resolution_notes/", Note, alert_group_id=group.id)
        if not any(says(each, note) for each in present):
            self._api.create("/resolution_notes/", note, Note)
