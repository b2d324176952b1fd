"""The tab of the rota: who is on call now and next, the order, and the one-off changes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

import streamlit as st

from ims.model import Person, Rota, RotaDraft, RotaOverride, Shift
from ims.model.rota import handover_day
from ims.setup.rota import add_override, remove_override, save_rota, shown_rota
from ims.store import catalogue, on_call
from ims.ui import words
from ims.ui.session import portal
from ims.ui.settings.editing import field, form, save, submit, table
from ims.ui.text import line, plain
from ims.ui.two_at_once import Field

SHIFTS_SHOWN = 8
LONGEST_SHIFT_DAYS = 60
HANDOVER_AT = time(9)


def draw() -> None:
    """Draw who is on call, the rota's form and its overrides."""
    now = portal().clock()
    with portal().reading() as session:
        people = {person.id: person for person in catalogue.people(session, active_only=False)}
        rota = next(iter(catalogue.rotas(session)), None)
        members = catalogue.rota_members(session, rota.id) if rota else []
        overrides = catalogue.rota_overrides(session, rota.id) if rota else []
        shifts = catalogue.upcoming_shifts(session, now, SHIFTS_SHOWN)
        scheduled, problem = on_call.scheduled_shift(session, now), on_call.schedule_problem(session, now)
    active = {key: person for key, person in people.items() if person.active}
    if not active:
        st.info("Add people first; then say here in which order they are on call.", icon=":material/group_add:")
        return
    _schedule(scheduled, problem, people)
    _on_call(shifts, people, is_second=scheduled is not None)
    _form(rota, members, active, now)
    if rota:
        _overrides(rota, [each for each in overrides if each.ends_at > now], people, active)


def _schedule(scheduled: Shift | None, problem: str, people: Mapping[int, Person]) -> None:
    """Say that an outside schedule counts, or why it does not; the own rota then stands below as what follows it."""
    if problem:
        st.warning(plain(problem), icon=":material/event_busy:")
    if scheduled:
        name = line(people[scheduled.person_id].name, 60)
        st.success(
            f"By the outside schedule **{name}** is on call, until {words.moment(scheduled.ends_at)}. "
            "The rota below counts when it cannot be read, and says who is paged next.",
            icon=":material/event_available:",
        )


def _on_call(shifts: Sequence[Shift], people: Mapping[int, Person], *, is_second: bool) -> None:
    """Say who is on call by the own rota, which is only the second word while an outside schedule counts."""
    if not shifts:
        nobody = "There is no rota to fall back on" if is_second else "Nobody is on call: incidents page nobody"
        st.info(f"{nobody}. Set the rota up below.", icon=":material/phone_disabled:")
        return
    first = shifts[0]
    name, until = line(people[first.person_id].name, 60), words.moment(first.ends_at)
    now = f"By the portal's own rota it would be **{name}**" if is_second else f"**{name}** is on call now"
    st.markdown(f":material/phone_in_talk: {now}, until {until}")
    table(
        [
            {
                "Who": people[shift.person_id].name,
                "From": "now" if shift is first else words.moment(shift.starts_at),
                "To": words.moment(shift.ends_at),
                "For": words.duration(shift.ends_at - shift.starts_at),
            }
            for shift in shifts
        ],
        alt="Who is on call in the next shifts",
    )
    st.caption(f"Times in {words.zone().key}")


def _form(rota: Rota | None, members: Sequence[int], active: Mapping[int, Person], now: datetime) -> None:
    row_id = rota.id if rota else None
    shown = rota or _usual(words.zone().key, now)
    opened = form("rota", row_id, _fields(active), shown_rota(shown, [each for each in members if each in active]))
    with st.form(f"rota_form_{row_id}"):
        st.markdown("**The rota**")
        name = st.text_input("Name", key=field("rota", row_id, "name"))
        order = st.multiselect(
            "Order of turns",
            list(active),
            format_func=lambda person_id: active[person_id].name,
            key=field("rota", row_id, "order"),
            help="In the order in which you choose them. The first has the shift that begins on the first day.",
        )
        left, right = st.columns(2)
        zone = left.selectbox("Time zone", _zones(), key=field("rota", row_id, "zone"))
        starts_on = right.date_input("First day", key=field("rota", row_id, "starts_on"))
        handover = left.time_input("Handover at", key=field("rota", row_id, "handover"))
        days = right.number_input("Days of a shift", 1, LONGEST_SHIFT_DAYS, key=field("rota", row_id, "days"))
        saved = submit("rota", row_id)
    asked = {
        "name": name,
        "time_zone": zone,
        "starts_on": starts_on,
        "handover_at": handover,
        "shift_days": days,
        "member_ids": order,
    }
    if saved:
        seen = opened.seen if row_id else None
        save(
            "rota",
            lambda work: save_rota(work, RotaDraft.model_validate(asked), row_id, seen=seen),
            "The rota is saved",
            form=opened,
        )
    opened.settle()


def _usual(time_zone: str, now: datetime) -> Rota:
    """Return what a new rota is asked with: its first shift is the one that runs now, also in the night."""
    starts_on = handover_day(now, time_zone, HANDOVER_AT)
    return Rota(name="On call", time_zone=time_zone, starts_on=starts_on, handover_at=HANDOVER_AT, shift_days=7)


def _fields(people: Mapping[int, Person]) -> dict[str, Field]:
    return {
        "name": Field("Name", "name"),
        "member_ids": Field(
            "Order of turns",
            "order",
            lambda ids: ", ".join(people[each].name if each in people else "somebody retired" for each in ids),
        ),
        "time_zone": Field("Time zone", "zone"),
        "starts_on": Field("First day", "starts_on"),
        "handover_at": Field("Handover at", "handover", lambda at: f"{at:%H:%M}"),
        "shift_days": Field("Days of a shift", "days"),
    }


@lru_cache(maxsize=1)
def _zones() -> list[str]:
    return sorted(available_timezones())


def _overrides(
    rota: Rota, overrides: Sequence[RotaOverride], people: Mapping[int, Person], active: Mapping[int, Person]
) -> None:
    st.subheader("Overrides", anchor=False)
    if not overrides:
        st.caption("None is planned. Somebody is away, or two swap? Say for how long somebody else is on call.")
    for each in overrides:
        with st.container(horizontal=True, vertical_alignment="center"):
            span = f"{words.moment(each.starts_at)} to {words.moment(each.ends_at)}"
            st.markdown(f"**{line(people[each.person_id].name, 60)}** {span}")
            if st.button("Take back", icon=":material/close:", key=f"override_{each.id}_remove"):
                _take_back(each.id)
    _override_form(rota, active)


def _take_back(override_id: int) -> None:
    save("override", lambda work: remove_override(work, override_id), "The order holds again")


def _override_form(rota: Rota, active: Mapping[int, Person]) -> None:
    start = portal().clock().astimezone(words.zone()).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    with st.form("override_form"):
        person_id = st.selectbox(
            "Who is on call instead",
            list(active),
            format_func=lambda key: active[key].name,
            key=field("override", None, "person"),
        )
        left, right = st.columns(2)
        begins = left.datetime_input(
            f"From ({words.zone().key})", start + timedelta(hours=1), key=field("override", None, "from")
        )
        ends = right.datetime_input(
            f"To ({words.zone().key})", start + timedelta(hours=25), key=field("override", None, "to")
        )
        saved = submit("override", None)
    if saved and person_id and begins and ends:
        save(
            "override",
            lambda work: add_override(work, rota.id, person_id, _moment(begins), _moment(ends)),
            "The override is planned",
        )


def _moment(local: datetime) -> datetime:
    return local.replace(tzinfo=words.zone()).astimezone(UTC)
