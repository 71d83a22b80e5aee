"""What `simbridge deliver` prints of a shift: a table of what each courier earned, and what became of their minds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_COLUMNS = (
    ("profit $", "profit"), ("delivered", "delivered"), ("failed", "failed"), ("on time", "on_time"),
    ("stars", "stars_mean"), ("km", "moved_m"), ("refused", "refused"), ("collisions", "collisions"),
)  # fmt: skip


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """One line a courier, and their sum."""
    lines = [["courier", *(title for title, _ in _COLUMNS)]]
    for agent, row in rows.items():
        lines.append([agent, *(_cell(key, row.get(key)) for _, key in _COLUMNS)])
    if len(rows) > 1:
        sums: list[str] = []
        for _, key in _COLUMNS:
            told = [row[key] for row in rows.values() if row.get(key) is not None]
            total = sum(told) / len(told) if key == "stars_mean" and told else sum(told)
            sums.append(_cell(key, total if told else None))
        lines.append(["all", *sums])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])
        for line in lines
    )


def _cell(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if key == "moved_m":
        return f"{value / 1000:.2f}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def troubles(document: Mapping[str, Any]) -> Iterator[str]:
    """A line on language models, if there were any: how often they were asked, what they cost, how often somebody else had
    to decide and why; and a line on policies that raised or came too late. `document` is that of an EpisodeResult."""
    models = [report for report in document["reports"].values() if "fallbacks" in report]
    if models:
        yield _models(models)
    for what, kind in (("raised", "mind_errors"), ("did not answer in time", "mind_timeouts")):
        counts = {agent: row[kind] for agent, row in document["rows"].items() if row.get(kind)}
        if counts:
            why = Counter(e["why"] for e in document["events"] if e["kind"] == kind.replace("_", " "))
            yield (
                f"The policy of {', '.join(counts)} {what} {sum(counts.values())} times, and the agent waited: "
                f"{why.most_common(1)[0][0] if why else 'see results.json'}"
            )


def _models(reports: list[Mapping[str, Any]]) -> str:
    """What the models of all couriers did and cost."""

    def total(key: str) -> float:
        return sum(report.get(key, 0) for report in reports)

    def counted(key: str) -> str:
        found: Counter[str] = Counter()
        for report in reports:
            found.update(report.get(key, {}))
        whole = f"{found.total():,}"
        return whole + (f" ({', '.join(f'{n} {what}' for what, n in found.most_common())})" if found else "")

    said = (
        f"Language models: {total('decisions'):,} decisions, {total('calls'):,} calls, {total('prompt_tokens'):,} + "
        f"{total('completion_tokens'):,} tokens, cost {total('cost'):.4f}, {total('seconds'):.1f} s for answers and "
        f"{total('lost_s'):.1f} s for calls without one. Calls without an answer: {counted('faults')}. Decisions that "
        f"fell back: {counted('fallbacks')}."
    )
    last = next((report["last_fault"] for report in reports if report.get("last_fault")), "")
    return said + (f" Said last: {' '.join(last.split())[:200]}" if last else "")
