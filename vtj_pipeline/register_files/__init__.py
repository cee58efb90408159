"""The register as Parquet files with a manifest for each publication, for engines that read files.

They hold what analysts may see, made by the views that analysts read. Add what is written, kept and
read of them. Keep out the views (`dbt/`) and where files stand (`landing/`).
"""

from vtj_pipeline.register_files.contents import CONTENTS
from vtj_pipeline.register_files.kept import clear_register_files
from vtj_pipeline.register_files.manifest import Manifest, manifests_there, read_manifest
from vtj_pipeline.register_files.reading import RegisterFiles, open_register_files
from vtj_pipeline.register_files.write import FilesReport, write_register_files

__all__ = [
    "CONTENTS",
    "FilesReport",
    "Manifest",
    "RegisterFiles",
    "clear_register_files",
    "manifests_there",
    "open_register_files",
    "read_manifest",
    "write_register_files",
]
