"""The sample rules, judged by Prometheus' own tool: they load, fire when they should, and not before."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ims.bootstrap import Portal
from ims.config import ROOT
from ims.store.gauges import gauges
from ims.web.metrics import families, of_the_worker
from tests.servers import absent

RULES = ROOT / "data" / "alert_rules" / "ims.yaml"
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]


def promtool(*words: str) -> "subprocess.CompletedProcess[str]":
    tool = shutil.which("promtool")
    if tool is None:
        absent("promtool", "apt-get install prometheus")
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False)


def test_the_rules_load() -> None:
    checked = promtool("check", "rules", str(RULES))
    assert checked.returncode == 0, checked.stderr
    assert f"SUCCESS: {len(ALERTS)} rules found" in checked.stdout


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    for rule in ALERTS:
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert len(rule["annotations"]["description"]) > 100, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]


def test_every_rule_asks_for_what_the_portal_shows(portal: Portal) -> None:
    with portal.reading() as session:
        every = [*families(gauges(session, portal.clock())), of_the_worker(timedelta())]
    shown = {sample.name for each in every for sample in each.samples}
    asked = {name for rule in ALERTS for name in re.findall(r"\bims_\w+", rule["expr"])}
    assert len(asked) >= 5
    assert asked <= shown


ALWAYS_UP = {'up{job="ims",instance="a"}': "1x60"}
OVERDUE = 'ims_customer_updates_overdue{job="ims",instance="a"}'
STOPPED = 'ims_deliveries{job="ims",instance="a",state="stopped"}'
FAILING = 'ims_deliveries{job="ims",instance="a",state="failing"}'
OLDEST = 'ims_delivery_oldest_waiting_seconds{job="ims",instance="a"}'
AGE = 'ims_worker_last_round_age_seconds{job="ims",instance="a"}'
UNANSWERED = 'ims_pages_unanswered{job="ims",instance="a"}'


@pytest.mark.parametrize(
    ("series", "minute", "fires"),
    [
        ({OVERDUE: "0x60"}, 59, []),
        ({OVERDUE: "0 1x60"}, 1, []),
        ({OVERDUE: "0 1x60"}, 2, ["IMSCustomersWait"]),
        ({OVERDUE: "0 1x5 0x60"}, 8, []),
        ({STOPPED: "3x60"}, 1, ["IMSDeliveriesStopped"]),
        ({FAILING: "3x60"}, 59, []),
        ({OLDEST: "0+60x60"}, 11, []),
        ({OLDEST: "0+60x60"}, 12, ["IMSDeliveriesLate"]),
        ({AGE: "2x60"}, 59, []),
        ({AGE: "121x60"}, 0, ["IMSWorkerSilent"]),
        ({AGE: "+Inf"}, 0, ["IMSWorkerSilent"]),
        ({AGE: "500x60", AGE.replace('"a"', '"b"'): "2x60"}, 59, []),
        ({UNANSWERED: "1x60"}, 14, []),
        ({UNANSWERED: "1x60"}, 15, ["IMSPagesUnanswered"]),
        ({'up{job="ims",instance="a"}': "0x60"}, 1, []),
        ({'up{job="ims",instance="a"}': "0x60"}, 2, ["IMSDown"]),
        ({'up{job="ims",instance="a"}': "0x60", 'up{job="ims",instance="b"}': "1x60"}, 59, []),
        ({'up{job="ims",instance="a"}': "_x60", 'up{job="other",instance="a"}': "1x60"}, 2, ["IMSDown"]),
    ],
)
def test_a_rule_fires_when_somebody_must_act_and_not_before(
    series: dict[str, str], minute: int, fires: list[str], tmp_path: Path
) -> None:
    tested = promtool("test", "rules", str(_asked(tmp_path, ALWAYS_UP | series, minute, fires)))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_same_of_two_portals_is_one_alert(tmp_path: Path) -> None:
    series = ALWAYS_UP | {OVERDUE: "2x60", OVERDUE.replace('"a"', '"b"'): "2x60"}
    tested = promtool("test", "rules", str(_asked(tmp_path, series, 5, ["IMSCustomersWait"])))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def _asked(folder: Path, series: dict[str, str], minute: int, fires: list[str]) -> Path:
    """Write a test for promtool: after so many minutes of the series, exactly these alerts fire."""
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in ALERTS}
    expected = [
        {
            "labels": f'{{alertname="{name}",job="ims",severity="{severities[name]}",service="ims"}}',
            "value": 1,
        }
        for name in fires
    ]
    question = {
        "expr": 'sum without (alertstate) (ALERTS{alertstate="firing"})',
        "eval_time": f"{minute}m",
        "exp_samples": expected,
    }
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": inputs, "promql_expr_test": [question]}
    path = folder / "test.yaml"
    path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    return path
