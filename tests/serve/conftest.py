"""Sites that are served."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from harness.ports import free_port
from harness.site import Site
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """A site that is served in every way at once."""
    home = tmp_path_factory.mktemp("house")
    site = site_in(home, stack)
    certificate, key = home / "crt.pem", home / "key.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "ca.pem")
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(certificate)
    with socket.create_server(("127.0.0.1", 0)) as inherited:
        site.inherited, site.tls, site.endpoint = inherited.getsockname()[1], free_port(), free_port()  # type: ignore[attr-defined]
        options = ["-v", "2", "-u", str(home / "chat.sock"), "--fd", str(inherited.fileno())]
        options += ["-e", f"ssl:{site.tls}:privateKey={key}:certKey={certificate}:interface=127.0.0.1"]  # type: ignore[attr-defined]
        options += ["-e", f"tcp:{site.endpoint}:interface=127.0.0.1"]  # type: ignore[attr-defined]
        with site.served_by("serve", *options, pass_fds=[inherited.fileno()]):
            yield site
    assert site.process
    assert site.process.returncode == 0
    assert_is_well(site)


@pytest.fixture
def fresh(tmp_path: Path, stack: Stack) -> Iterator[Site]:
    """A site of the test's own. The test may end its server, which has to end well."""
    site = site_in(tmp_path, stack)
    with site.served_by("serve", "-v", "2"):
        yield site
    assert site.process
    assert site.process.returncode == 0
    assert_is_well(site)
