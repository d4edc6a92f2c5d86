"""The one folder that commands write into."""

from pathlib import Path

from domain.sandbox.errors import SandboxError


class OutsideFolder(SandboxError):
    code = "OUTSIDE_OUTPUT_FOLDER"

    def __init__(self, path: str, folder: Path) -> None:
        super().__init__(f"{path} would leave the output folder {folder}", path=path)


class FileExists(SandboxError):
    code = "OUTPUT_EXISTS"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already", path=str(path))


def inside(folder: Path, path: str | Path) -> Path:
    """The file below the folder, links followed; its folders are made. Raises `OutsideFolder`."""
    root = folder.resolve()
    found = (root / Path(path)).resolve()
    if not found.is_relative_to(root) or found == root:
        raise OutsideFolder(str(path), folder)
    found.parent.mkdir(parents=True, exist_ok=True)
    return found


def fresh(folder: Path, path: str | Path) -> Path:
    """Like `inside`, for a file that is not there yet; raises `FileExists`."""
    found = inside(folder, path)
    if found.exists():
        raise FileExists(found)
    return found
