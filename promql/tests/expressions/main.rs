//! Expressions: their text, labels, units and problems.

mod corpus;
mod definitions;
mod dimension;
mod flow;
mod generator;
mod syntax;
mod text;
