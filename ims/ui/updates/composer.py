"""The composer: phase, text, promise; beside it the last update and who will read this one."""

from collections.abc import Sequence

import streamlit as st

from ims.model import Customer, CustomerUpdate, CustomerUpdateDraft, IncidentState, UpdatePhase
from ims.model.message import CustomerMail
from ims.response.customers import CustomerMessage, messages, phases_for, recipient, send_update, thread_of
from ims.response.templates import customer_time
from ims.store.work import Work
from ims.ui import places, words
from ims.ui.session import attempt
from ims.ui.text import line, plain
from ims.ui.updates.draft import DraftState, prepare
from ims.ui.updates.situation import Situation

LONG_TEXT = 400  # letters; a longer last update scrolls, so that the recipients stay in sight
MOST_PREVIEWED = 10  # customers; everybody reads the same words, only the addresses differ


def draw(situation: Situation) -> None:
    """Draw the composer of the next update."""
    draft = prepare(situation)
    writing, beside = st.columns([3, 2], gap="large")
    with writing:
        st.subheader(f"Update {draft.number}", anchor=False)
        _phase(draft, situation)
        _text(draft)
        _promise(draft, situation)
        _preview(draft, situation)
        _send(draft, situation)
    with beside:
        st.subheader("The last one", anchor=False)
        _last(situation.last_update)
        st.subheader(f"Who reads it ({len(situation.customers)})", anchor=False)
        for customer in situation.customers:
            _recipient(customer)


def _phase(draft: DraftState, situation: Situation) -> None:
    phases = phases_for(situation.incident)
    st.segmented_control(
        "What it tells",
        [phase.value for phase in phases],
        format_func=lambda word: words.PHASE[UpdatePhase(word)],
        required=True,
        key=draft.key("phase"),
        persist_state="session",
        disabled=len(phases) == 1,
        wrap=True,
    )
    if draft.phase is UpdatePhase.MITIGATED and situation.incident.state is IncidentState.OPEN:
        st.markdown(":orange[The incident is still open here.] Mark it mitigated too, so that both say the same.")


def _text(draft: DraftState) -> None:
    st.text_input("Subject", key=draft.key("subject"), persist_state="session")
    st.text_area(
        "Text",
        key=draft.key("body"),
        persist_state="session",
        height=260,
        help="Customers read exactly this. Leave out names of machines, people and other customers.",
    )
    if draft.is_touched:
        st.button(
            "Use the template",
            icon=":material/restart_alt:",
            key=draft.key("use_template"),
            on_click=draft.take_template,
            help="Replaces what is written by the template of this phase. You can bring your text back.",
        )
    elif draft.get("put_aside"):
        st.button("Bring my text back", icon=":material/undo:", key=draft.key("bring_back"), on_click=draft.bring_back)
    draft.keep()
    draft.place.caption(draft.finish, key=draft.key("kept"))


def _promise(draft: DraftState, situation: Situation) -> None:
    if draft.phase is UpdatePhase.RESOLVED:
        st.caption("This is the last update; it promises no other.")
        return
    st.datetime_input(
        f"Next update promised for (your time, {words.zone().key})",
        key=draft.key("promise"),
        persist_state="session",
        step=300,
        value=None,
    )
    if draft.promise is None:
        return
    span = words.duration(draft.promise - situation.now)
    st.caption(f"In {span}. Customers read {customer_time(draft.promise)}.")
    if draft.promise > situation.suggested_promise:
        allowed = words.duration(situation.suggested_promise - situation.now)
        st.markdown(f":orange[Later than the {allowed} that the procedure or a contract allows.]")
    if customer_time(draft.promise) not in draft.written[1]:
        st.markdown(":orange[The text does not name that time.]")


def _preview(draft: DraftState, situation: Situation) -> None:
    said = _messages(draft, situation)
    shown = [each for customer in situation.customers[:MOST_PREVIEWED] for each in said[customer.id]]
    count = sum(len(each) for each in said.values())
    with st.expander(
        f"Preview: {words.counted(count, 'message')}", icon=":material/visibility:", key=draft.key("preview")
    ):
        for message in shown:
            _one_message(message)
        if len(situation.customers) > MOST_PREVIEWED:
            rest = words.counted(len(situation.customers) - MOST_PREVIEWED, "more customer")
            st.caption(f"and {rest}, the same words at their own addresses")


def _one_message(message: CustomerMessage) -> None:
    if isinstance(message, CustomerMail):
        st.markdown(f":material/mail: **E-mail to {line(message.customer, 60)}**")
        subject = message.thread_subject or message.subject
        head = f"To: {', '.join(message.to)}\nCC: {', '.join(message.cc) or '–'}\nSubject: {subject}\n"
    else:
        st.markdown(f":material/tag: **Slack, {line(message.customer, 60)}**")
        head = f"Channel: {message.channel}\n"
    st.code(f"{head}\n{message.subject}\n\n{message.text}", language=None, wrap_lines=True)


def _messages(draft: DraftState, situation: Situation) -> dict[int, list[CustomerMessage]]:
    subject, body = draft.written
    incident, number = situation.incident, situation.next_number
    thread = thread_of(incident, situation.updates, subject)
    return {each.id: messages(incident, number, subject, body, each, thread=thread) for each in situation.customers}


def _send(draft: DraftState, situation: Situation) -> None:
    if draft.number != situation.next_number:
        _overtaken(draft, situation)
        return
    said = _messages(draft, situation)
    told = words.counted(sum(1 for each in said.values() if each), "customer")
    with st.popover(
        f"Send to {told}", type="primary", icon=":material/send:", key=draft.key(f"confirm_{draft.number}")
    ):
        _confirm(said, situation)
        if st.button("Send now", type="primary", icon=":material/send:", key=draft.key("send")):
            _send_now(draft, situation)


def _confirm(said: dict[int, list[CustomerMessage]], situation: Situation) -> None:
    every = [message for each in said.values() for message in each]
    mails = sum(isinstance(message, CustomerMail) for message in every)
    posts = len(every) - mails
    st.markdown(
        f"**{words.counted(len(every), 'message')}** go out: {words.counted(posts, 'Slack post')}, "
        f"{words.counted(mails, 'e-mail')}. They cannot be called back."
    )
    for customer in situation.customers:
        if customer.gaps():
            st.markdown(f":orange[{line(customer.name, 60)}: {', '.join(customer.gaps())}]")


def _send_now(draft: DraftState, situation: Situation) -> None:
    subject, body = draft.written
    asked = {"phase": draft.phase, "subject": subject, "body": body, "next_update_at": draft.promise}

    def send(work: Work) -> CustomerUpdate:
        wanted = CustomerUpdateDraft.model_validate(asked)
        draft.place.forget(work)
        return send_update(work, situation.incident.id, wanted, number=draft.number)

    update = attempt(send, "The update is on its way")
    if update:
        draft.finish()
        st.rerun()


def _overtaken(draft: DraftState, situation: Situation) -> None:
    last = situation.last_update
    author = last.author if last else "Somebody"
    st.warning(
        f"{plain(author)} sent update {situation.next_number - 1} while you were writing. Yours is not lost: read "
        "theirs, then send yours as the next.",
        icon=":material/group:",
    )
    st.button(
        f"Mine is update {situation.next_number}",
        key=draft.key("renumber"),
        on_click=draft.renumber,
        args=(situation.next_number,),
    )


def _last(update: CustomerUpdate | None) -> None:
    if update is None:
        st.caption("Customers have heard nothing about this incident yet.")
        return
    st.caption(f"{line(update.author, 60)}, {words.moment(update.written_at)} · {words.PHASE[update.phase]}")
    text = f"{update.subject}\n\n{update.body}"
    st.code(text, language=None, wrap_lines=True, height=260 if len(text) > LONG_TEXT else "content")


def _recipient(customer: Customer) -> None:
    reached = recipient(customer)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{line(reached.customer, 80)}**")
        st.caption(_ways(reached.slack_channel, reached.mail_to, reached.mail_cc))
        if reached.gaps:
            st.markdown(" ".join(f":orange-badge[:material/warning: {gap}]" for gap in reached.gaps))
            places.link("settings", "Fill the gap", icon="edit", settings="Customers", customer=customer.name)


def _ways(channel: str, to: Sequence[str], cc: Sequence[str]) -> str:
    ways = [f":material/tag: {line(channel, 80)}"] if channel else []
    if to:
        copied = f", CC {line(', '.join(cc), 120)}" if cc else ""
        ways.append(f":material/mail: {line(', '.join(to), 200)}{copied}")
    return "  \n".join(ways) or "Cannot be reached by any way."
