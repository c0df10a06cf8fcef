"""Where things lie in the repository. Everything that `rems` writes goes to `.venv` and `.rems`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".rems"
LOGS = STATE / "logs"
DEMO = STATE / "demo"
STATIC = STATE / "static"
