"""What is asked about is recognised in each language, so that the right person is named."""

import pytest

from bot.tools.topics import topic_of


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("my invoice", "billing"), ("sobre faturas", "billing"), ("per le fatture", "billing"),
        ("um plano de pagamento", "plans"), ("un piano di pagamento", "plans"), ("o reembolso", "refunds"),
        ("il rimborso", "refunds"), ("uma reclamação", "complaints"), ("o orçamento", "estimates"),
        ("il preventivo", "estimates"), ("il prossimo appuntamento", "schedule"), ("alterar o projeto", "changes"),
        ("what is the rate", ""), ("", ""),
    ],
)  # fmt: skip
def test_topic_is_named_in_each_language(said: str, topic: str) -> None:
    assert topic_of(said) == topic
