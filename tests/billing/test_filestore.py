"""Bytes are stored once under their SHA-256, and nothing else is ever opened."""

import hashlib
from pathlib import Path

import pytest

from billing.filestore import FileNotStoredError, FileStore


def test_bytes_come_back_by_their_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    sha256 = store.put(b"a permit")
    assert sha256 == hashlib.sha256(b"a permit").hexdigest()
    assert store.open(sha256).read_bytes() == b"a permit"


def test_same_bytes_are_stored_once(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    assert store.put(b"twice") == store.put(b"twice")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_unknown_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotStoredError) as refused:
        FileStore(tmp_path).open("0" * 64)
    assert refused.value.sha256 == "0" * 64


@pytest.mark.parametrize("name", ["", "../secret", "0" * 63, "G" * 64, f"../{'0' * 61}", "0" * 64 + "\n"])
def test_what_is_no_hash_opens_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    store = FileStore(tmp_path / "files")
    with pytest.raises(FileNotStoredError):
        store.open(name)


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"late").hexdigest()
    in_the_way = tmp_path / sha256[:2] / sha256
    in_the_way.mkdir(parents=True)
    store = FileStore(tmp_path)
    with pytest.raises(OSError, match=sha256):
        store.put(b"late")
    assert not store.has(sha256)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
