#!/usr/bin/env python3
"""Links the records of a demo region with splink, beside what the gateway linked: the same records, the same measure.

    python3 -m venv /tmp/splink && /tmp/splink/bin/pip install -r benches/splink/requirements.txt
    cargo run --release -- demo --seed 11 --state /tmp/region      # until it serves, then stop it
    /tmp/splink/bin/python benches/splink/compare.py /tmp/region

Both start from the certain links (references that records share). splink then learns its weights on the very records that
it links; the gateway's are frozen (rules/matching.toml). A pair is two records in one project; the truth is DIR/truth.json.
"""

import json
import logging
import re
import sqlite3
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]


def words(text):
    """Lower case, without accents or punctuation."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def records(state):
    """The newest version of each open record that is about a project, as one row of plain columns."""
    ledger = sqlite3.connect(f"file:{state}/ledger.sqlite?mode=ro", uri=True)
    newest = ledger.execute(
        "SELECT source, key, facts FROM record_version r WHERE state <> 'closed' AND project IS NOT NULL"
        " AND id = (SELECT MAX(id) FROM record_version o WHERE o.source = r.source AND o.key = r.key)"
    )
    names = {}
    for source, key, facts in newest:
        facts = json.loads(facts)
        project = facts.get("project") or {}
        for organisation in facts.get("organisations", []):
            names.setdefault(organisation["id"], words(organisation["name"]))
        places = project.get("places", {})
        years = [s["year"] for s in facts.get("statements", []) if s.get("year")]
        amounts = sorted({s["amount"] for s in facts.get("statements", []) if s.get("amount")})
        holder = project.get("holder") or ""
        yield {
            "unique_id": f"{source}\t{key}",
            "source": source,
            "title": words(project.get("title", "")) or None,
            "holder": holder if holder.startswith("siren:") else None,
            "holder_name": names.get(holder),
            "quartier": next(iter(places.get("quartiers", [])), None),
            "commune": next(iter(places.get("communes", [])), None),
            "contrat": next(iter(places.get("contrats", [])), None),
            "starts": project.get("starts_on"),
            "year": project.get("year") or (min(years) if years else None),
            "amounts": amounts or None,
            "references": [f"{r['scheme']}:{r['value']}" for r in project.get("references", [])],
        }


class Groups:
    """Union and find."""

    def __init__(self):
        self.parent = {}

    def find(self, one):
        self.parent.setdefault(one, one)
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, one, other):
        self.parent[self.find(one)] = self.find(other)


def pairs(count):
    return count * (count - 1) // 2


def measure(rows, truth, links):
    """Precision and recall over pairs of records in one group: certain references, and these links."""
    groups, bearers = Groups(), defaultdict(list)
    for row in rows:
        for reference in row["references"]:
            bearers[reference].append(row["unique_id"])
    for ids in bearers.values():
        for other in ids[1:]:
            groups.join(ids[0], other)
    for one, other in links:
        groups.join(one, other)
    ours, theirs = defaultdict(Counter), Counter()
    for row in rows:
        if (real := truth.get(row["unique_id"])) is not None:
            ours[groups.find(row["unique_id"])][real] += 1
            theirs[real] += 1
    joined = sum(pairs(sum(group.values())) for group in ours.values())
    right = sum(pairs(count) for group in ours.values() for count in group.values())
    real = sum(pairs(count) for count in theirs.values())
    return {"precision": right / joined if joined else None, "recall": right / real if real else None}


def main():
    state = Path(sys.argv[1])
    rows = list(records(state))
    told = json.loads((state / "truth.json").read_text())
    truth = {f"{r['source']}\t{r['key']}": p["id"] for p in told["projects"] for r in p["records"]}
    print(f"{len(rows)} records, certain links alone: {measure(rows, truth, [])}")

    logging.getLogger("splink").setLevel(logging.ERROR)
    begun = time.monotonic()
    settings = SettingsCreator(
        # One system lists one operation once: only records of two systems are compared.
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.97, 0.9, 0.8]),
            cl.ExactMatch("holder").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("holder_name", [0.95]),
            cl.ExactMatch("quartier").configure(term_frequency_adjustments=True),
            cl.ExactMatch("commune"),
            cl.ExactMatch("starts"),
            cl.ExactMatch("year"),
            cl.ArrayIntersectAtSizes("amounts", [2, 1]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("holder", "year"),
            block_on("quartier", "year"),
            block_on("contrat", "starts"),
            block_on("holder_name", "year"),
            block_on("title"),
        ],
    )
    table = pd.DataFrame(rows).drop(columns=["references"])
    by_source = {source.replace("-", "_"): part.drop(columns=["source"]) for source, part in table.groupby("source")}
    linker = Linker(list(by_source.values()), settings, db_api=DuckDBAPI(), input_table_aliases=list(by_source))
    linker.training.estimate_probability_two_random_records_match([block_on("title", "holder")], recall=0.4)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in [block_on("holder", "year"), block_on("title"), block_on("quartier", "starts")]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=min(THRESHOLDS)).as_pandas_dataframe()
    print(f"splink: {len(found)} scored pairs in {time.monotonic() - begun:.1f} s")
    for threshold in THRESHOLDS:
        kept = found[found.match_probability >= threshold]
        links = list(zip(kept.unique_id_l, kept.unique_id_r))
        known = [(one, other) for one, other in links if one in truth and other in truth]
        right = sum(truth[one] == truth[other] for one, other in known)
        alone = f"{right} of {len(known)} pairs right by themselves"
        print(f"splink at {threshold}: {measure(rows, truth, links)}, {alone}")


if __name__ == "__main__":
    main()
