"""The database and the pub/sub: tables, engine, migrations, events between server processes."""

from bot.store import case_tables as case_tables
from bot.store import identity_tables as identity_tables  # all tables share one metadata
from bot.store import training_tables as training_tables
