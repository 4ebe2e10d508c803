"""Who may know whom, as sentences.

import-linter (``dev.py check``) holds the layers and the doors; these sentences
say what each room is, and also follow imports that lead there by detours.
"""

import pytest
from pytest_archon import archrule

from hanlin_rules.sources import FETCHER, PACKAGES

_QT = ("PySide6*", "shiboken6*")
_NET = ("huggingface_hub*", "httpx*", "http.client", "ssl", "urllib.request")


@pytest.mark.parametrize("package", ["hanlin", "hanlin_models", "hanlin_resources"])
def test_the_application_knows_no_qt(package: str) -> None:
    archrule("without Qt").match(f"{package}*").should_not_import(*_QT).check(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_worker_knows_llama_cpp(package: str) -> None:
    (
        archrule("llama.cpp stays in the worker")
        .match(f"{package}*")
        .exclude("hanlin.engine.worker*")
        .should_not_import("llama_cpp*", "hanlin.engine.worker*")
        .check(package)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_fetcher_knows_the_network(package: str) -> None:
    (
        archrule("offline")
        .match(f"{package}*")
        .exclude(f"{FETCHER}*")
        .should_not_import(*_NET)
        .check(package)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_vault_knows_the_keyring(package: str) -> None:
    (
        archrule("one door to the keyring")
        .match(f"{package}*")
        .exclude("hanlin.vault*")
        .should_not_import("keyring*")
        .check(package, only_direct_imports=True)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_store_knows_the_database_driver(package: str) -> None:
    (
        archrule("one door to the database")
        .match(f"{package}*")
        .exclude("hanlin.store*")
        .should_not_import("apsw*", "sqlite3*")
        .check(package, only_direct_imports=True)
    )


def test_the_kernel_knows_nobody() -> None:
    rooms = (
        "bootstrap chinese cli domain engine documents formulas processes services settings"
        " snippets store templates vault"
    )
    (
        archrule("kernel at the bottom")
        .match("hanlin.kernel*")
        .should_not_import(*(f"hanlin.{room}*" for room in rooms.split()), "hanlin_*")
        .check("hanlin")
    )


def test_the_domain_is_values() -> None:
    (
        archrule("no effects in the domain")
        .match("hanlin.domain*")
        .should_not_import("subprocess", "socket", "shutil", "tempfile", "logging", "hanlin_*")
        .check("hanlin", only_direct_imports=True)
    )


def test_services_do_not_know_how_models_are_found() -> None:
    (
        archrule("bootstrap passes the library in")
        .match("hanlin.services*")
        .should_not_import("hanlin_models*", "hanlin_ui*", "hanlin.cli*")
        .check("hanlin")
    )


def test_window_and_command_line_stand_side_by_side() -> None:
    (
        archrule("the cli is no part of the window")
        .match("hanlin_ui*")
        .should_not_import("hanlin.cli*", "hanlin.store.connection*", "hanlin.processes.sandbox*")
        .check("hanlin_ui", only_direct_imports=True)
    )
