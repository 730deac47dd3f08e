pub mod flow;
pub mod journal;
pub mod model;
