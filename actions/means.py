"""What all actions of one process share: knowledge, replies, the reader, the services."""

from __future__ import annotations

from actions.forms.form import Means
from actions.reading import RasaReader
from actions.responder import Responder
from actions.services import shared_services
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import shared_knowledge
from bot.knowledge.replies import shared_replies
from bot.settings import get_settings


def shared_means() -> Means:
    """Return the means of this process, as of today; what is costly is built once."""
    settings = get_settings()
    directory = settings.knowledge_dir
    return Means(
        Responder(shared_knowledge(directory), shared_replies(directory)),
        RasaReader(settings.rasa_url, settings.rasa_token),
        shared_services(),
        today_in_bank(),
    )
