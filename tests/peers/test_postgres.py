"""The database server tests run on does what tests rely on: it is private, durable, can be killed and followed."""

from collections.abc import Iterator

import asyncpg
import pytest

from tests.peers.postgres import PASSWORD, PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of this file's own: it is killed and frozen."""
    with PostgresServer() as running:
        yield running


async def test_the_password_is_wanted_over_tcp(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.url())
    assert await connection.fetchval("SELECT current_user") == "linegate"
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url(password="FAKEpwWrong"))


async def test_its_socket_is_in_its_private_directory(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.socket_url())
    assert await connection.fetchval("SELECT inet_client_addr()") is None
    await connection.close()
    assert server.directory.stat().st_mode & 0o077 == 0
    assert not (server.directory / "pwfile").exists()
    assert PASSWORD not in server.log


def test_what_was_committed_is_there_after_a_kill(server: PostgresServer) -> None:
    server.create("killed")
    server.execute("CREATE TABLE kept (n integer); INSERT INTO kept VALUES (1), (2)", "killed")
    server.kill()
    assert not server.running
    server.start()
    assert server.fetch("SELECT n FROM kept ORDER BY n", "killed") == [("1",), ("2",)]
    server.drop("killed")
    assert server.fetch("SELECT 1 FROM pg_database WHERE datname = 'killed'") == []


@pytest.mark.parametrize("mode", ["smart", "fast", "immediate"])
def test_it_stops_in_every_mode_and_comes_back_on_its_port(server: PostgresServer, mode: str) -> None:
    port = server.port
    server.restart(mode)
    assert server.fetch("SHOW port") == [(str(port),)]


def test_a_database_is_copied_from_its_template(server: PostgresServer) -> None:
    server.create("pattern")
    server.execute("CREATE TABLE t (n integer); INSERT INTO t VALUES (7)", "pattern")
    server.create("copy", template="pattern")
    assert server.fetch("SELECT n FROM t", "copy") == [("7",)]


async def test_one_session_is_found_by_its_name_and_thrown_out(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.url(), server_settings={"application_name": "victim"})
    (pid,) = server.backends("victim")
    assert pid == connection.get_server_pid()
    assert server.terminate(pid)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError)):
        await connection.fetchval("SELECT 1")
    await connection.close()


async def test_a_frozen_server_answers_nobody_until_it_is_thawed(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.url())
    server.freeze()
    with pytest.raises(TimeoutError):
        await asyncpg.connect(server.url(), timeout=0.3)
    server.thaw()
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


def test_a_mistake_in_sql_is_told(server: PostgresServer) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        server.execute("SELECT * FROM nowhere")


def test_a_synchronous_standby_takes_over_with_everything_committed(server: PostgresServer) -> None:
    server.create("followed")
    with server.standby(synchronous=True) as follower:
        assert follower.fetch("SELECT pg_is_in_recovery()") == [("t",)]
        assert server.fetch("SELECT sync_state FROM pg_stat_replication") == [("sync",)]
        server.execute("CREATE TABLE kept (n integer); INSERT INTO kept VALUES (1)", "followed")
        server.kill()
        follower.promote()
        assert follower.fetch("INSERT INTO kept VALUES (2); SELECT count(*) FROM kept", "followed") == [("2",)]
    server.start()


def test_a_standby_catches_up(server: PostgresServer) -> None:
    with server.standby() as follower:
        server.execute("CREATE TABLE late (n integer)")
        follower.caught_up()
        assert follower.fetch("SELECT count(*) FROM late") == [("0",)]
