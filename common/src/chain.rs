//! An error with its causes, for a person.
