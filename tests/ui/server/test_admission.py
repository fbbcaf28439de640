"""Who is served when, and what those who wait are told."""

from threading import Event, Thread

from ui.labels import in_line
from ui.page.controller import Outcome, Session, streamed
from ui.server.admission import WaitingLine

DONE = Outcome(Session(), "", "done")


def test_the_first_are_served_and_the_others_move_up_in_order():
    line = WaitingLine(2)
    tickets = [line.join() for _ in range(5)]
    assert [ticket.before for ticket in tickets] == [0, 0, 1, 2, 3]
    assert line.waiting == 3
    tickets[1].leave()
    tickets[1].leave()
    assert [ticket.before for ticket in (tickets[0], *tickets[2:])] == [0, 0, 1, 2]
    tickets[3].leave()  # out of patience
    assert [ticket.before for ticket in (tickets[0], tickets[2], tickets[4])] == [0, 0, 1]
    assert tickets[4].wait(0.01) == 1


def test_who_waits_wakes_when_the_turn_comes():
    line, served = WaitingLine(1), []
    first = line.join()
    tickets = [line.join() for _ in range(10)]

    def stand(number):
        tickets[number].wait()
        served.append(number)
        tickets[number].leave()

    threads = [Thread(target=stand, args=(number,)) for number in reversed(range(10))]
    for thread in threads:
        thread.start()
    assert served == []
    first.leave()
    for thread in threads:
        thread.join(10)
    assert served == list(range(10))


def done():
    yield DONE


def test_a_question_says_how_many_are_before_until_its_turn_comes(monkeypatch):
    monkeypatch.setattr("ui.page.controller._LOOKS_UP", 0.01)
    line = WaitingLine(1)
    others = [line.join(), line.join()]
    steps = streamed(done, line)
    assert next(steps) == 2
    others[0].leave()
    assert next(steps) == 1
    others[1].leave()
    assert list(steps) == [DONE]
    assert [in_line(2), in_line(1)] == ["2 people are ahead of you …", "One person is ahead of you …"]


def test_who_goes_before_the_turn_comes_leaves_the_line_and_who_goes_later_when_the_next_step_is_done(monkeypatch):
    monkeypatch.setattr("ui.page.controller._LOOKS_UP", 0.01)
    line, finish, worked_on = WaitingLine(1), Event(), Event()
    other = line.join()
    waiting = streamed(done, line)
    next(waiting)
    waiting.close()
    assert line.waiting == 0
    other.leave()

    def work():
        yield "found"
        finish.wait(10)
        yield "written"
        worked_on.set()
        yield DONE

    stopped = streamed(work, line)
    assert next(stopped) == "found"
    stopped.close()
    after = line.join()
    assert after.before == 1  # the processor is still busy with it
    finish.set()
    assert after.wait(10) == 0
    assert not worked_on.is_set()  # nobody wants the rest
