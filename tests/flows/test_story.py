"""A phone call runs through every service. The steps and checks stand in crm_runner.demo.story."""

from crm_runner.demo import story
from crm_runner.demo.client import wait_for

from tests.conftest import Town


def test_a_call_becomes_card_deal_task_call_back_mail_and_figures(town: Town) -> None:
    told = story.play(town.company, town.pbx, town.mailbox, print, caller="+38640999123")
    assert len(told.calls) == 2


def test_the_story_holds_with_every_webhook_sent_three_times_and_in_reverse(town: Town) -> None:
    town.deliver("thrice-reversed")
    try:
        told = story.play(town.company, town.pbx, town.mailbox, print, caller="+38640999124", pops=False)
        assert len(told.calls) == 2
        wait_for("the last webhook", lambda: all(call["state"] == "over" for call in town.pbx.calls()))
        for call in town.pbx.calls():
            answers = [webhook["answers"] for webhook in call["webhooks"]]
            assert answers and len(answers) % 3 == 0
            assert all(answer == [200] for answer in answers)
    finally:
        town.deliver("live")
