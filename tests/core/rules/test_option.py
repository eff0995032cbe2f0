from support.rulesets.builders import both, ruleset

from screening.core.rules.option import (
    OPTION_ROWS,
    WRITER_ROWS,
    Option,
    Statement,
    Writer,
    statements,
)
from screening.core.rules.ruleset import Disagreement, Position
from screening.core.values.citation import Citation


def cited(quote: str) -> tuple[Citation, ...]:
    return (Citation(source="page", heading="Who", quote=quote),)


def topic(name: str, quote: str) -> Disagreement:
    position = Position(say=both("A side."), citations=cited(quote))
    return Disagreement(id=name, topic=both(name), touches=frozenset[str](), positions=(position,))


LEAK = Statement(say=both("Cement can leak."), citations=cited("cement can leak"))
OPTION = Option(
    id="cement",
    ruleset="main",
    name=both("Cement"),
    about=(),
    like=(),
    said_for=(),
    said_against=(LEAK,),
    left_out=(Statement(say=both("How often.")),),
    ask=(),
)


def test_rows_are_read_by_name_in_order() -> None:
    assert [OPTION.row(name) for name in OPTION_ROWS] == [
        *((), (), ()),
        (LEAK,),
        OPTION.left_out,
        (),
    ]
    writer = Writer(id="page", name=both("A clinic"), wrote=(LEAK,), sells=(), paid=())
    assert [writer.row(name) for name in WRITER_ROWS] == [(LEAK,), (), ()]


def test_all_statements_are_listed() -> None:
    assert list(statements([OPTION])) == [("cement", LEAK), ("cement", OPTION.left_out[0])]


def test_a_statement_is_disputed_where_a_disagreement_quotes_the_same_words() -> None:
    leak, other = topic("leak", "cement can leak"), topic("other", "nothing leaks")
    rules = ruleset([], [], disagreements=[other, leak])
    assert rules.disagreements_on(LEAK) == [leak]
    assert rules.disagreements_on(OPTION.left_out[0]) == []
