from docferry.domain.gate import Gate, Writer

ARMED = Gate(Writer.APPLICATION, 7, "first", journal=True)


def test_each_turn_of_a_gate_has_an_epoch_of_its_own_even_if_the_writer_stays() -> None:
    assert [ARMED.turned(one).epoch for one in (Writer.NOBODY, Writer.APPLICATION)] == [8, 8]
    assert ARMED.turned(Writer.NOBODY).turned(Writer.REPLICATOR).epoch == 9


def test_a_turned_gate_names_its_own_switch_and_no_earlier_one() -> None:
    assert ARMED.turned(Writer.NOBODY, attempt="second") == Gate(Writer.NOBODY, 8, "second")
    assert ARMED.turned(Writer.NOBODY).attempt == ""


def test_the_journal_is_off_unless_the_turn_says_that_it_is_on() -> None:
    assert ARMED.turned(Writer.APPLICATION).journal is False
    assert ARMED.turned(Writer.APPLICATION, journal=True).journal is True
