"""The way of patients through the questions."""

from support.rulesets.builders import both, item

from screening.core.rules.patient_path import REPORT, SECTION, PatientPath


def test_its_questions_have_a_section_of_their_own() -> None:
    report = item(REPORT)
    path = PatientPath(title=both("The scan"), first="scan", report=report)
    assert (path.section.id, path.section.title) == (SECTION, both("The scan"))
    assert not path.with_report
