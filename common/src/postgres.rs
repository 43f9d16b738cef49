//! A kept, read-only, bounded connection to PostgreSQL.
