"""A fault of ours: for whoever runs the site, and not for the visitor."""

from pathlib import Path

import httpx

from tests.stacks import Stack


def test_a_fault_is_in_the_log_and_not_on_the_page(tmp_path: Path, stack: Stack, collected: Path) -> None:
    """In earnest, where nobody has migrated."""
    site = stack.bare_site(tmp_path, DEBUG="0", STATIC_ROOT=str(collected))

    with site.served_by("serve"):
        answer = httpx.get(site.address)

    assert answer.status_code == 500
    assert "Server Error" in answer.text
    assert "chat_room" not in answer.text
    log = site.log.read_text()
    assert "ERROR django.request: Internal Server Error: /\nTraceback" in log
    assert "chat_room" in log


def test_a_stranger_s_mistake_is_no_fault(tmp_path: Path, stack: Stack, collected: Path) -> None:
    site = stack.site(tmp_path, DEBUG="0", STATIC_ROOT=str(collected))

    with site.served_by("serve"):
        answers = [
            httpx.get(f"{site.address}nowhere"),
            httpx.get(site.address, headers={"Host": "evil.example"}),
            httpx.post(f"{site.address}admin/login/", data={"username": "mallory", "password": "guess"}),
            httpx.post(
                f"{site.address}admin/login/",
                content=b"rubbish",
                headers={"Content-Type": "multipart/form-data", "Cookie": f"csrftoken={'x' * 32}"},
            ),
        ]

    assert [answer.status_code for answer in answers] == [404, 400, 403, 400]
    assert not [answer for answer in answers if "<h1>" not in answer.text or "Traceback" in answer.text]
    assert len(site.log.read_text().splitlines()) == 1  # "Serving on …"
