"""What came of the cases, as the tables of `docs/reliability.md`."""

import json
from pathlib import Path

from tools import LISTS, TOOLS


def lost(case):
    """How many records never came. One that the service sent without its key came all the same."""
    return max(0, case["lost"] - case["invented"])


def cell(case):
    """What came of one case: words, each with a number or none."""
    end = case["end"]
    found = []
    if end[0] == "done" and lost(case):
        found.append(("**lost**", lost(case)))
    elif end[0] == "error":
        # What wraps the error of a request says no more than that there was one.
        names = [name for name in end[1] if name != "ResourceExtractionError"]
        found.append((f"error ({names[0]})", None))
    elif end[0] != "done":
        found.append(("**no end**", None))
    if case["repeated"]:
        found.append(("repeated", case["repeated"]))
    if case["invented"]:
        found.append(("without its key", case["invented"]))
    if any("with credentials" in stray for stray in case["strays"]):
        found.append(("**token sent elsewhere**", None))
    elif case["strays"]:
        found.append(("asked elsewhere", None))
    return found or [("all", None)]


def cells(cases):
    """What came of a scenario, with the lists where it differs."""
    told = {}
    for case in sorted(cases, key=lambda case: LISTS.index(case["list"])):
        if case["end"][0] != "not struck":
            found = cell(case)
            numbers, lists = told.setdefault(tuple(word for word, _ in found), ([], []))
            numbers.append([number for _, number in found])
            lists.append(f"`{case['list']}`")
    if not told:
        return "not run"
    shown = []
    for words, (numbers, lists) in told.items():
        parts = []
        for word, found in zip(words, zip(*numbers)):
            if found[0] is None:
                parts.append(word)
            else:
                spread = str(min(found)) if min(found) == max(found) else f"{min(found)} to {max(found)}"
                parts.append(f"{word} {spread}")
        where = f" ({', '.join(dict.fromkeys(lists))})" if len(told) > 1 else ""
        shown.append(", ".join(parts) + where)
    return "; ".join(shown)


def results(path):
    """The cases of a file of results; the later one where one was played twice."""
    cases = {}
    for line in Path(path).read_text().splitlines():
        case = json.loads(line)
        cases[case["scenario"], case["list"], case["tool"], case.get("seed")] = case
    return list(cases.values())


def table(scenarios, cases):
    """The rows of `docs/reliability.md`."""
    print("| scenario | what happens | what our client makes of it | " + " | ".join(TOOLS) + " |")
    print("|---|---|---|" + "---|" * len(TOOLS))
    for scenario in scenarios:
        name = scenario["name"]
        row = [cells([case for case in cases if (case["scenario"], case["tool"]) == (name, tool)]) for tool in TOOLS]
        print(f"| `{name}` | {scenario['says']} | {scenario['outcome']} | {' | '.join(row)} |")


def totals(cases):
    """How the cases of each tool ended, by the columns of the other table."""
    columns = ("all", "error", "lost silently", "no end", "repeated", "without a key", "asked elsewhere")
    counts = {tool: dict.fromkeys(columns, 0) for tool in TOOLS}
    for case in cases:
        if case["end"][0] == "not struck":
            continue
        count, end = counts[case["tool"]], case["end"][0]
        count["all"] += end == "done" and not lost(case)
        count["error"] += end == "error"
        count["lost silently"] += end == "done" and lost(case) > 0
        count["no end"] += end in ("hung", "crashed")
        count["repeated"] += case["repeated"] > 0
        count["without a key"] += case["invented"] > 0
        count["asked elsewhere"] += bool(case["strays"])
    print("| tool | cases | " + " | ".join(columns) + " |\n|---|" + "---:|" * (len(columns) + 1))
    for tool, count in counts.items():
        cases = count["all"] + count["error"] + count["lost silently"] + count["no end"]
        print(f"| {tool} | {cases} | " + " | ".join(str(count[column]) for column in columns) + " |")
