from casepeople import Nurse


def test_the_sheet(nora: Nurse) -> None:
    answer = nora.get()
    assert answer.status_code == 200
    assert nora.answer(leg_weakness="no").status_code == 303
    assert nora.get().status_code == 200
    answer = nora.answer("assess")
    assert answer.status_code == 303
    for way in (
        answer.location.split(nora.case_id + "/")[1],
        "history",
        "missing",
        "assessments/",
        "assessments/1/letter",
        "compare?before=1&after=1",
        "assessments/1/letter.pdf",
    ):
        got = nora.get(way)
        assert got.status_code == 200, way
