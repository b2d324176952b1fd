"""Reading a file of the data folder, which a team may change, into the model that says what may stand in it."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ims.errors import SettingProblem

Model = TypeVar("Model", bound=BaseModel)


def read_file(model: type[Model], path: Path, code: str, hint: str) -> Model:
    """Read a YAML file as a model.

    Raises:
        SettingProblem: it cannot be read or does not make sense; ``code`` and ``hint`` are those of this file.
    """
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        raise SettingProblem(code, f"{path}: {reason}.", hint) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingProblem(code, f"{path}: it cannot be read ({type(error).__name__}).", hint) from error
