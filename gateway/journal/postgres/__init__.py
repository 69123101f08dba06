"""A journal on PostgreSQL, shared by several instances: one pen each, readers, and what each one holds by its locks."""
