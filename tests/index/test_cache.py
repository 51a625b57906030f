"""The cache: bounded, least recently used out first, whole under threads."""

import threading
from collections import OrderedDict

from hypothesis import given, settings
from hypothesis import strategies as st

from index.store.cache import Cache


def test_the_least_recently_used_goes_first() -> None:
    cache: Cache[str, int] = Cache(2)
    cache.keep({"a": 1, "b": 2})
    assert cache.get(["a"]) == {"a": 1}
    cache.keep({"c": 3})
    assert cache.get(["a", "b", "c"]) == {"a": 1, "c": 3}


def test_keeping_again_counts_as_use() -> None:
    cache: Cache[str, int] = Cache(2)
    cache.keep({"a": 1})
    cache.keep({"b": 2})
    cache.keep({"a": 4})
    cache.keep({"c": 3})
    assert cache.get(["a", "b", "c"]) == {"a": 4, "c": 3}


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache: Cache[int, int] = Cache(0)
    cache.keep({1: 1})
    assert cache.get([1]) == {}


KEYS = st.integers(0, 6)
DEEDS = st.lists(st.one_of(st.lists(KEYS, max_size=4), st.dictionaries(KEYS, st.integers(), max_size=4)), max_size=30)


@settings(deadline=None)
@given(st.integers(0, 5), DEEDS)
def test_it_does_what_the_obvious_version_does(size: int, deeds: list[list[int] | dict[int, int]]) -> None:
    cache: Cache[int, int] = Cache(size)
    plain: OrderedDict[int, int] = OrderedDict()
    for deed in deeds:
        if isinstance(deed, dict):
            cache.keep(deed)
            for key, value in deed.items():
                plain.pop(key, None)
                plain[key] = value
            while len(plain) > size:
                del plain[next(iter(plain))]
        else:
            found = {key: plain[key] for key in deed if key in plain}
            assert cache.get(deed) == found
            for key in found:
                plain.move_to_end(key)


def test_threads_do_not_lose_or_mix_values() -> None:
    cache: Cache[int, int] = Cache(50)
    faults: list[object] = []

    def work(seed: int) -> None:
        for step in range(2000):
            key = (seed * 31 + step * 7) % 100
            cache.keep({key: key * key})
            for found, value in cache.get(range(100)).items():
                if value != found * found:
                    faults.append((found, value))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(cache.get(range(100))) == 50
