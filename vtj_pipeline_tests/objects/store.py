"""An S3-compatible server, SeaweedFS from its wheel, as a process of its own on loopback.

Keep out how it fails (`failing.py`) and what is expected of it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import botocore.session
from botocore.config import Config

ACCESS, SECRET = "AKTESTS", "secret-of-the-tests"
READER, READER_SECRET = "AKREADS", "secret-of-a-reader"
BUCKET = "vtj-tests"
_PORTS = (
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
    "filer.port.grpc", "s3.port", "s3.port.grpc",
)  # fmt: skip
_WEED = str(Path(sys.executable).with_name("weed"))
_READY = "Start Seaweed S3 API Server"


_IDENTITIES = {
    "identities": [
        {
            "name": name,
            "credentials": [{"accessKey": access, "secretKey": secret}],
            "actions": actions,
        }
        for name, access, secret, actions in (
            ("tests", ACCESS, SECRET, ["Admin", "Read", "Write", "List", "Tagging"]),
            ("reader", READER, READER_SECRET, ["Read", "List"]),
        )
    ]
}


@dataclass(frozen=True)
class Store:
    """A server that runs.

    Attributes:
        host: It and its port.
        folder: Where all its files stand.
    """

    host: str
    folder: Path

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://{self.host}"

    @property
    def environment(self) -> dict[str, str]:
        """By which it is reached and allowed everything."""
        return {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "eu-north-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self) -> Any:
        """A client of the tests' own, to look at what is there."""
        return botocore.session.Session().create_client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            region_name="eu-north-1",
            # Its volumes take a moment longer than its port.
            config=Config(retries={"mode": "standard", "total_max_attempts": 8}),
        )


@contextmanager
def running_store() -> Iterator[Store]:
    """A server with an empty bucket, for as long as the context."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="vtjs3")))
        ports = _free_ports(len(_PORTS))
        (folder / "s3.json").write_text(json.dumps(_IDENTITIES), "utf-8")
        (folder / "data").mkdir()
        process = subprocess.Popen(
            [
                _WEED, "server", f"-dir={folder}/data",
                "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
                "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64", "-volume.max=20",
                "-volume.preStopSeconds=0", "-filer", f"-filer.localSocket={folder}/filer.sock",
                "-s3", f"-s3.config={folder}/s3.json", "-s3.iam=false",
                "-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
                *(f"-{name}={port}" for name, port in zip(_PORTS, ports, strict=True)),
            ],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        opened.callback(_end, process)
        assert process.stderr is not None
        said = next((line for line in process.stderr if _READY in line), None)
        assert said, f"{process.args} ended with status {process.wait()}"
        Thread(target=process.stderr.read, daemon=True).start()
        store = Store(f"127.0.0.1:{ports[_PORTS.index('s3.port')]}", folder)
        client = store.client()
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
        client.delete_object(Bucket=BUCKET, Key="ready")
        yield store


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
