"""The bibliography: one .bib file, from which citations and the page of references are made."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import Entry, Person, parse_file
from pybtex.richtext import Text

from rnnsite.errors import RnnsiteError, nearest


@dataclass(frozen=True)
class Reference:
    """One entry: `label` as cited in a sentence, `html` as listed on the page."""

    key: str
    label: str
    html: str


class Bibliography:
    """All entries of a .bib file, by key."""

    def __init__(self, path: Path) -> None:
        try:
            entries = parse_file(str(path), "bibtex").entries
        except Exception as error:  # pybtex raises several unrelated kinds
            raise RnnsiteError(f"{path.name} cannot be read as BibTeX: {error}") from None
        self.references = {key: _reference(key, entry) for key, entry in entries.items()}

    def __getitem__(self, key: str) -> Reference:
        if key not in self.references:
            raise RnnsiteError(f"There is no reference {key!r} in docs/references.bib.{nearest(key, self.references)}")
        return self.references[key]

    def sorted(self) -> list[Reference]:
        return sorted(self.references.values(), key=lambda reference: reference.label.casefold())


def _reference(key: str, entry: Entry) -> Reference:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    last = [_plain(" ".join(person.prelast_names + person.last_names)) for person in people]
    year = entry.fields.get("year", "n.d.")
    who = last[0] if len(last) == 1 else " and ".join(last) if len(last) == 2 else f"{last[0]} et al." if last else key
    fields = {name: _plain(value) for name, value in entry.fields.items()}
    names = ", ".join(_plain(str(person)) for person in people) if len(people) <= 1 else _names(people)
    where = next((fields[name] for name in ("journal", "booktitle", "publisher", "howpublished") if name in fields), "")
    volume = fields.get("volume", "") + (f"({fields['number']})" if "number" in fields and "volume" in fields else "")
    pages = fields.get("pages", "").replace("--", "–")
    parts = [f"<cite>{html.escape(where)}</cite>" if where else "", html.escape(volume), html.escape(pages)]
    text = f"{html.escape(names)} ({year}). {html.escape(fields.get('title', ''))}. {', '.join(p for p in parts if p)}"
    text = text.removesuffix(". ").rstrip(".") + "."
    identifiers = [f"doi:{fields['doi']}" if "doi" in fields else "", _eprint(fields)]
    known = " ".join(f'<span class="rs-identifier">{html.escape(i)}</span>' for i in identifiers if i)
    return Reference(key, f"{who}, {year}", f"{text} {known}".strip())


def _names(people: Sequence[Person]) -> str:
    names = []
    for person in people:
        first = " ".join(f"{name[0]}." for name in person.first_names + person.middle_names if name)
        names.append(_plain(f"{' '.join(person.prelast_names + person.last_names)} {first}".strip()))
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _eprint(fields: dict[str, str]) -> str:
    return f"arXiv:{fields['eprint']}" if "eprint" in fields else ""


def _plain(latex: str) -> str:
    return str(Text.from_latex(latex)).replace("---", "—").replace("--", "–")
