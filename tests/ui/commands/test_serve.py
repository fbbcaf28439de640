"""`pq serve`: what is offered depends on how it is started."""

import pytest

from ui.commands.serve import keeps_to_this_machine


@pytest.mark.parametrize(
    ("cluster", "alone"), [(None, True), ("local", True), ("auto", False), ("10.0.0.1:6379", False)]
)
def test_only_replicas_started_on_this_machine_share_one_copy_of_the_archive(cluster, alone):
    assert keeps_to_this_machine(cluster) is alone
