"""Questions whose right answer is a passage rather than a document."""

import json
from pathlib import Path


def passage_questions(questions: Path, target: Path) -> Path:
    """Write the questions with their passage as what is to be found, and return the file."""
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**row, "gold_doc_id": row["gold_passage_id"]}, ensure_ascii=False) for row in rows]
    target.write_text("\n".join(lines), encoding="utf-8")
    return target
