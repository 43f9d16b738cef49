//! The tree that an expression is.

use std::time::Duration;

use crate::{
    expr::{Expr, Series},
    label::LabelName,
    number::Window,
};

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Number(f64),
    /// A duration as a number of seconds.
    Seconds(Duration),
    Text(String),
    Series(Series),
    Range {
        of: Box<Expr>,
        window: Window,
        /// Of a subquery.
        step: Option<Duration>,
    },
    Call {
        function: &'static str,
        arguments: Vec<Expr>,
    },
    Aggregate {
        operator: &'static str,
        parameter: Option<f64>,
        grouping: Grouping,
        of: Box<Expr>,
    },
    Binary(Box<Binary>),
}

#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    All,
    By(Vec<LabelName>),
    Without(Vec<LabelName>),
}

#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub operator: Operator,
    pub returns_bool: bool,
    pub matching: Option<Match>,
    pub left: Expr,
    pub right: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub on: bool,
    pub labels: Vec<LabelName>,
    pub group: Group,
}

#[derive(Clone, Debug)]
pub(crate) enum Group {
    None,
    Left(Vec<LabelName>),
    Right(Vec<LabelName>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Unless,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

impl Operator {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Unless => "unless",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
        }
    }

    /// How tightly it binds.
    pub(crate) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Less
            | Self::LessOrEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo => 5,
            Self::Power => 6,
        }
    }

    pub(crate) const fn is_set(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Unless)
    }
}
