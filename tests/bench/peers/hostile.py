#!/usr/bin/env python3
"""What dlt's REST source, the Airbyte CDK and our generated crate make of the same hostile service.

For each scenario of `gen mock --scenarios`, each list and each tool: a hostile service that strikes once, a tool that reads the list to
its end or to an error, and a count of what came against what the service has. A seed is tried after the other until one strikes.

    cargo build
    python3 -m venv target/peers && target/peers/bin/pip install dlt airbyte-cdk
    target/peers/bin/python tests/bench/peers/hostile.py --out results.jsonl [SCENARIO…]
    target/peers/bin/python tests/bench/peers/hostile.py --table results.jsonl

No test needs it. It is for Linux: the libraries are loaded once, and every case is a fork.
"""

import argparse
import errno
import ipaddress
import json
import logging
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path

from table import results, table, totals
from tools import LISTS, NOT_SAID, ROOT, SCRATCH, SIZE, TOOLS, Told, build_reader

SPEC = ROOT / "tests" / "fixtures" / "paging.yaml"

RECORDS = 200
# Nearly every run has a page that is struck, if any can be; but a run logs in once, which is struck one time in three.
SEEDS = 2
SEEDS_OF_LOGINS = 12
AT_ONCE = 16

# Whoever has not ended after so many seconds hangs. Where the service is silent it stays so for ten minutes, and a client may take
# longer to notice: dlt's timeout is one minute.
PATIENCE = 60
PATIENCE_WITH_SILENCE = 150

# Where records come and go, what was there throughout is what was there before and is there still.
WORLDS = ("inserted", "deleted", "updated")

FORK = multiprocessing.get_context("fork")


class Service:
    """A mock in a process of its own."""

    def __init__(self, gen, *options):
        command = [gen, "mock", "--spec", SPEC, "--records", RECORDS, "--for", "10m", *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([str(part) for part in command], **pipes)
        line = self.process.stdout.readline().strip()
        self.origin = line.removeprefix("listening on ")

    def stop(self):
        """What struck, and what another origin was sent."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=20)
        lines = [line.strip() for line in said.splitlines()]
        struck = any(line.startswith("Struck ") for line in lines)
        return struck, [line.removeprefix("Stray ") for line in lines if line.startswith("Stray ")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def ids(service, name):
    """The ids of a list, in order, read without ado."""

    def ask(path, data=None, **headers):
        request = urllib.request.Request(urllib.parse.urljoin(service.origin, path), data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer), answer.headers

    def next_of(page, headers, rows):
        if name == "cursors":
            return page.get("next") and f"from={urllib.parse.quote(str(page['next']))}"
        if name == "linked":
            link = re.search(r'\?([^>]*)>; rel="next"', headers.get("link") or "")
            return link and link[1]
        if not rows:
            return None
        return {"numbered": f"page={-(-len(found) // SIZE)}", "offsets": f"offset={len(found)}", "tails": f"after={found[-1]}"}[name]

    login = {"grant_type": "client_credentials", "client_id": "peer", "client_secret": "peer"}
    token = ask("/oauth/token", urllib.parse.urlencode(login).encode())[0]["access_token"]
    size = {"cursors": f"take={SIZE}", "offsets": f"limit={SIZE}", "tails": f"limit={SIZE}"}.get(name, f"per_page={SIZE}")
    found, query = [], ""
    while query is not None:
        page, headers = ask(f"/v1/{name}?{size}&{query}", authorization=f"Bearer {token}")
        place = page.get("page", page) if isinstance(page, dict) else {"items": page}
        rows = place["items"]
        found += [row["id"] for row in rows]
        query = next_of(page, headers, rows)
    return found


def innermost(error):
    """The class of an error, and of what it came from."""
    names = []
    while error is not None and len(names) < 6:
        names.append(type(error).__name__ if not isinstance(error, Told) else str(error).split(":")[0])
        error = error.__cause__ or error.__context__
    return names


def hold_to_loopback(out):
    """Lets this process connect to the service and to its other origin, which are on loopback, and to nothing else: some scenarios
    lead to the address of cloud instances' credentials, and whoever goes there is noted, and gets nothing."""
    connect = socket.socket.connect

    def held(self, address):
        if self.family != socket.AF_UNIX and not ipaddress.ip_address(address[0]).is_loopback:
            out.write(json.dumps(["stray", f"{address[0]} was asked"]) + "\n")
            raise OSError(errno.ENETUNREACH, "not from here")
        return connect(self, address)

    socket.socket.connect = held


def reading(tool, origin, name, path):
    """In a process of its own: writes the ids and how it ended, a line each."""
    os.setpgid(0, 0)
    logging.disable(logging.CRITICAL)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    with open(path, "w", buffering=1) as out:
        hold_to_loopback(out)
        try:
            for key in TOOLS[tool](origin, name):
                out.write(json.dumps(["id", key if isinstance(key, str) else json.dumps(key)]) + "\n")
            out.write(json.dumps(["done"]) + "\n")
        except BaseException as error:  # whatever a tool ends with is what is asked for
            out.write(json.dumps(["error", innermost(error), str(error)[:500]]) + "\n")


def ended(tool, service, name, patience):
    """The ids that came, where it went astray, how it ended, and the seconds it took."""
    path = SCRATCH / f"case-{os.getpid()}.jsonl"
    start = time.monotonic()
    process = FORK.Process(target=reading, args=(tool, service.origin, name, path))
    process.start()
    process.join(patience)
    hangs = process.is_alive()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.join()
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    came = [line[1] for line in lines if line[0] == "id"]
    strays = sorted({line[1] for line in lines if line[0] == "stray"})
    end = next((line for line in lines if line[0] in ("done", "error")), ["hung"] if hangs else ["crashed", process.exitcode])
    return came, strays, end, time.monotonic() - start


def play(gen, first, scenario, name, tool, truth):
    """One case: what came of it at the first seed that strikes."""
    seeds = SEEDS_OF_LOGINS if scenario.startswith("token") else SEEDS
    silent = scenario.startswith("stall")
    patience = PATIENCE_WITH_SILENCE if silent else PATIENCE
    for seed in range(first, first + seeds):
        with Service(gen, "--hostile", seed, "--scenario", scenario, "--strikes", 1, "--stall", "10m") as service:
            came, astray, end, seconds = ended(tool, service, name, patience)
            lasting = truth[name]
            if scenario in WORLDS:
                try:
                    lasting = sorted(set(truth["before", name]) & set(ids(service, name)))
                except (OSError, ValueError):
                    continue
            struck, strays = service.stop()
        if not struck:
            if end[0] == "done" and sorted(came) == sorted(lasting) or scenario in WORLDS:
                continue
            return {"seed": seed, "end": ["broken", *end], "came": len(came), "of": len(lasting)}
        known = set(truth[name])
        return {
            "seed": seed,
            "end": end,
            "delivered": len(set(came) & known),
            "lost": len(set(lasting) - set(came)),
            "repeated": len([key for key in came if key in known]) - len(set(came) & known),
            "invented": len([key for key in came if key not in known]),
            "order": [key for key in came if key in known] == [key for key in truth[name] if key in set(came)],
            "strays": astray + strays,
            "seconds": round(seconds, 1),
        }
    return {"end": ["not struck"]}


def scenarios(gen):
    """All scenarios: each with its name, what it says, and what our client makes of it."""
    listed = subprocess.run([gen, "mock", "--scenarios", "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(listed)


def run(gen, arguments):
    chosen = arguments.scenarios or [scenario["name"] for scenario in scenarios(gen)]
    build_reader()
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    for library in ("dlt.sources.rest_api", "airbyte_cdk.sources.declarative.concurrent_declarative_source"):
        __import__(library)
    truth = {}
    with Service(gen) as calm, Service(gen, "--hostile", 0, "--scenario", "inserted", "--strikes", 0) as before:
        for name in LISTS:
            truth[name], truth["before", name] = ids(calm, name), ids(before, name)
            assert len(truth[name]) == RECORDS, f"{name}: {len(truth[name])}"
    # What only lists that go by the last record know is read there; all else, on the other four.
    cases = [
        (scenario, name, tool)
        for scenario in chosen
        for name in (LISTS[4:] if scenario == "cursor-missing" else LISTS[:4])
        for tool in arguments.tool or TOOLS
        if (tool, name) not in NOT_SAID
    ]
    with open(arguments.out, "a") as out, ProcessPoolExecutor(AT_ONCE, mp_context=FORK) as pool:
        waiting = {pool.submit(play, gen, arguments.seed, *case, truth): case for case in cases}
        for number, future in enumerate(as_completed(waiting), 1):
            scenario, name, tool = waiting[future]
            result = {"scenario": scenario, "list": name, "tool": tool, **future.result()}
            out.write(json.dumps(result) + "\n")
            out.flush()
            print(f"{number}/{len(cases)} {scenario} {name} {tool} {result['end'][:2]}", file=sys.stderr)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("dlt", "airbyte-cdk"))
    print(f"{versions}, Python {sys.version.split()[0]}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", help="the scenarios to play [default: all]")
    parser.add_argument("--gen", default=ROOT / "target/debug/gen", help="the generator's binary")
    parser.add_argument("--seed", type=int, default=0, help="the first seed that is tried")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="the tools to read with [default: all]")
    parser.add_argument("--out", default="results.jsonl", help="where results go, a line each")
    parser.add_argument("--table", metavar="RESULTS", help="print results as a table, and do nothing else")
    arguments = parser.parse_args()
    gen = str(Path(arguments.gen).resolve())
    if arguments.table:
        cases = results(arguments.table)
        table(scenarios(gen), cases)
        print()
        totals(cases)
    else:
        run(gen, arguments)


if __name__ == "__main__":
    main()
