"""Runs migrations on the connection that ``records.schema`` gives."""

from alembic import context

from screening.records import accounts  # noqa: F401 - its tables belong to the metadata
from screening.records.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
