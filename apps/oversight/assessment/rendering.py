"""An assessment report as text for people, JSON for systems, CSV for spreadsheets. No reading."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final

from apps.oversight.assessment.shapes import Cell, Report, Section

GAP = "  "


def as_text(report: Report) -> str:
    """Tables of plain text, each under its title."""
    days = f"{report.from_on.isoformat()} to {report.last_on.isoformat()}"
    head = [
        f"{report.title}: assessment report",
        f"{days}, both included ({report.time_zone})",
        f"As known at {report.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        f"Policy {report.policy_version}",
    ]
    return "\n".join([*head, *(_table(section) for section in report.sections), ""])


def as_document(report: Report) -> dict[str, Any]:
    """The report as JSON holds it: each row names its cells by their columns."""
    return {
        "program": report.program,
        "policy_version": report.policy_version,
        "time_zone": report.time_zone,
        "from_on": report.from_on.isoformat(),
        "last_on": report.last_on.isoformat(),
        "made_at": report.made_at.astimezone(UTC).isoformat(),
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "columns": list(section.columns),
                "rows": [dict(zip(section.columns, row, strict=True)) for row in section.rows],
            }
            for section in report.sections
        ],
    }


def as_json(report: Report) -> str:
    """The same as text."""
    return json.dumps(as_document(report), indent=2, ensure_ascii=False) + "\n"


def as_csv(report: Report) -> str:
    """One line a figure: section, what is counted, which figure, its value."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["section", "item", "figure", "value"])
    for section in report.sections:
        names = section.columns[-section.figures :]
        for row in section.rows:
            item = "; ".join(str(label) for label in section.labels(row))
            for name, value in zip(names, row[-section.figures :], strict=True):
                lines.writerow([section.code, item, name, "" if value == "–" else value])
    return text.getvalue()


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
}


def _table(section: Section) -> str:
    lines = ["", section.title, "-" * len(section.title)]
    if not section.rows:
        return "\n".join([*lines, "None."])
    rows = [section.columns, *(tuple(map(_shown, row)) for row in section.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(section.columns))]
    first_figure = len(section.columns) - section.figures
    for row in rows:
        cells = [
            cell.rjust(width) if at >= first_figure else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(GAP.join(cells).rstrip())
    return "\n".join(lines)


def _shown(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, (int, float)) else cell
