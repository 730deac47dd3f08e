pub mod model;
pub mod flow;
pub mod journal;
