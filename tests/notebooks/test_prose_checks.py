"""Numbers in prose are found, and held against the outputs of their own section."""

import pytest
from nbformat import v4
from prose_checks import number_faults


def notebook(*cells):
    """Return a notebook of prose and of pairs (source, what it prints)."""

    def cell(content):
        if isinstance(content, str):
            return v4.new_markdown_cell(content)
        source, printed = content
        return v4.new_code_cell(source, outputs=[v4.new_output("stream", text=printed)])

    return v4.new_notebook(cells=[cell(content) for content in cells])


def faults(prose, printed, source="show()"):
    return number_faults(notebook("# Title", f"## A section\n\n{prose}", (source, printed)))


@pytest.mark.parametrize(
    ("prose", "printed"),
    [
        ("The loss falls to 0.62.", "loss 0.62"),
        ("The loss falls to 0.62.", "loss 0.6183"),
        ("The loss falls to 0.62.", "[1. 0.62 3.]"),
        ("It is right for 97 % of them.", "accuracy 0.966"),
        ("It is right for 96.6 percent of them.", "accuracy 96.6 %"),
        ("It leads in 18 of 20 splits.", "18 of 20"),
        ("It leads in eighteen of the twenty splits.", "ahead: 18 (of 20)"),
        ("The slope is -2.5.", "slope −2.5"),
        ("A step of 1e-6 or 1.5e-6 will do.", "1.5e-06"),
        ("With Keras 3.15, $0.7$ and `0.8` it is [here](https://x.org/1.5).", ""),
        ("Since 1986, chapter 3 says nothing in figures.", ""),
    ],
)
def test_number_that_is_printed_or_not_measured_is_no_fault(prose, printed):
    assert faults(prose, printed) == []


@pytest.mark.parametrize(
    ("prose", "printed", "number"),
    [
        ("The loss falls to 0.62.", "loss 0.63", "0.62"),
        ("The loss falls to 0.62.", "loss 0.6251", "0.62"),
        ("The loss falls to 0.62.", "loss 0.6", "0.62"),
        ("The loss falls to 0.62.", "loss 10.62", "0.62"),
        ("It is right for 97 % of them.", "accuracy 0.96", "97 %"),
        ("It is right for 9.7 % of them.", "accuracy 0.97", "9.7 %"),
        ("It leads in 18 of 20 splits.", "17 of 20", "18 of 20"),
        ("It leads in eighteen of twenty splits.", "", "eighteen of twenty"),
    ],
)
def test_number_that_is_not_printed_is_a_fault_that_names_section_and_number(prose, printed, number):
    assert faults(prose, printed) == [f"A section: {number!r} stands in no output of this section"]


def test_code_of_the_section_holds_a_number_too():
    assert faults("With the rate 0.05 it converges.", "", source="rate = 0.05") == []


def test_output_of_another_section_does_not_count():
    cells = (
        "## One\n\nIt is 0.5.",
        ("a()", "0.4"),
        "### Two\n\nIt is 0.4.",
        ("b()", "0.5"),
    )
    assert len(number_faults(notebook("# Title", *cells))) == 2


@pytest.mark.parametrize("heading", ["# Title", "## What we have seen", "## Where it stands today"])
def test_the_first_section_and_the_summary_may_quote_the_whole_lesson(heading):
    cells = "## One", ("a()", "0.4"), f"{heading}\n\nIt is 0.4 and not 0.7."
    assert number_faults(notebook("# Title", *cells)) == [
        f"{heading.lstrip('# ')}: '0.7' stands in no output of this section"
    ]


def test_exercises_and_references_are_not_read():
    cells = (
        "## Exercises\n\n0.1",
        "### Exercise 1: a rate of 0.2",
        "#### Solution\n\n0.3",
        "## References\n\n10.1007/0.4",
    )
    assert number_faults(notebook("# Title", *cells)) == []


def test_exempt_number_is_no_fault():
    assert number_faults(notebook("# Title", "## One\n\nMove it to 0.7."), exempt=["0.7"]) == []
