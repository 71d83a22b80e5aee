"""What a judge says of a scene: findings by check, and each clause of the sentence with what was found for it."""

from dataclasses import asdict, dataclass
from typing import Any

from bridge.errors import InvalidScene


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the instance or place, what was found, and what would put it right."""

    name: str
    found: str
    fix: str


@dataclass(frozen=True)
class Check:
    """One rule with what broke it; `measure` is the figure the rule looked at, in words."""

    name: str
    findings: tuple[Finding, ...] = ()
    measure: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing broke the rule."""
        return not self.findings


@dataclass(frozen=True)
class Clause:
    """One thing the sentence asks for, in its own words, whether it holds, and what the scene has."""

    words: str
    asks: str
    holds: bool
    found: str


@dataclass(frozen=True)
class Report:
    """All checks and clauses, and what repair did before the last look."""

    checks: tuple[Check, ...]
    clauses: tuple[Clause, ...]
    repairs: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed; clauses have a check of their own."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def summary(self) -> str:
        """One line: "18 of 18"."""
        return f"{sum(check.passed for check in self.checks)} of {len(self.checks)}"

    def raise_if_failed(self) -> None:
        """Raises InvalidScene naming the first findings of each failed check."""
        if not self.passed:
            lines = [f"{check.name}: {f.name}: {f.found}. {f.fix}" for check in self.failed for f in check.findings[:3]]
            raise InvalidScene("The town breaks its own rules.\n" + "\n".join(lines))

    def as_json(self) -> dict[str, Any]:
        """Plain data for the manifest; at most 20 findings a check, with their whole number."""
        return {
            "passed": self.passed,
            "summary": self.summary(),
            "checks": [
                {
                    "name": check.name,
                    "passed": check.passed,
                    "measure": check.measure,
                    "findings_count": len(check.findings),
                    "findings": [asdict(finding) for finding in check.findings[:20]],
                }
                for check in self.checks
            ],
            "clauses": [asdict(clause) for clause in self.clauses],
            "repairs": list(self.repairs),
        }
