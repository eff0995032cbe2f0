"""Runs migrations on the connection that ``schema`` gives."""

from alembic import context

from screening.records.storage import account_tables  # noqa: F401 - its tables belong to the metadata
from screening.records.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
