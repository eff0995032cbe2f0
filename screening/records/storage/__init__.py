"""The database: tables, migrations, append-only triggers."""
