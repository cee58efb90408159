"""The embedded server is for this home alone: no port, and a socket that only its owner finds."""

from __future__ import annotations

import stat

import pytest

from vtj_pipeline.postgres import running_database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.folders import new_home


@pytest.mark.slow
def test_the_embedded_server_listens_at_a_socket_in_its_home_and_nowhere_else() -> None:
    home = new_home()
    with running_database(Settings(home=home)) as database:
        connection = database.connect()
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('listen_addresses')")
            assert cursor.fetchone() == ("",)
            cursor.execute("select current_setting('unix_socket_directories')")
            assert cursor.fetchone() == (str(home / "pg"),)
            cursor.execute("select inet_server_addr() is null")
            assert cursor.fetchone() == (True,)
        connection.close()
        assert stat.S_IMODE((home / "pg").stat().st_mode) == 0o700
        # Where root runs it PostgreSQL is another user and has to come through; nobody lists it.
        assert home.stat().st_mode & 0o066 == 0
