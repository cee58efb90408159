"""Calls of an S3-compatible object store, and what each failure of one means.

On botocore: its signing, its retries, and where it finds endpoint, region and credentials are what
operators know from every other tool. pyarrow's own S3 is not used, since it writes anything above
some megabytes in parts, which a killed process leaves behind. Keep out which files there are
(`objects.py`). Imported only where an object store is set: botocore is the extra `s3`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
)
from botocore.exceptions import ConnectionError as NotConnected
from botocore.loaders import Loader
from botocore.session import Session

from vtj_pipeline.errors import StoreRefused, StoreUnavailable, VtjError
from vtj_pipeline.landing.places import Head
from vtj_pipeline.source.retry import Pauses

_ABSENT = ("NoSuchKey", "NotFound", "404")
# Of about a second before the second try.
_PAUSES = Pauses(first=5.0, longest=20.0)
_AGAIN = "Nothing was recorded: start the same again later. vtj-pipeline doctor tries the store."
_CREDENTIALS = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE, or the machine's role) for "
    "this process, with the right to list the bucket and to read, write and delete its objects."
)
_REGION = "Set AWS_DEFAULT_REGION to the bucket's region."
_BUCKET = (
    "Make the bucket, or correct VTJ_DATA_URL; an endpoint other than Amazon's is named in "
    "AWS_ENDPOINT_URL_S3."
)
_TO_DO = {
    "NoSuchBucket": _BUCKET,
    "InvalidBucketName": _BUCKET,
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "RequestTimeTooSkewed": "Set the clock of this machine by NTP.",
    "EntityTooLarge": "The store takes no file of that size in one piece: allow it larger ones.",
}
_LATER = ("RequestTimeout", "SlowDown", "ServiceUnavailable", "InternalError", "PreconditionFailed")


@dataclass(frozen=True)
class Patience:
    """How long a store is waited for.

    Attributes:
        connect: Seconds until it takes a connection, or further bytes of what is sent.
        read: Seconds until the next bytes of its answer.
        attempts: Tries of one call, with growing pauses between them.
    """

    connect: float = 15.0
    read: float = 60.0
    attempts: int = 6


@dataclass(frozen=True)
class ObjectCalls:
    """Calls about the objects of one bucket; threads may share it.

    Everything raises:
        StoreRefused: the store does not do it for us: credentials, rights, bucket, region.
        StoreUnavailable: it gave no usable answer until the tries were used up.
    """

    bucket: str
    patience: Patience = Patience()

    def put(self, key: str, content: bytes | BinaryIO) -> None:
        """Write an object in one request: it is whole or not there."""
        with self._told(key, "written"):
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType="application/octet-stream",
            )

    def get(self, key: str, part: tuple[int, int] | None = None, version: str = "") -> bytes | None:
        """What an object holds; None: it is not there.

        Args:
            key: Of the object.
            part: Where the bytes begin and how many they are; None: all of them.
            version: That it must still be of (`Head.version`); empty: any.
        """
        asked: dict[str, Any] = {"Bucket": self.bucket, "Key": key}
        if part is not None:
            asked["Range"] = f"bytes={part[0]}-{part[0] + part[1] - 1}"
        if version:
            asked["IfMatch"] = version
        with self._told(key, "read"):
            return self._read(asked, part)

    def head(self, key: str) -> Head | None:
        """What is known of an object; None: it is not there."""
        with self._told(key, "looked for"):
            try:
                found = self._client.head_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise
        return Head(int(found["ContentLength"]), str(found.get("ETag", "")))

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        with self._told(key, "removed"):
            self._client.delete_object(Bucket=self.bucket, Key=key)

    def listed(self, begins: str) -> Iterator[tuple[str, Head]]:
        """The keys of all objects that begin so, in order, and what is known of each."""
        more: dict[str, str] = {}
        while True:
            with self._told(begins, "listed"):
                found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=begins, **more)
            for one in found.get("Contents", ()):
                yield str(one["Key"]), Head(int(one["Size"]), str(one.get("ETag", "")))
            if not found.get("IsTruncated"):
                return
            more = {"ContinuationToken": found["NextContinuationToken"]}

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps, or once kept, what was removed or written over."""
        with self._told("", "asked whether it keeps versions"):
            found = self._client.get_bucket_versioning(Bucket=self.bucket)
        return bool(found.get("Status"))

    @property
    def endpoint(self) -> str:
        """The store's address, without anything secret."""
        with self._told("", "reached"):
            found = urlsplit(self._client.meta.endpoint_url)
        return f"{found.scheme}://{found.netloc.rpartition('@')[2]}"

    @cached_property
    def _client(self) -> Any:
        session = Session()
        # Reading the descriptions of all services anew would take as long as some calls.
        session.register_component("data_loader", _loader())
        return session.create_client(
            "s3",
            config=Config(
                connect_timeout=self.patience.connect,
                read_timeout=self.patience.read,
                retries={"mode": "standard", "total_max_attempts": self.patience.attempts},
                max_pool_connections=32,
                # What every store understands; the signature covers the content in its place.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path", "payload_signing_enabled": True},
            ),
        )

    def _read(self, asked: dict[str, Any], part: tuple[int, int] | None) -> bytes | None:
        for attempt in range(1, self.patience.attempts + 1):
            try:
                answer = self._client.get_object(**asked)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                if _code(error) == "InvalidRange":
                    return b""
                raise
            try:
                content: bytes = answer["Body"].read()
            except (HTTPClientError, IncompleteReadError):
                # botocore tries again what fails before an answer's body, and not what does in it.
                if attempt == self.patience.attempts:
                    raise
                time.sleep(_PAUSES.after(attempt, too_many=False, retry_after=None))
            else:
                is_whole = part is not None and "ContentRange" not in answer
                return content[part[0] :][: part[1]] if part and is_whole else content
        return None

    @contextmanager
    def _told(self, key: str, done: str) -> Iterator[None]:
        """Say what a failure means, without the words of others, which may quote credentials."""
        told: VtjError
        try:
            yield
        except ClientError as error:
            told = self._answered(key, done, error)
        except SSLError:
            told = self._refused(
                key, done, "its certificate is not trusted", "Name its authority in AWS_CA_BUNDLE."
            )
        except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
            told = self._refused(key, done, type(error).__name__, _CREDENTIALS)
        except (HTTPClientError, NotConnected, IncompleteReadError) as error:
            told = self._unavailable(key, done, f"gave no answer ({type(error).__name__})")
        except (BotoCoreError, ValueError) as error:
            told = self._refused(key, done, type(error).__name__, _BUCKET)
        else:
            return
        raise told from None

    def _answered(self, key: str, done: str, error: ClientError) -> VtjError:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        code = _code(error)
        if code in ("412", "PreconditionFailed"):
            return self._unavailable(key, done, "has another version of it than a moment ago")
        said = f"{status}, {code}"
        if status >= 500 or status == 429 or code in _LATER:
            return self._unavailable(key, done, f"answered {said}")
        to_do = _REGION if status == 301 else _TO_DO.get(code, _CREDENTIALS)
        return self._refused(key, done, said, to_do)

    def _unavailable(self, key: str, done: str, came: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self._named(key)} was to be {done}, and the object store {came}, at the end of "
            f"{self.patience.attempts} tries. {_AGAIN}"
        )

    def _refused(self, key: str, done: str, came: str, to_do: str) -> StoreRefused:
        return StoreRefused(
            f"{self._named(key)} was to be {done}, and the object store does not do it ({came}). "
            f"{to_do} Nothing was recorded."
        )

    def _named(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@cache
def _loader() -> Loader:
    """The descriptions of services, read once."""
    found: Loader = Session().get_component("data_loader")
    return found
