pub mod config;
pub mod document;
pub mod flow;
pub mod graph;
pub mod journal;
pub mod model;
pub mod policy;
pub mod printer;
