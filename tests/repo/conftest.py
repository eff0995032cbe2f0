"""The wheel, built once for the tests of what ships."""

from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a wheel built from the checkout as it is."""
    folder = str(tmp_path_factory.mktemp("wheel"))
    return Path(next(WheelBuilder(str(root)).build(directory=folder, versions=["standard"])))
