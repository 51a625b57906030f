"""Rate limits: buckets worked out by hand on a clock of our own, and what clients are told."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_calls import as_json, call

from rag.api.addresses import client_address, household
from rag.api.api_keys import add_key
from rag.api.app import create_app
from rag.api.rate import Buckets, RateVerdict
from rag.service import Service
from rag.settings import Settings, is_loopback, networks


class Clock:
    """Seconds, as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_the_arithmetic() -> None:
    clock = Clock()
    buckets = Buckets(6, clock=clock)  # one request in 10 seconds
    assert buckets.take("a") == RateVerdict(True, 5, 10, 0)
    assert buckets.take("a") == RateVerdict(True, 4, 20, 0)
    for _ in range(3):
        buckets.take("a")
    assert buckets.take("a") == RateVerdict(True, 0, 60, 10)  # allowed, but for the next one 10 seconds must pass
    assert buckets.take("a") == RateVerdict(False, 0, 60, 10)
    clock.now += 9
    assert buckets.take("a") == RateVerdict(False, 0, 51, 1)
    clock.now += 1
    assert buckets.take("a") == RateVerdict(True, 0, 60, 10)
    clock.now += 1000
    assert buckets.take("a") == RateVerdict(True, 5, 10, 0)


def test_one_s_haste_is_not_another_s_loss() -> None:
    buckets = Buckets(1, clock=Clock())
    assert buckets.take("a").allowed
    assert not buckets.take("a").allowed
    assert buckets.take("b").allowed


def test_a_clock_that_goes_back_gives_nothing() -> None:
    clock = Clock()
    buckets = Buckets(1, clock=clock)
    buckets.take("a")
    clock.now -= 500
    assert not buckets.take("a").allowed


def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    buckets = Buckets(1, most=100, clock=Clock())
    buckets.take("kept")
    for number in range(10_000):
        buckets.take(f"address {number}")
        if number % 50 == 0:
            assert not buckets.take("kept").allowed
    assert len(buckets) == 100
    assert buckets.take("address 5").allowed


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 20))
def test_no_minute_lets_more_through_than_two_bucketfuls(pauses: list[float], per_minute: int) -> None:
    clock = Clock()
    buckets = Buckets(per_minute, clock=clock)
    allowed: list[float] = []
    for pause in pauses:
        clock.now += pause
        verdict = buckets.take("a")
        assert 0 <= verdict.remaining < per_minute
        assert 0 <= verdict.retry_after <= 60
        assert verdict.reset <= 60
        if verdict.allowed:
            allowed.append(clock.now)
        else:
            assert verdict.retry_after > 0
    assert all(sum(start <= one < start + 60 for one in allowed) <= 2 * per_minute for start in allowed)


@pytest.mark.parametrize("per_minute", [0, -1])
def test_no_limit_is_no_bucket(per_minute: int) -> None:
    with pytest.raises(ValueError, match="make no limit"):
        Buckets(per_minute)


def test_clients_are_told(tmp_path: Path) -> None:
    secrets = [add_key(tmp_path, name, "ask")[1] for name in ("one", "two")]
    service = Service.open(Settings(home=tmp_path, corpus="none", rate_per_minute=2), writable=True)
    try:
        app = create_app(service)
        heads, body = as_json({"query": "云台"})
        first = call(app, "POST", "/v1/search", heads | {"x-api-key": secrets[0]}, body)
        assert first.status == 200
        told = [first.headers[name] for name in ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")]
        assert told == ["2", "1", "30"]
        call(app, "POST", "/v1/search", heads | {"x-api-key": secrets[0]}, body)
        last = call(app, "POST", "/v1/search", heads | {"x-api-key": secrets[0]}, bytes(2**20))
        assert last.status == 429
        assert last.read_before == 0
        assert last.problem["code"] == "too_many_requests"
        assert last.headers["ratelimit-remaining"] == "0"
        assert last.headers["retry-after"] == "30"
        assert call(app, "POST", "/v1/search", heads | {"x-api-key": secrets[1]}, body).status == 200
        for _ in range(5):
            free = call(app, "GET", "/health/live")
            assert free.status == call(app, "GET", "/").status == 200
            assert "ratelimit-limit" not in free.headers
    finally:
        service.close()


def test_without_keys_addresses_are_counted_and_nobody_can_make_one_up(tmp_path: Path) -> None:
    service = Service.open(Settings(home=tmp_path, corpus="none", rate_per_minute=1), writable=True)
    try:
        app = create_app(service)
        statuses = [
            call(app, "GET", "/v1/stats", {"x-forwarded-for": f"203.0.113.{number}"}).status for number in range(3)
        ]
        assert statuses == [200, 429, 429]
        assert call(app, "GET", "/v1/stats", client=("192.0.2.77", 1)).status == 200
        assert call(app, "GET", "/v1/stats", client=None).status == 200
    finally:
        service.close()


PROXIES = "10.0.0.0/8, 127.0.0.1, fd00::/8"


@pytest.mark.parametrize(
    ("client", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", ["203.0.113.9"], "", "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], PROXIES, "192.0.2.1"),
        ("10.1.1.1", ["203.0.113.9"], PROXIES, "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1, 203.0.113.9"], PROXIES, "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1, 203.0.113.9, 10.2.2.2"], PROXIES, "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1", "203.0.113.9", "10.2.2.2"], PROXIES, "203.0.113.9"),
        ("10.1.1.1", ["10.3.3.3, 10.2.2.2"], PROXIES, "10.3.3.3"),
        ("10.1.1.1", ["203.0.113.9, nonsense"], PROXIES, "10.1.1.1"),
        ("10.1.1.1", ["203.0.113.9, unknown, 10.2.2.2"], PROXIES, "10.2.2.2"),
        ("10.1.1.1", [""], PROXIES, "10.1.1.1"),
        ("10.1.1.1", [], PROXIES, "10.1.1.1"),
        ("10.1.1.1", ["203.0.113.9:4711"], PROXIES, "10.1.1.1"),
        ("10.1.1.1", [",".join(["10.2.2.2"] * 4000)], PROXIES, "10.2.2.2"),
        ("::ffff:10.1.1.1", ["2001:DB8::1"], PROXIES, "2001:db8::1"),
        ("fd00::1", ["2001:db8::1"], PROXIES, "2001:db8::1"),
        ("testclient", ["203.0.113.9"], PROXIES, "unknown"),
        (None, ["203.0.113.9"], PROXIES, "unknown"),
    ],
)
def test_who_is_asking(client: str | None, forwarded: Sequence[str], trusted: str, address: str) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {"type": "http", "client": (client, 1) if client else None, "headers": headers}
    assert client_address(scope, networks(trusted)) == address


def test_a_customer_of_ipv6_has_a_network() -> None:
    assert household("2001:db8:0:1:2:3:4:5") == household("2001:db8:0:1::9") == "2001:db8:0:1::/64"
    assert household("192.0.2.1") == "192.0.2.1"
    assert household("unknown") == "unknown"


@pytest.mark.parametrize("written", ["proxy", "10.0.0.0/33", "10.0.0", "10.0.0.1;10.0.0.2"])
def test_proxies_are_addresses(tmp_path: Path, written: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(home=tmp_path, trusted_proxies=written)


def test_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "", "10.0.0.1", "localhost.example", "127.0.0.1.nip.io")))
