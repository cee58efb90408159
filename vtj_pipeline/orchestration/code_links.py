"""Where an asset's code is: a link in the UI, to a repository or to this machine's own files.

Nothing is linked unless `VTJ_CODE_URL` says where to, so that no path of the machine where the
program runs, or was built, stands in anybody's metadata. Keep out everything else that assets say.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import dagster as dg

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.orchestration import boundary

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.labels import Labelled

LOCAL = "local"
_KEY = "dagster/code_references"
_Reference = dg.LocalFileCodeReference | dg.UrlCodeReference
_PACKAGE = Path(__file__).resolve().parents[1]
_GUARD = str(Path(boundary.__file__).resolve())


def with_code_links(assets: Iterable[Labelled], code_url: str | None) -> list[Labelled]:
    """The same assets, linked to their code.

    Args:
        assets: Of which dbt's know their own files already, if they were told to.
        code_url: Where the repository's files can be read; `local`: on this machine; None: no link.
    """
    if code_url is None:
        return list(assets)
    with warnings.catch_warnings():
        # Dagster calls them a beta with each asset.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [
            one if isinstance(one, dg.AssetSpec) else _with_links(one, code_url) for one in assets
        ]


def _with_links(asset: dg.AssetsDefinition, code_url: str) -> dg.AssetsDefinition:
    (found,) = dg.with_source_code_references([asset])
    assert isinstance(found, dg.AssetsDefinition)
    own = _file_of(asset)
    local = found.map_asset_specs(lambda spec: _with_references(spec, lambda one: _in(one, own)))
    if code_url == LOCAL:
        return local
    return local.map_asset_specs(lambda spec: _with_references(spec, lambda r: _link(r, code_url)))


def _file_of(asset: dg.AssetsDefinition) -> str:
    """The file of an asset's function, which stands below a guard."""
    function = asset.op.compute_fn
    decorated: Any = getattr(function, "decorated_fn", function)
    return str(inspect.getsourcefile(inspect.unwrap(decorated)))


def _in(reference: _Reference, file: str) -> _Reference:
    """Dagster finds the line of the function, and takes the guard's file for its own."""
    if isinstance(reference, dg.UrlCodeReference) or reference.file_path != _GUARD:
        return reference
    return dg.LocalFileCodeReference(
        file_path=file, line_number=reference.line_number, label=reference.label
    )


def _with_references(
    spec: dg.AssetSpec, changed: Callable[[_Reference], _Reference]
) -> dg.AssetSpec:
    known = spec.metadata.get(_KEY)
    if not isinstance(known, dg.CodeReferencesMetadataValue):
        return spec
    links = [changed(one) for one in known.code_references]
    value = dg.CodeReferencesMetadataValue(code_references=links)
    return spec.merge_attributes(metadata={_KEY: value})


def _link(reference: _Reference, code_url: str) -> dg.UrlCodeReference:
    if isinstance(reference, dg.UrlCodeReference):
        return reference
    line = f"#L{reference.line_number}" if reference.line_number else ""
    path = repository_path(Path(reference.file_path))
    return dg.UrlCodeReference(url=f"{code_url}/{path}{line}", label=reference.label)


def repository_path(file: Path, package: Path = _PACKAGE) -> PurePosixPath:
    """Where a file of the program stands in its repository, wherever it is installed.

    Raises:
        SettingsError: it is none of the program's files.
    """
    for folder, name in (
        (package / "dbt_project", "dbt"),
        (package, package.name),
        (package.parent / "dbt", "dbt"),
    ):
        if file.is_relative_to(folder):
            return PurePosixPath(name, *file.relative_to(folder).parts)
    msg = (
        f"VTJ_CODE_URL is set, and {file.name} is no file of this program that could be linked to. "
        "Unset VTJ_CODE_URL."
    )
    raise SettingsError(msg)
