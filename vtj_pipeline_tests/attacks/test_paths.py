"""Names and files that lead elsewhere, never end, or are none: one sentence each, and no hang."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vtj_pipeline.errors import SettingsError, VtjError
from vtj_pipeline.landing.delivered import look_through
from vtj_pipeline.source import Subscription
from vtj_pipeline.source.code_lists import read_codes
from vtj_pipeline.source.subscriptions import load_subscriptions
from vtj_pipeline_tests.source.products import CODES, municipality

FINE = '{"perustiedot":[{"henkilotunnus":"%s","tietoryhmat":[]}],"poimintapv":"2026-11-01"}'


def delivered(folder: Path, pattern: str = "in/*.json") -> Subscription:
    return municipality(product="tailored", municipalities=(), baseline="files",
                        baseline_files=folder / pattern)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder `in` with one file that is fine, and another beside it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(FINE % CODES[0])
    (tmp_path / "elsewhere.json").write_text(FINE % CODES[1])
    yield tmp_path
    # Whoever looks through the files of tests should not meet these.
    shutil.rmtree(tmp_path / "in")


def directory(path: Path) -> None:
    path.mkdir()


def broken_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def outward(path: Path) -> None:
    path.symlink_to("../elsewhere.json")


def outward_absolute(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path)


def of_a_process(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("b.json", directory, "is no ordinary file"),
        ("b.json", os.mkfifo, "is no ordinary file"),
        ("b.json", broken_link, "is no ordinary file"),
        ("b.json", loop, "is no ordinary file"),
        ("b.json", device, "is no ordinary file"),
        ("b.json", outward, "leads out of the folder"),
        ("b.json", outward_absolute, "leads out of the folder"),
        ("b.json", of_a_process, "leads out of the folder"),
        ("b\nINFO nothing is wrong.json", Path.touch, "cannot be shown"),
        ("b\x1b[2J.json", Path.touch, "cannot be shown"),
        ("\u202ab.json", Path.touch, "cannot be shown"),
        (os.fsdecode(b"\xff.json"), Path.touch, "cannot be shown"),
    ],
)
def test_what_is_no_delivered_file_is_named_in_a_line(
    folder: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    make(folder / "in" / name)
    with pytest.raises(SettingsError, match=said) as refused:
        delivered(folder).delivered_files()
    assert str(refused.value).isprintable()


def test_a_file_that_is_given_by_its_name_is_read_and_a_link_within_the_folder_too(
    folder: Path,
) -> None:
    (folder / "in" / "b.json").symlink_to("a.json")
    assert len(delivered(folder).delivered_files()) == 2
    assert delivered(folder, "in/a.json").delivered_files() == (folder / "in" / "a.json",)


@pytest.mark.parametrize(
    "content",
    [
        *("", "[" * 200_000, '{"perustiedot":' + "[" * 200_000, '{"a":' * 200_000),
        *('{"perustiedot":[' + '{"x":' * 5000, '{"n":' + "9" * 9000 + "}"),
        '{"perustiedot":[{"henkilotunnus":"\\ud800"}]}',
        '{"perustiedot":[{"henkilotunnus":"a\\u0000b"}]}',
        '{"perustiedot":[{"henkilotunnus":{}}]}',
        '{"perustiedot":[{"henkilotunnus":"a","x":' + '{"a":' * 5000 + "1" + "}" * 5000 + "}]}",
        '{"perustiedot":[{"henkilotunnus":"a"}],"poimintapv":"2026-11-01"} {}',
    ],
    ids=range(11),
)
def test_a_delivered_bomb_is_named_in_a_line(folder: Path, content: str) -> None:
    (folder / "in" / "b.json").write_text(content)
    with pytest.raises(VtjError, match=r"b\.json") as refused:
        look_through(delivered(folder))
    assert len(str(refused.value)) < 400 + len(str(folder)) and str(refused.value).isprintable()


@pytest.mark.parametrize(
    "name",
    ["..", "../up", "/etc", "a/b", "a\nb", "a\n", "a\0", "a b", "ä", "A", "", "a;drop", "a'--",
     "{{a}}", "$(id)", "a" * 61, ".", "a.b", "a%", "٣"],
)  # fmt: skip
def test_no_subscription_is_called_so_that_it_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """Names become folders, asset keys and SQL parameters."""
    escaped = "".join(f"\\U{ord(one):08x}" for one in name)
    file = tmp_path / "subscriptions.toml"
    file.write_text(
        f'[[subscription]]\nname = "{escaped}"\nproduct = "municipality"\n'
        'municipalities = ["297"]\nstart_date = 2026-11-01\nbaseline = "perustiedot-vko"\n'
    )
    with pytest.raises(SettingsError, match="name: "):
        load_subscriptions(file)


@pytest.mark.parametrize("code", ["297' or '1'='1", "297\n", "٢٩٧", "2 7", "*", "%", "297,091", ""])
def test_no_municipality_is_anything_but_a_code(code: str) -> None:
    with pytest.raises(ValueError, match="municipalities"):
        municipality(municipalities=(code,))


@pytest.mark.parametrize("make", [directory, os.mkfifo, device, broken_link])
def test_a_code_list_or_subscriptions_file_that_is_none_is_named(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "codes")
    with pytest.raises(SettingsError, match="codes"):
        read_codes("listed", tmp_path / "codes")
    if make in (directory, broken_link):
        with pytest.raises(SettingsError, match="codes"):
            load_subscriptions(tmp_path / "codes")


@pytest.mark.parametrize(
    "line",
    ["'; drop table ledger.call; --", "=cmd|' /C calc'!A0", "x" * 200_000, '"' + "x" * 200_000,
     "\x00", '"a\x00', "../../etc/passwd", CODES[0] + "\x00", "٠١٠١٩٠-٩٩٩F", "\ufeff\ufeff"],
    ids=range(10),
)  # fmt: skip
def test_a_line_that_is_no_code_is_named_by_its_number_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "codes").write_text(f"{CODES[0]}\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match="line 2 is not an identity code") as refused:
        read_codes("listed", tmp_path / "codes")
    assert str(refused.value).isprintable() and len(str(refused.value)) < 400


def test_settings_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("a = " + "[" * 50_000)
    with pytest.raises(SettingsError):
        load_subscriptions(tmp_path / "s.toml")
