"""The database and the pub/sub: tables, engine, migrations, events between server processes."""
