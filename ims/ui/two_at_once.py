"""Two people at one form: what it was opened on, and the choice where somebody else changed the same field meanwhile.

A form is opened when its fields are drawn and none of them is in the session yet; what it shows then is what its writer
saw. The values are kept in the session until the form is gone, so that nothing that refreshes can change them unseen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ims.errors import Clash, Conflict
from ims.ui import words
from ims.ui.text import line, plain


@dataclass(frozen=True)
class Field:
    """A field of a form: what people call it, the key of its widget, and how a value reads.

    ``typed`` makes what the widget holds of a value. A ``text`` can take both, one below the other.
    """

    label: str
    key: str
    shown: Callable[[Any], str] = str
    typed: Callable[[Any], Any] = lambda value: value
    text: bool = False


@dataclass(frozen=True)
class Form:
    """A form that changes what is there. ``name`` must differ for each thing that it changes."""

    name: str
    fields: Mapping[str, Field]

    @property
    def is_open(self) -> bool:
        """Whether its fields are on the page already."""
        return any(field.key in st.session_state for field in self.fields.values())

    @property
    def seen(self) -> dict[str, Any]:
        """What the form was opened on."""
        seen: dict[str, Any] = st.session_state[self._key("seen")]
        return seen

    def open_on(self, values: Mapping[str, Any]) -> None:
        """Fill the fields when the form is opened, and remember with what; this must come before they are drawn."""
        if not self.is_open or self._key("seen") not in st.session_state:
            self.begin(values)

    def begin(self, values: Mapping[str, Any]) -> None:
        """Let the form be opened on these values now. Its widgets take them from the session and have no default."""
        st.session_state[self._key("seen")] = dict(values)
        st.session_state[self._key("clashes")] = ()
        st.session_state[self._key("settled")] = False
        for name, value in values.items():
            st.session_state[self.fields[name].key] = self.fields[name].typed(value)

    def meet(self, conflict: Conflict) -> None:
        """Take the conflict that a save met; ``settle`` offers the choice."""
        others = line(" and ".join(dict.fromkeys(clash.by for clash in conflict.clashes)), 80)
        st.toast(f"{others} changed the same meanwhile. Choose below the form.", icon=":material/group:")
        st.session_state[self._key("clashes")] = conflict.clashes
        st.session_state[self._key("settled")] = False

    def settle(self) -> None:
        """Offer the choice for each field that two people changed, below the form."""
        clashes: tuple[Clash, ...] = st.session_state.get(self._key("clashes"), ())
        for clash in clashes:
            self._offer(clash)
        if st.session_state.get(self._key("settled")):
            st.info("Chosen. Nothing is saved yet: save when it reads right.", icon=":material/save:")

    def _offer(self, clash: Clash) -> None:
        field = self.fields[clash.name]
        at = f" at {words.clock_time(clash.at)}" if clash.at else ""
        with st.container(border=True, key=f"{self.name}_clash_{clash.name}"):
            st.warning(
                f"{line(clash.by, 60)} changed this{at}, while you had it open. Nothing is overwritten, and what you "
                "wrote is still there.",
                title=plain(field.label),
                icon=":material/group:",
            )
            theirs, mine = st.columns(2)
            with theirs:
                _version(f"Now, by {line(clash.by, 60)}", field.shown(clash.theirs))
            with mine:
                _version("Yours", field.shown(clash.mine))
            self._choices(clash, field)

    def _choices(self, clash: Clash, field: Field) -> None:
        with st.container(horizontal=True, gap="small"):
            self._choice("Keep theirs", "keep", clash, "check")
            self._choice("Put mine over it", "over", clash, "swap_horiz")
            if field.text and clash.theirs and clash.mine:
                self._choice("Put both in", "both", clash, "merge")

    def _choice(self, label: str, way: str, clash: Clash, icon: str) -> None:
        st.button(
            label,
            key=f"{self.name}_{way}_{clash.name}",
            icon=f":material/{icon}:",
            on_click=self._choose,
            args=(way, clash),
        )

    def _choose(self, way: str, clash: Clash) -> None:
        """Let the form stand on what is there now, with the value that was chosen in its field."""
        field = self.fields[clash.name]
        if way == "keep":
            st.session_state[field.key] = field.typed(clash.theirs)
        elif way == "both":
            st.session_state[field.key] = f"{clash.theirs}\n\n{st.session_state[field.key]}"
        self.seen[clash.name] = clash.theirs
        left = tuple(each for each in st.session_state[self._key("clashes")] if each.name != clash.name)
        st.session_state[self._key("clashes")] = left
        st.session_state[self._key("settled")] = not left

    def _key(self, part: str) -> str:
        return f"two_at_once_{self.name}_{part}"


def _version(label: str, value: str) -> None:
    st.caption(label)
    st.text(value or "nothing")
