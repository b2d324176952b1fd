"""Post-mortems in Markdown are read as people write them."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ims.errors import BadFile
from ims.model import FollowUpKind, FollowUpState
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.reading.markdown import outline
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.understood import RcaReading


def reading_of(text: str) -> RcaReading:
    return read(text.encode(), "any.md")


def actions(text: str) -> list[str]:
    return [each.text for each in reading_of(text).follow_ups]


def test_headings_of_both_kinds_lists_and_tables_keep_their_order() -> None:
    text = "Top\n===\n\nwords\ngo on\n\nSub\n---\n\n- a\n  1. b\n\n| A | B |\n|---|---|\n| `x` | **y** |\n"
    assert list(outline(text)) == [
        Text("Top", level=1),
        Text("words go on"),
        Text("Sub", level=2),
        Text("a", is_item=True),
        Text("b", is_item=True, depth=1),
        Grid([[Cell("A"), Cell("B")], [Cell("x"), Cell("y")]]),
    ]


def test_a_check_list_is_read_with_owner_due_date_and_mark() -> None:
    [done, still_open] = reading_of(
        "## Action items\n\n- [x] Raise the limit (owner: Ada, due: 2026-12-01)\n- [ ] Write it @bob by 5 Dec 2026\n"
    ).follow_ups
    assert (done.text, done.owner, done.due, done.state) == (
        "Raise the limit",
        "Ada",
        date(2026, 12, 1),
        FollowUpState.DONE,
    )
    assert (still_open.text, still_open.owner, still_open.due, still_open.state) == (
        "Write it",
        "bob",
        date(2026, 12, 5),
        FollowUpState.OPEN,
    )


def test_a_table_is_read_with_its_links() -> None:
    [follow_up] = reading_of(
        "# Next steps\n\n| Owner | Task | By when | Status |\n|:--|:-:|--:|---|\n"
        "| [Ada](mailto:ada@example.com) | Add \\| to the parser | 1 Dec 2026 | ✅ |\n"
    ).follow_ups
    assert (follow_up.text, follow_up.owner_email, follow_up.due, follow_up.done) == (
        "Add | to the parser",
        "ada@example.com",
        date(2026, 12, 1),
        True,
    )


def test_comments_code_and_front_matter_hold_no_follow_ups() -> None:
    text = (
        "---\ntitle: Queue stood still\ndate: 2026-03-01\n---\n# Actions\n\n<!-- - [ ] what to write here -->\n\n"
        "```\n- [ ] an example\n```\n\n- Real one <!-- @ada --> here\n"
    )
    reading = reading_of(text)
    assert [each.text for each in reading.follow_ups] == ["Real one  here"]
    assert (reading.title, reading.facts["date"]) == ("Queue stood still", "2026-03-01")
    assert reading.not_understood == []


def test_what_stands_below_an_item_belongs_to_it_and_that_is_said() -> None:
    reading = reading_of("# Actions\n\n- Improve alerts\n  - for queues\n  - for disks\n- Test\n\n  It takes a day.\n")
    assert [each.text for each in reading.follow_ups] == ["Improve alerts", "Test"]
    assert len(reading.not_understood) == 1
    assert "2 points below it" in reading.not_understood[0]


@pytest.mark.parametrize("label", ["Detect", "**Detection**", "Monitoring:"])
def test_a_label_only_groups_and_gives_the_kind(label: str) -> None:
    reading = reading_of(f"# Actions\n\n- {label}\n  - Alert on disks\n  - Alert on queues\n- Write\n")
    assert [(each.text, each.kind) for each in reading.follow_ups] == [
        ("Alert on disks", FollowUpKind.DETECT),
        ("Alert on queues", FollowUpKind.DETECT),
        ("Write", None),
    ]


def test_boxes_below_an_item_without_one_are_the_follow_ups() -> None:
    assert actions("# Actions\n\n- Alerts\n  - [ ] queues\n  - [x] disks\n") == ["queues", "disks"]


@pytest.mark.parametrize(
    "said",
    [
        "~~Raise the limit~~",
        "Raise the limit (done)",
        "Raise the limit (DONE in #12)",
        "Raise the limit ✅",
        "Raise the limit – done",
        "Done: Raise the limit",
        "**DONE** Raise the limit",
        "[done] Raise the limit",
        "✔️ Raise the limit",
        "Raise the limit. _Done in staging._",
        "The limit has been raised",
        "We've raised the limit",
        "Raise the limit\n  - This has been done on Monday",
    ],
)
def test_people_say_in_many_ways_that_it_is_done(said: str) -> None:
    [follow_up] = reading_of(f"# Actions\n\n- {said}\n").follow_ups
    assert follow_up.state is FollowUpState.DONE
    assert "one" not in follow_up.text.casefold()
    assert follow_up.text[0] in "RTW"


@pytest.mark.parametrize(
    "said",
    [
        "We have added a task to raise the limit",
        "Raise the limit (an issue has been created)",
        "Check that the limit has been raised",
        "Raise the limit once it has been discussed",
        "An issue has been opened",
        "Say when it is done",
        "Rewrite the parser (complete rewrite)",
        "Raise the limit (done by Friday?)",
        "Raise the limit (done by 2027-01-31)",
        "Raise the limit (done, not deployed)",
        "Raise the limit (fixed, except for the tests)",
        "Raise the limit. Completed by end of 2026",
        "Raise the limit. Done by 2027-01-31.",
        "Raise the limit\n  - Completed by end of 2026",
        "Raise the limit\n  - It is fixed, but not deployed",
        "We need to raise the limit",
        "The limit has not been raised",
    ],
)
def test_what_only_talks_of_being_done_is_still_to_do(said: str) -> None:
    [follow_up] = reading_of(f"# Actions\n\n- {said}\n").follow_ups
    assert not follow_up.done


def test_a_bracket_that_begins_with_closed_is_read_to_its_end() -> None:
    follow_ups = reading_of("# Actions\n\n- Test it (closed: won't fix)\n- Raise it (done partially)\n").follow_ups
    assert [(each.text, each.state) for each in follow_ups] == [
        ("Test it", FollowUpState.DROPPED),
        ("Raise it", FollowUpState.IN_PROGRESS),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "## Action items",
        "# 5. Follow-up actions",
        "### Next Steps:",
        "## Corrective and Preventative Measures",
        "## Action Items / Follow-ups",
        "## V. Follow-up & prevention",
        "## Recommendations",
        "## Ac\u00adtion\u00a0items",
        "## Follow-ups (owners and dates)",
        "**Action items**",
        "## ✅ Action items and owners",
    ],
)
def test_the_usual_headings_open_the_follow_ups(heading: str) -> None:
    assert actions(f"{heading}\n\n- Add a test\n\n## Attendees\n\n- Ada\n") == ["Add a test"]


@pytest.mark.parametrize("heading", ["Actions taken", "Questions for follow up", "Preventive", "Timeline"])
def test_other_headings_do_not(heading: str) -> None:
    assert actions(f"## {heading}\n\n- Restarted the gateway\n") == []


def test_a_heading_about_something_else_pauses_the_follow_ups_below_it() -> None:
    text = "## Action items\n\n- One\n\n### What went wrong\n\n- It broke\n\n#### How\n\n- so\n\n### Process\n\n- Two\n"
    follow_ups = reading_of(text).follow_ups
    assert [(each.text, each.kind) for each in follow_ups] == [("One", None), ("Two", FollowUpKind.PROCESS)]


def test_bold_lines_are_headings_among_follow_ups() -> None:
    assert actions("**Action items**\n\n- One\n\n**Attendees**\n\n- Ada\n") == ["One"]


def test_a_line_that_orders_is_a_follow_up_and_that_guess_is_said() -> None:
    reading = reading_of("# Action items\n\nThese are only samples.\n\n## Builds\n\nLimit the memory of pods.\n")
    assert [each.text for each in reading.follow_ups] == ["Limit the memory of pods."]
    assert ["only samples" in reading.not_understood[0], "was read as a follow-up" in reading.not_understood[1]] == [
        True,
        True,
    ]


@pytest.mark.parametrize("nothing", ["- N/A", "- ", "-\n", "None.", "- {{ summary }} [link](x)", "- <action>", "* TBD"])
def test_nothing_is_no_follow_up(nothing: str) -> None:
    reading = reading_of(f"# Action items\n\n{nothing}\n")
    assert (reading.follow_ups, reading.not_understood) == ([], [])


def test_a_timeline_under_the_follow_ups_is_none() -> None:
    reading = reading_of("# Actions\n\n| Time | Action | Who |\n|---|---|---|\n| 10:00 | Restarted | Ada |\n")
    assert reading.follow_ups == []
    assert "was not read" in reading.not_understood[0]


def test_a_link_that_says_only_issue_says_where_it_leads() -> None:
    text = (
        "# Actions\n\n- Alert ([issue][one]), see [the guide](https://example.com/g)\n\n[one]: https://example.com/1\n"
    )
    assert actions(text) == ["Alert (https://example.com/1), see the guide"]


def test_a_sentence_taken_for_an_order_or_an_owner_is_said() -> None:
    reading = reading_of("# Actions\n\nTest it. Write it down.\n\n# Next steps\n\n- Ask @ada about it\n")
    assert [each.text for each in reading.follow_ups] == ["Test it.", "Write it down.", "Ask @ada about it"]
    assert len(reading.not_understood) == 3


def test_what_may_be_a_follow_up_under_another_heading_is_said() -> None:
    table = "| Action | Owner |\n|-|-|\n| Raise it | Ada |\n"
    reading = reading_of(f"# Maßnahmen\n\n- [ ] Raise it\n- [x] Test it\n\n# Ideas\n\n{table}")
    assert reading.follow_ups == []
    assert ["Maßnahmen” are 2 check boxes" in reading.not_understood[1], "Ideas" in reading.not_understood[0]] == [
        True
    ] * 2


def test_a_line_such_as_timeline_ends_the_follow_ups() -> None:
    assert actions("Action items:\n\n- Test\n\nTimeline:\n\n- 10:00 it broke\n") == ["Test"]


def test_more_remarks_than_anybody_reads_are_counted() -> None:
    reading = reading_of("# Actions\n\n" + "It was so.\n\n" * 1_000)
    assert len(reading.not_understood) == 201
    assert reading.not_understood[-1] == "800 more remarks were left out."


def test_headings_that_repeat_keep_their_own_words() -> None:
    reading = reading_of("# Impact\n\n## Notes\n\none\n\n# Root cause\n\n## Notes\n\ntwo\n")
    assert reading.sections == [("Impact", ""), ("Notes", "one"), ("Root cause", ""), ("Notes", "two")]


def test_a_table_in_html_is_read_and_what_is_no_tag_stays() -> None:
    [follow_up] = reading_of(
        "# Actions\n\n<table><thead><tr><th>What</th><th>Who</th><th>When</th></tr></thead>\n\n"
        "<tr><td>Set <code>a</code><br>and b</td><td><a href='mailto:ada@example.com'>Ada</a></td>\n"
        "<td>2026-12-01</td></tr></table>\n"
    ).follow_ups
    assert (follow_up.text, follow_up.owner_email, follow_up.due) == (
        "Set a\nand b",
        "ada@example.com",
        date(2026, 12, 1),
    )
    assert actions("# Actions\n\n- Set <name> in <b>all</b> files\n") == ["Set <name> in all files"]


HEADER = "<tr><th>Action</th><th>Owner</th><th>Due</th></tr>"


@pytest.mark.parametrize(
    ("rows", "read_as"),
    [
        ("<tr><td colspan=2>Raise</td><td>2026-12-01</td></tr>", [("Raise", "", "2026-12-01")]),
        (
            "<tr><td>Raise</td><td rowspan='2'>Ada</td><td>2026-12-01</td></tr><tr><td>Test</td><td>n/a</td></tr>",
            [("Raise", "Ada", "2026-12-01"), ("Test", "Ada", "None")],
        ),
        (
            "<tr><td>Raise</td><td colspan=2 rowspan=0>Ada</td></tr><tr><td>Test</td></tr><tr><td>Write</td></tr>",
            [("Raise", "Ada", "None"), ("Test", "Ada", "None"), ("Write", "Ada", "None")],
        ),
        ("<tr><td>Raise</td></tr><tr><td>Test<td>Bob</tr>", [("Raise", "", "None"), ("Test", "Bob", "None")]),
    ],
)
def test_merged_cells_in_html_keep_their_columns(rows: str, read_as: list[tuple[str, str, str]]) -> None:
    reading = reading_of(f"# Actions\n\n<table>{HEADER}{rows}</table>\n")
    assert [(each.text, each.owner, str(each.due)) for each in reading.follow_ups] == read_as
    assert reading.not_understood == []


def test_an_action_over_two_rows_in_html_is_one_and_the_rest_is_said() -> None:
    rows = "<tr><td rowspan=2>Raise</td><td>Ada</td><td></td></tr><tr><td>Bob</td><td>2026-12-03</td></tr>"
    reading = reading_of(f"# Actions\n\n<table>{HEADER}{rows}</table>\n")
    assert [(each.text, each.owner) for each in reading.follow_ups] == [("Raise", "Ada")]
    assert ["Bob · 2026-12-03" in sentence for sentence in reading.not_understood] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "<h2>Action items</h2><ul><li>Raise <b>it</b></li><li><input type='checkbox' checked> Test it</li></ul>\n",
        "## Action items\n\n<ol>\n<li>Raise\n it</li>\n\n<li>[x] Test it</li>\n</ol>\n",
        "## Action items\n\n- Prevent\n  <ul><li>Raise it<li><del>Test it</del></ul>\n",
        f"<h1>Outage</h1><table><tr><td><h2>Actions</h2><table>{HEADER}<tr><td>Raise it</td></tr>"
        "<tr><td><s>Test it</s></td></tr></table></td></tr></table>",
    ],
)
def test_headings_lists_and_frames_in_html_are_read_as_such(text: str) -> None:
    reading = reading_of(text)
    assert [(each.text, each.done) for each in reading.follow_ups] == [("Raise it", False), ("Test it", True)]
    assert reading.not_understood == []


def test_what_stands_below_an_item_in_html_belongs_to_it() -> None:
    reading = reading_of(
        "# Actions\n\n<ul><li>Alert<ul><li>on queues</li></ul></li><li><p>Test</p><p>soon</p></li></ul>"
    )
    assert [each.text for each in reading.follow_ups] == ["Alert", "Test"]
    assert len(reading.not_understood) == 1


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [("x", " ", FollowUpState.IN_PROGRESS), ("x", "x", FollowUpState.DONE), (" ", " ", FollowUpState.OPEN)],
)
def test_several_check_boxes_in_a_cell_are_done_once_all_are(first: str, second: str, state: FollowUpState) -> None:
    boxes = (f"[{first}] Raise it", f"[{second}] Test it")
    items = "".join(f"<li>{box}</li>" for box in boxes)
    inputs = "".join(f"<li><input type=checkbox {'checked' if 'x]' in box else ''}> {box[4:]}</li>" for box in boxes)
    row = "| Action | Owner |\n|-|-|\n| {} | Ada |\n"
    tables = [f"<table>{HEADER}<tr><td><ul>{items}</ul></td></tr></table>"]
    tables += [row.format(each) for each in (items, inputs, "<br>".join(boxes))]
    for table in tables:
        [follow_up] = reading_of(f"# Actions\n\n{table}").follow_ups
        assert (follow_up.text, follow_up.state) == ("\n".join(boxes), state)


@pytest.mark.parametrize("item", ["- a" + " " * 1_900 + "b", "- " + "by due 1 " * 200, "- " + "- x" * 600])
def test_a_text_made_to_be_slow_is_read_as_fast_as_others(item: str) -> None:
    started = time.process_time()
    reading_of("# Actions\n\n" + f"{item}\n" * 50)
    assert time.process_time() - started < 1


def test_signs_written_with_a_backslash_or_a_name_are_kept() -> None:
    assert actions("# Actions\n\n- Allow \\* and &lt;b&gt; &amp; co\n") == ["Allow * and <b> & co"]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("# Aktionen\n\n- für Straße".encode("latin-1"), "UTF-8"),
        (b"a\0b", "zeros"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"# x\n" * 15_000_000, "60.0 MB"),
        (b"[" * 400_000, "more markup"),
        (b"\n" * 300_000, "more lines"),
        (b"|" * 40_000, "more columns"),
        (b"- " * 5_000 + b"deep", "deeper"),
        (b">" * 5_000, "deeper"),
        (b"<div>" * 50_000, "deeper"),
        (b"<table><tr><td>" * 10_000, "deeper"),
        (b"<table><tr>" + b"<td>" * 10_000, "more columns"),
        (b"<table>" + b"<tr><td rowspan=99 colspan=99>" * 1_000, "more columns"),
        (b"<table>" + b"<tr><td colspan=99>" * 1_000, "more than 40,000 cells"),
    ],
)
def test_a_bad_text_is_refused_in_a_sentence(file: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said) as refused:
        read(file, "any.md")
    assert str(refused.value).endswith(".")


def test_other_encodings_that_say_so_are_read() -> None:
    text = "# Actions\r\n\r\n- Größe ändern\r\n"
    for encoding in ("utf-8-sig", "utf-16"):
        assert [each.text for each in read(text.encode(encoding), "a.md").follow_ups] == ["Größe ändern"]


@pytest.mark.parametrize(
    ("said", "action", "owner", "due"),
    [
        (
            "Raise it (Owner: Bob Kahn; Due: Dec 1, 2026; Priority: P1)",
            "Raise it (Priority: P1)",
            "Bob Kahn",
            "2026-12-01",
        ),
        ("@bob to write a runbook, ETA 1 Dec 2026", "write a runbook", "bob", "2026-12-01"),
        ("Buy disks — bob@example.com — 2026-12-05", "Buy disks", "bob@example.com", "2026-12-05"),
        ("Raise it by Tue, December 1st, 2026", "Raise it", "", "2026-12-01"),
        ("Raise it (twice) (due 1 Dec 2026)", "Raise it (twice)", "", "2026-12-01"),
        ("Raise it (Ada & Bob, 2026-12-01)", "Raise it", "Ada & Bob", "2026-12-01"),
        ("Raise it — owner Ada — due Dec 1, 2026", "Raise it", "Ada", "2026-12-01"),
        ("Raise it – Ada Lovelace – 1 Dec 2026", "Raise it", "Ada Lovelace", "2026-12-01"),
        ("@ada, @bob will call f() (by 2026-12-01)", "call f()", "@ada, @bob", "2026-12-01"),
        ("Alert on lag - owner: Bob Kahn - due: 2026-12-05", "Alert on lag", "Bob Kahn", "2026-12-05"),
        ("Alert on lag - due: 2026-12-05 - owner: Bob Kahn - P1", "Alert on lag - P1", "Bob Kahn", "2026-12-05"),
        ("Owner: Ada - alert on lag by 1 Dec 2026.", "alert on lag", "Ada", "2026-12-01"),
        ("Alert on lag 2026-12-05", "Alert on lag", "", "2026-12-05"),
        ("2026-12-05: alert on lag", "alert on lag", "", "2026-12-05"),
        ("Raise the limit by 30 percent, due 2026-12-05", "Raise the limit by 30 percent", "", "2026-12-05"),
        ("Read the logs of 2026-10-01 (2026-12-05)", "Read the logs of 2026-10-01", "", "2026-12-05"),
        ("Raise it. To be completed by 2027-01-31.", "Raise it.", "", "2027-01-31"),
        ("Raise it (before 2026-12-05)", "Raise it", "", "2026-12-05"),
        ("Raise it – until 5 Dec 2026", "Raise it", "", "2026-12-05"),
        ("Raise it (on 3 hosts) by 2026-12-05", "Raise it (on 3 hosts)", "", "2026-12-05"),
        ("Raise it (assigned to @bob)", "Raise it", "bob", "None"),
        ("Ask @ada about the limit", "Ask @ada about the limit", "ada", "None"),
        ("Read mail to ops@example.com daily", "Read mail to ops@example.com daily", "ops@example.com", "None"),
        ("Delete what 2025-01-01 left behind", "Delete what 2025-01-01 left behind", "", "None"),
    ],
)
def test_owner_and_due_date_are_found_in_the_line(said: str, action: str, owner: str, due: str) -> None:
    [follow_up] = reading_of(f"# Actions\n\n- {said}\n").follow_ups
    assert (follow_up.text, follow_up.owner, str(follow_up.due)) == (action, owner, due)


@pytest.mark.parametrize(
    "said",
    [
        "Investigate the outage of 2026-10-01",
        "Raise certificate expiry to 2027-01-01",
        "Backfill data from 2026-10-01 – 2026-10-05",
        "Backfill 2026-10-01, 2026-10-02 and 2026-10-03",
        "Delete backup-2026-10-01",
        "Replace the certificate expiring 2026-12-31",
        "Increase timeout by 30 seconds",
        "Fix the bug introduced by v1.2",
        "Restart pods stuck due to 2 bugs",
        "Upgrade to lodash@4.17.21",
    ],
)
def test_a_date_a_number_or_a_version_that_the_sentence_needs_stays_in_it(said: str) -> None:
    reading = reading_of(f"# Actions\n\n- {said}\n")
    [follow_up] = reading.follow_ups
    assert (follow_up.text, follow_up.owner, follow_up.due) == (said, "", None)
    assert reading.not_understood == []


@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ("Write to support@vendor.com", "taken for its owner"),
        ("Ask @ada", "taken for its owner"),
        ("Fix it by 01/12/2026", "can be two days"),
        ("Fix it by the end of 2027", "is not a date"),
        ("By 2026-12-01: raise it", "not for its due date"),
        ("Raise it in steps (2026-12-01 – 2026-12-05)", "not for its due date"),
        ("Roll it out before 2026-12-01", "not for its due date"),
        ("2026-10-01 outage of the vendor needs a review", "not for its due date"),
    ],
)
def test_what_may_be_an_owner_or_a_due_date_stays_in_the_sentence_and_is_said(said: str, remark: str) -> None:
    reading = reading_of(f"# Actions\n\n- {said}\n")
    assert [(each.text, each.due) for each in reading.follow_ups] == [(said, None)]
    assert [remark in sentence for sentence in reading.not_understood] == [True]


def test_a_table_that_says_done_beside_the_ticket_is_believed() -> None:
    rows = "| Write | prevent | Ada | n/a **DONE** |\n| Test | detect | Bob | #5 **TODO** |\n"
    follow_ups = reading_of(f"# Action items\n\n| Action item | Type | Owner | Bug |\n|-|-|-|-|\n{rows}").follow_ups
    assert [each.done for each in follow_ups] == [True, False]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*"#-*[]()|:`~<>!@\\_ \n\nax1.", "- [x] ", "# Actions\n\n", "| Action | Owner | Due |\n"]))
)
def test_any_text_is_read(pieces: list[str]) -> None:
    reading = reading_of("# Next steps\n\n" + "".join(pieces))
    assert all(each.text.strip() for each in reading.follow_ups)
