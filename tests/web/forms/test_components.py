import pytest
from markupsafe import Markup

from screening.web.forms.components import UnknownParameterError, UnsafeHtmlError, component


def test_a_parameter_that_a_component_would_ignore_is_refused() -> None:
    with pytest.raises(UnknownParameterError, match="card knows no text"):
        component("card", heading={"text": "Red flag"}, text="Call for help")


def test_html_has_to_be_marked_as_such() -> None:
    with pytest.raises(UnsafeHtmlError):
        component("fieldset", legend={"text": "A", "html": "<b>x</b>"})


def test_every_text_is_escaped() -> None:
    shown = component("button", text="<script>")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_marked_html_is_kept() -> None:
    assert "<b>x</b>" in component("fieldset", legend={"text": "A"}, html=Markup("<b>x</b>"))
