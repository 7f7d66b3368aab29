"""Signing in behind a proxy, where the server knows who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.site import Site
from tests.serve.accounts import owner_of
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack


@contextmanager
def browser(site: Site, forwarded: str) -> Iterator[httpx.Client]:
    """A browser in front of the form, with what the proxy says of its address."""
    headers = {"X-Forwarded-For": forwarded, "Accept-Language": "en"}
    with httpx.Client(base_url=site.address, headers=headers, timeout=60) as client:
        client.get("admin/login/")
        yield client


def sign_in(browser: httpx.Client, password: str) -> httpx.Response:
    form = {"username": "admin", "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post("admin/login/", data=form)


def test_mallory_is_locked_out_whatever_mallory_says_and_the_owner_is_not(
    tmp_path: Path, stack: Stack
) -> None:
    site = site_in(tmp_path, stack, SIGN_IN_FAILURES="3")
    password = owner_of(site)
    with (
        site.served_by("serve", "--proxy-headers"),
        browser(site, "192.0.2.1") as mallory,
        browser(site, "192.0.2.3, 192.0.2.1") as liar,
        browser(site, "192.0.2.2") as owner,
    ):
        guesses = [sign_in(mallory, f"guess {number}") for number in range(3)]
        more = [sign_in(client, password) for client in (mallory, liar)]

        assert [answer.status_code for answer in guesses + more] == [200, 200, 429, 429, 429]
        assert "Wait 15 minutes" in more[-1].text
        assert sign_in(owner, password).status_code == 302

        site.manage("axes_reset_ip", "192.0.2.1")
        assert sign_in(mallory, password).status_code == 302

    log = site.log.read_text()
    failures = [line for line in log.splitlines() if "login failure by" in line]
    assert (len(failures), log.count("Locking out")) == (3, 1)
    assert all('"admin"' in line and '"192.0.2.1"' in line for line in failures)
    assert_is_well(site)
