"""Bad study files: each is refused with the key, the line, the value and what is allowed, never with a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study

TOP = "study: trial\ncensus: people.csv\nyears: {start: 2025, end: 2029}\n"


def refusal(folder: Path, text: str) -> str:
    """The message of the error that a study file raises."""
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(path)
    return str(caught.value)


def scenario(setting: str) -> str:
    """A study file with one setting of one scenario, on line 5."""
    return f"{TOP}scenarios:\n  lean: {{{setting}}}\n"


# (what is wrong, the file, what the message must say)
BAD_FILES = [
    ("empty", "", ["is empty", "studies/default.yaml"]),
    ("only comments", "# nothing\n", ["is empty"]),
    ("a list", "- study: x\n", ["must be a mapping of settings"]),
    ("a word", "hello\n", ["must be a mapping of settings"]),
    ("a tab", "study: x\n\tcensus: y\n", ["line 2", "not valid YAML"]),
    ("an open bracket", "study: [x\n", ["not valid YAML"]),
    ("two documents", TOP + "---\n" + TOP, ["not valid YAML", "line 4"]),
    ("a control character", "study: a\x07b\n", ["not valid YAML"]),
    ("nesting without end", "study: " + "[" * 3000, ["nested too deeply"]),
    ("a file that holds itself", TOP + "defaults: &d\n  workforce: *d\n", ["refers to itself"]),
    ("a foreign tag", TOP + "seeds: !!python/object:os.system [1]\n", ["line 4", "tag", "not supported"]),
    ("a key twice", TOP + "study: again\n", ["line 4", "study is there twice (first on line 1)"]),
    (
        "a scenario's key twice",
        TOP + "scenarios:\n  lean:\n    workforce: {growth: 0.01, growth: 0.02}\n",
        ["line 6", "scenarios.lean.workforce.growth is there twice"],
    ),
    ("a key that is a bool", TOP + "yes: 1\n", ["line 4", "key 'yes'", "put it in quotes"]),
    ("a key that is a list", TOP + "? [a]\n: 1\n", ["line 4", "must be a name"]),
    ("nothing named", "seeds: [1]\n", ["study is missing", "census is missing", "years is missing"]),
    ("unknown key", TOP + "scenarois: {}\n", ["line 4", "scenarois is not a setting", "did you mean scenarios?"]),
    ("misspelt defaults", TOP + "default: {}\n", ["line 4", "did you mean defaults?"]),
    ("a section that is none", scenario("funding: {}"), ["line 5", "scenarios.lean.funding is not a setting", "plan"]),
    (
        "misspelt setting",
        scenario("workforce: {grwth: 0.03}"),
        ["line 5", "scenarios.lean.workforce.grwth", "did you mean growth?", "termination_rate"],
    ),
    ("a year as a setting", scenario("workforce: {2025: 0.03}"), ["scenarios.lean.workforce.2025 is not a setting"]),
    ("a group of a reserved name", TOP + "groups: [Site, Age]\n", ["line 4", "'Age'", "rename the column", "reserved are"]),
    ("upper case name", TOP.replace("trial", "Trial"), ["line 1", "study is 'Trial'", "lower-case"]),
    ("a path as a name", TOP.replace("trial", "../up"), ["study is '../up'"]),
    ("a long name", TOP.replace("trial", "a" * 49), ["at most 48 characters"]),
    ("a number as a name", TOP.replace("trial", "2025"), ["study is 2025"]),
    ("scenario name", TOP + "scenarios: {A b: {}}\n", ["line 4", "scenarios.A b", "must be a name"]),
    ("scenario of a year", TOP + "scenarios: {2025: {}}\n", ["scenarios.2025 is '2025'", "must be a name"]),
    ("no scenario", TOP + "scenarios: {}\n", ["at least one scenario"]),
    ("scenarios as a list", TOP + "scenarios: [lean]\n", ["scenarios must be a mapping"]),
    ("scenario as a number", TOP + "scenarios: {lean: 3}\n", ["scenarios.lean is 3", "mapping of settings"]),
    ("defaults as a list", TOP + "defaults: [1]\n", ["defaults must be a mapping"]),
    ("census of another kind", TOP.replace("people.csv", "people.docx"), ["line 2", ".csv, .txt", ".xlsx"]),
    ("census as a number", TOP.replace("people.csv", "3"), ["census is 3"]),
    ("canonical column", TOP + "census_columns: {pay: salary}\n", ["line 4", "no such column", "annual_compensation"]),
    (
        "column mapped twice",
        TOP + "census_columns: {pay: annual_compensation, wage: annual_compensation}\n",
        ["'pay' and 'wage' are both mapped to annual_compensation"],
    ),
    ("column by number", TOP + "census_columns: {7: employee_id}\n", ["must be a text (put it in quotes)"]),
    ("years backwards", TOP.replace("2029", "2024"), ["line 3", "years must be 1 to 100 years", "now 2025 to 2024"]),
    ("101 years", TOP.replace("2029", "2125"), ["1 to 100 years"]),
    ("year out of range", TOP.replace("2025", "1989"), ["years.start is 1989", "from 1990 to 2200"]),
    ("year as text", TOP.replace("2025", "'2025'"), ["years.start is '2025'", "whole number"]),
    ("no end", TOP.replace(", end: 2029", ""), ["years.end is missing"]),
    ("seed twice", TOP + "seeds: [1, 2, 1]\n", ["line 4", "seeds must be different seeds; 1 is there more than once"]),
    ("seed negative", TOP + "seeds: [-1]\n", ["seed '-1' must be a whole number from 0"]),
    ("seed too large", TOP + "seeds: [9007199254740993]\n", ["must be a whole number"]),
    ("seed as a bool", TOP + "seeds: [true]\n", ["must be a whole number"]),
    ("no seed", TOP + "seeds: []\n", ["must be a list of 1 to 10,000 seeds"]),
    ("seed alone", TOP + "seeds: 42\n", ["seeds is 42", "[42, 43]"]),
    ("seed count 0", TOP + "seeds: {count: 0}\n", ["seeds as count 0", "from 1 to 10,000"]),
    ("seed range misspelt", TOP + "seeds: {count: 3, start: 1}\n", ["{count: 25, first: 1}"]),
    ("no memory", TOP + "resources: {memory_gb: 0.2}\n", ["line 4", "resources.memory_gb is 0.2", "from 1 to"]),
    ("threads by half", TOP + "resources: {threads: 2.5}\n", ["resources.threads is 2.5", "whole number"]),
    ("profile", TOP + "resources: {profile: huge}\n", ["resources.profile is 'huge'", "'small', 'default' or 'large'"]),
    ("optimization", TOP + "resources: {optimizations: {indices: true}}\n", ["names indices", "possible: indexes"]),
    ("optimization by word", TOP + "resources: {optimizations: {indexes: 'no'}}\n", ["true or false for indexes"]),
    ("optimizations as a list", TOP + "resources: {optimizations: [indexes]}\n", ["{indexes: false}"]),
    ("connections", TOP + "resources: {connections: 11}\n", ["from 1 to 10"]),
    ("validation", TOP + "validation: none\n", ["validation is 'none'", "'full' or 'fast'"]),
    ("reject limit", TOP + "census_reject_limit: 5\n", ["census_reject_limit is 5", "0.03 means 3 %"]),
    ("growth in per cent", scenario("workforce: {growth: 3}"), ["lean.workforce.growth is 3;", "0.03 means 3 %"]),
    ("growth to nothing", scenario("workforce: {growth: -1}"), ["growth is -1;", "above -1"]),
    ("growth as a bool", scenario("workforce: {growth: true}"), ["growth is true;", "must be a number"]),
    ("growth as text", scenario("workforce: {growth: '0.03'}"), ["growth is '0.03';", "must be a number"]),
    ("growth empty", scenario("workforce: {growth: }"), ["growth is empty;", "must be a number"]),
    ("growth as a list", scenario("workforce: {growth: [0.03]}"), ["growth must be a number"]),
    ("not a number", scenario("workforce: {growth: .nan}"), ["growth is '.nan'", "must be a number"]),
    ("infinite", scenario("workforce: {growth: .inf}"), ["growth is '.inf'", "must be a number"]),
    ("huge exponent", scenario("workforce: {growth: 1e999999999999999999999}"), ["must be a number"]),
    ("large exponent", scenario("workforce: {growth: 1.0e+999999}"), ["must be a number"]),
    ("5,000 digits", scenario(f"workforce: {{growth: {'9' * 5000}}}"), ["must be a number", "999..."]),
    ("seven decimals", scenario("workforce: {growth: 0.0300001}"), ["growth is 0.0300001", "at most 6 decimals"]),
    (
        "forty decimals",
        scenario("workforce: {growth: 0.0300000000000000000000000000000000000001}"),
        ["at most 6 decimals"],
    ),
    ("a word for a rate", scenario("workforce: {termination_rate: hazards}"), ["or the word hazard"]),
    (
        "all hires leave",
        scenario("workforce: {new_hire_termination_rate: 1}"),
        ["new_hire_termination_rate is 1;", "from 0 to below 1"],
    ),
    ("selection", scenario("workforce: {selection: random}"), ["'exact' or 'bernoulli'"]),
    ("no year", scenario("workforce: {growth: {2026: 0.03}}"), ["line 5", "no value for 2025", "starts with 2026"]),
    ("a wrong year", scenario("workforce: {growth: {25: 0.03}}"), ["entry '25: 0.03'", "from 1990 to 2200"]),
    ("a wrong value by year", scenario("workforce: {growth: {2025: 7}}"), ["entry '2025: 7'", "0.03 means 3 %"]),
    ("years in quotes", scenario("workforce: {growth: {'2025': 0.03}}"), ["entry '2025: 0.03'", "whole number"]),
    ("no values by year", scenario("workforce: {growth: {}}"), ["{2025: 0.03, 2027: 0.02}"]),
    ("base above 1", scenario("hazards: {termination: {base: 1.1}}"), ["hazards.termination.base is 1.1"]),
    ("no row", scenario("hazards: {termination: {age: []}}"), ["must have at least one row"]),
    ("table as a mapping", scenario("hazards: {termination: {age: {min: 0}}}"), ["must be a list of rows"]),
    (
        "late start",
        scenario("hazards: {termination: {age: [{min: 18, multiplier: 1}]}}"),
        ["hazards.termination.age must start at 0, and row 1 starts at 18"],
    ),
    (
        "an end",
        scenario("hazards: {termination: {age: [{min: 0, max: 70, multiplier: 1}]}}"),
        ["must have no end", "row 1", "nothing covers 70"],
    ),
    (
        "a gap",
        scenario("hazards: {promotion: {tenure: [{min: 0, max: 5, multiplier: 1}, {min: 6, multiplier: 1}]}}"),
        ["rows 1 and 2 leave a gap from 5 to 6"],
    ),
    (
        "an overlap",
        scenario("hazards: {promotion: {tenure: [{min: 0, max: 5, multiplier: 1}, {min: 4, multiplier: 1}]}}"),
        ["rows 1 and 2 overlap", "must start at 5"],
    ),
    (
        "an open row in the middle",
        scenario("hazards: {promotion: {tenure: [{min: 0, multiplier: 1}, {min: 4, multiplier: 1}]}}"),
        ["row 1 has no max"],
    ),
    (
        "an empty band",
        scenario("hazards: {promotion: {tenure: [{min: 0, max: 0, multiplier: 1}]}}"),
        ["max is 0", "from 1 to 120"],
    ),
    (
        "a band backwards",
        scenario("hazards: {retirement: [{min: 9, max: 5, rate: 0}]}"),
        ["row 1 has max 5, which must be above its min 9"],
    ),
    (
        "a negative multiplier",
        scenario("hazards: {termination: {age: [{min: 0, multiplier: -1}]}}"),
        ["hazards.termination.age[row 1].multiplier is -1"],
    ),
    (
        "a row without a multiplier",
        scenario("hazards: {termination: {age: [{min: 0}]}}"),
        ["line 5", "hazards.termination.age[row 1].multiplier is missing"],
    ),
    (
        "a misspelt column",
        scenario("hazards: {termination: {age: [{min: 0, multiplyer: 1, multiplier: 1}]}}"),
        ["age[row 1].multiplyer is not a setting", "did you mean multiplier?"],
    ),
    (
        "a level too few",
        scenario("hazards: {termination: {level: [{level_id: 1, multiplier: 1}]}}"),
        ["each level once", "lean has levels 1, 2, 3, 4, 5, and the rows are for 1"],
    ),
    (
        "promotion from the top",
        scenario(
            "levels: {bands: [{level_id: 1, name: All, min_pay: 0, max_pay: 9}]}, "
            "hazards: {promotion: {level: [{level_id: 1, multiplier: 1}]}}"
        ),
        ["hazards.promotion.level[row 1].multiplier must be 0", "top level"],
    ),
    ("no level", scenario("levels: {bands: []}"), ["at least one level"]),
    (
        "a band without pay",
        scenario("levels: {bands: [{level_id: 1, name: A, min_pay: 9, max_pay: 9}]}"),
        ["row 1 has min_pay 9.00, which must be below max_pay 9.00"],
    ),
    (
        "levels overlap",
        scenario(
            "levels: {bands: [{level_id: 1, name: A, min_pay: 1, max_pay: 9}, "
            "{level_id: 2, name: B, min_pay: 8, max_pay: 20}]}"
        ),
        ["row 2 overlaps row 1", "min_pay 8.00 is below 9.00"],
    ),
    (
        "levels unordered",
        scenario(
            "levels: {bands: [{level_id: 2, name: A, min_pay: 1, max_pay: 9}, "
            "{level_id: 2, name: B, min_pay: 9, max_pay: 20}]}"
        ),
        ["row 2 has level_id 2", "unique and rise"],
    ),
    (
        "level 0",
        scenario("levels: {bands: [{level_id: 0, name: A, min_pay: 1, max_pay: 9}]}"),
        ["levels.bands[row 1].level_id is 0", "from 1 to 998"],
    ),
    (
        "tenths of cents",
        scenario("levels: {bands: [{level_id: 1, name: A, min_pay: 1.001, max_pay: 9}]}"),
        ["min_pay is 1.001", "at most 2 decimals"],
    ),
    (
        "a level without a name",
        scenario("levels: {bands: [{level_id: 1, name: '', min_pay: 1, max_pay: 9}]}"),
        ["name is ''", "1 to 80 characters"],
    ),
    (
        "raises backwards",
        scenario("levels: {promotion_raise_min: 0.2}"),
        ["levels.promotion_raise_min must not be above its max", "from 0.2 to 0.124"],
    ),
    (
        "bands beyond measure",
        scenario("levels: {uprating: 1}").replace("2029", "2124"),
        ["levels.uprating is too high", "by 2124"],
    ),
    ("cola negative", scenario("compensation: {cola: -0.01}"), ["cola is -0.01"]),
    ("merit service", scenario("compensation: {merit_service_months: 121}"), ["from 0 to 120"]),
    ("thirteenth month", scenario("compensation: {merit_months: {13: 1}}"), ["entry '13: 1'", "from 1 to 12"]),
    ("no merit weight", scenario("compensation: {merit_months: {3: 0}}"), ["must have a weight above 0"]),
    ("merit months as a list", scenario("compensation: {merit_months: [3]}"), ["{3: 0.5, 4: 0.5}"]),
    ("leap day", scenario("compensation: {promotion_date: {month: 2, day: 29}}"), ["a day of every year", "28 days"]),
    ("31 April", scenario("compensation: {promotion_date: {day: 31}}"), ["a day of every year: month 4 has 30 days"]),
    ("pay cap", scenario("compensation: {annual_compensation_cap: 60_000_000}"), ["at most 50,000,000"]),
    ("level mix", scenario("hiring: {level_mix: census}"), ["hiring.level_mix is 'census'; it must be hold, current"]),
    (
        "level mix of one level",
        scenario("hiring: {level_mix: [{level_id: 1, weight: 1}]}"),
        ["hiring.level_mix must have each level once"],
    ),
    (
        "level mix without weight",
        scenario("hiring: {level_mix: [{level_id: 1, weight: 0}]}"),
        ["must have a weight above 0"],
    ),
    (
        "level mix negative",
        scenario("hiring: {level_mix: [{level_id: 1, weight: -1}]}"),
        ["hiring.level_mix[row 1].weight is -1"],
    ),
    ("hires of 13", scenario("hiring: {ages: [{min: 13, max: 20, weight: 1}]}"), ["ages[row 1].min is 13", "from 14"]),
    (
        "hire ages with a gap",
        scenario("hiring: {ages: [{min: 18, max: 20, weight: 1}, {min: 25, max: 30, weight: 1}]}"),
        ["leave a gap from 20 to 25"],
    ),
    ("hire age without end", scenario("hiring: {ages: [{min: 18, weight: 1}]}"), ["ages[row 1].max is missing"]),
    ("more than full time", scenario("hiring: {part_time_hours: 40}"), ["must be below full_time_hours", "2025"]),
    ("a week of 200 hours", scenario("hiring: {full_time_hours: 200}"), ["above 0 and at most 168"]),
]


@pytest.mark.parametrize(("text", "fragments"), [pytest.param(*case, id=name) for name, *case in BAD_FILES])
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, text: str, fragments: list[str]) -> None:
    message = refusal(tmp_path, text)
    assert "study.yaml" in message
    for fragment in fragments:
        assert fragment in message
    assert "Value error" not in message
    assert "Input should" not in message


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = scenario("workforce: {growth: 3, selection: x}, hirng: {}") + "seeds: [1, 1]\nseeds: [2]\n"
    lines = refusal(tmp_path, text).splitlines()
    assert lines[0].endswith("has 5 problems:")
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["line 5", "line 5", "line 5", "line 6", "line 7"]


def test_a_mistake_in_defaults_is_told_once_and_there(tmp_path: Path) -> None:
    text = TOP + "defaults:\n  workforce: {growth: 3}\nscenarios: {one: {}, two: {}}\n"
    message = refusal(tmp_path, text)
    assert "has a problem:" in message
    assert "line 5: defaults.workforce.growth is 3;" in message


def test_a_wrong_override_is_told_where_it_is(tmp_path: Path) -> None:
    text = TOP + "defaults:\n  workforce: {growth: 0.03}\nscenarios:\n  one: {}\n  two: {workforce: {growth: 3}}\n"
    assert "line 8: scenarios.two.workforce.growth is 3;" in refusal(tmp_path, text)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no such file"):
        load_study(tmp_path / "none.yaml")
    with pytest.raises(StudyError, match="this is a folder"):
        load_study(tmp_path)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(TOP.encode("utf-16"))
    with pytest.raises(StudyError, match="save it as UTF-8"):
        load_study(path)
