//! Expressions as text: what stands there, and that a parser reads what was meant.

mod corpus;
mod definitions;
mod flow;
mod generator;
mod syntax;
mod text;
