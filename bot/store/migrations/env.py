"""Alembic environment: runs on the connection (and in the transaction) of ``bot.store.migrate``."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata


def run() -> None:
    """Run the migrations on the caller's connection."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("migrations run through bot.store.migrate.upgrade(database_url)")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


run()
