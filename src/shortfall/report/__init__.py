"""One result schema, tables, figures, pages: what people and programs read."""
